"""Of two components on one VM, the second is refused by name, before anything is sent for it."""

from pathlib import Path

import pytest

from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider

from ..stack import COMPONENT, OTHER, WEB, configured

OTHER_COMPONENT = COMPONENT.replace("::web", "::again")


@pytest.fixture
def provider(inventory: Path) -> ReimageRequestProvider:
    """Return ReimageRequest's provider in its own host process."""
    provider = ReimageRequestProvider()
    configured(provider, {"azure-reimage:simulator": str(inventory)})
    return provider


def refusals(provider: ReimageRequestProvider, vm_id: object, urn: str = COMPONENT) -> list[str]:
    """Return why a component must not have a VM."""
    checked = provider.check({}, {"vm_id": vm_id, "component_urn": urn})
    return [failure.reason for failure in checked.failures or []]


@pytest.mark.parametrize(
    "spelled",
    [WEB, WEB.upper().replace("/SUBSCRIPTIONS", "/subscriptions"), f"{WEB}/"],
    ids=["the same", "other case", "slash at the end"],
)
def test_a_second_component_on_a_vm_is_refused(provider: ReimageRequestProvider, spelled: str) -> None:
    """Both are named, however the id is spelled."""
    assert refusals(provider, WEB) == []

    (refused,) = refusals(provider, spelled, OTHER_COMPONENT)

    assert f"is already reimaged by {COMPONENT}" in refused
    assert "Nothing was sent for this one." in refused


def test_the_engine_may_check_a_component_several_times(provider: ReimageRequestProvider) -> None:
    """A replacement is checked twice, and a replacement for another VM claims that VM."""
    assert [refusals(provider, WEB), refusals(provider, WEB), refusals(provider, OTHER)] == [[], [], []]
    assert refusals(provider, WEB, COMPONENT) == []


def test_components_on_different_vms_are_not_refused(provider: ReimageRequestProvider) -> None:
    """Nothing is claimed for a VM that a preview does not know yet."""
    assert refusals(provider, WEB) == []
    assert refusals(provider, OTHER, OTHER_COMPONENT) == []

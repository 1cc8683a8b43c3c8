"""The resource options of a program in another language."""

import asyncio
from collections.abc import Iterator

import pulumi
import pytest
from pulumi.provider.server import ProviderServicer
from pulumi.resource import DependencyProviderResource
from pulumi.runtime.proto import ConstructRequest

from pulumi_azure_reimage.options import OPTIONS, OptionError, Refused, check_options
from pulumi_azure_reimage.plugin.options import add_dropped, choose_providers, respell_options


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """Set an event loop, which the SDK's resources need and which never runs."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


STACK = "urn:pulumi:test::test::pulumi:pulumi:Stack::test-test"
PARENT = "urn:pulumi:test::test::my:index:Site::site"


def provider(package: str) -> pulumi.ProviderResource:
    """Return a provider as a plugin gets it from the engine."""
    return DependencyProviderResource(f"urn:pulumi:test::test::pulumi:providers:{package}::one::0")


def options(request: ConstructRequest) -> pulumi.ResourceOptions:
    """Return the options of a request."""
    return add_dropped(ProviderServicer._construct_options(request), request)  # noqa: SLF001 - as the server does.


def chosen(parent: str, own: pulumi.ProviderResource | None, *packages: str) -> list[str]:
    """Return the packages of the providers that the component gets."""
    opts = pulumi.ResourceOptions(providers=[provider(package) for package in packages])
    return [one.package for one in choose_providers(opts, parent, own).providers or []]  # type: ignore[union-attr]


def test_the_options_that_the_sdk_drops_are_refused_as_in_python() -> None:
    """Otherwise they would silently do nothing."""
    timeouts = ConstructRequest(customTimeouts=ConstructRequest.CustomTimeouts(create="1h"))
    with pytest.raises(OptionError, match="`custom_timeouts` is refused"):
        check_options("web", options(timeouts))
    with pytest.raises(OptionError, match="`additional_secret_outputs` is refused"):
        check_options("web", options(ConstructRequest(additionalSecretOutputs=["status"])))


def test_the_options_of_a_component_without_any_are_accepted() -> None:
    """The SDK fills in some of them."""
    check_options("web", options(ConstructRequest(parent=STACK)))


def test_the_order_of_a_replacement_reaches_the_component() -> None:
    """True, false and absent remain distinct."""
    assert options(ConstructRequest(deleteBeforeReplace=True)).delete_before_replace is True
    assert options(ConstructRequest(deleteBeforeReplace=False)).delete_before_replace is False
    assert options(ConstructRequest()).delete_before_replace is None


@pytest.mark.parametrize(
    ("parent", "own", "packages", "kept"),
    [
        (STACK, "pulumi-python", ["azure-reimage"], ["pulumi-python"]),
        (STACK, None, ["azure-reimage"], []),
        (STACK, None, ["azure-reimage", "pulumi-python", "azure-native"], ["pulumi-python"]),
        (STACK, None, ["azure-native"], ["azure-native"]),
        ("", None, ["azure-native"], ["azure-native"]),
        (PARENT, None, ["azure-native"], []),
        (PARENT, None, ["azure-native", "pulumi-python"], ["pulumi-python"]),
    ],
)
def test_the_provider_is_the_one_that_signs_in(
    parent: str, own: str | None, packages: list[str], kept: list[str]
) -> None:
    """A provider of azure-native is refused later, unless a parent may have meant it for another resource."""
    assert chosen(parent, provider(own) if own else None, *packages) == kept


@pytest.mark.parametrize(
    "option", [name for name, treatment in OPTIONS.items() if isinstance(treatment, Refused)]
)
def test_an_error_names_options_as_other_languages_do(option: str) -> None:
    """Names of inputs are respelled, too."""
    said = respell_options(f"the option `{option}` is refused. Use `prevent_reimage`.")

    assert "_" not in said
    assert "`preventReimage`" in said


def test_an_error_names_the_provider_of_other_languages() -> None:
    """Other languages declare the provider by its type."""
    with pytest.raises(OptionError) as refused:
        check_options("web", pulumi.ResourceOptions(providers=[provider("azure-native")]))

    assert (
        "Use a provider of the package azure-reimage (`pulumi:providers:azure-reimage`), which has the same"
        in (respell_options(str(refused.value)))
    )

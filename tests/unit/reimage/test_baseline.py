"""A new baseline: the message says which VM it records, what it includes, and that nothing is reimaged."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.inputs.parameters import Cause
from pulumi_azure_reimage.reimage.baseline import describe_leaving, preview_baseline
from pulumi_azure_reimage.reimage.begin import request_baseline

from ..fakes import LOOK, Azure, Reply, refused, vm_reply

BASELINE = "Baseline: OS disk old, version 1.0.0. Nothing is reimaged."
OTHER_VERSION = (
    "exact_version is 2.0.0, and the VM runs image version 1.0.0. A baseline changes nothing about that. To "
    "reimage the VM, change a trigger after this update."
)


def lines(azure: Azure, version: str | None, *, is_update: bool) -> list[str]:
    """Return the messages about a baseline that is recorded, or will be."""
    informed: list[str] = []
    context = replace(azure.context(), inform=informed.append)
    if is_update:
        request_baseline(context, version)
    else:
        preview_baseline(context, version)
    return [*informed, *azure.warnings]


@pytest.mark.parametrize("is_update", [True, False], ids=["update", "preview"])
@pytest.mark.parametrize(
    ("version", "said"),
    [(None, [BASELINE]), ("1.0.0", [BASELINE]), ("2.0.0", [BASELINE, OTHER_VERSION])],
    ids=["no version", "the version that it runs", "another version"],
)
def test_a_baseline_names_the_disk_and_says_that_nothing_is_reimaged(
    azure: Azure, version: str | None, said: list[str], *, is_update: bool
) -> None:
    """Preview and update each read the VM once, and say the same."""
    azure.script((LOOK, vm_reply()))

    assert lines(azure, version, is_update=is_update) == said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(404, "ResourceNotFound", "It was not found."), "Check `vm_id`."),
        (
            refused(403, "AuthorizationFailed"),
            "The identity needs the actions Microsoft.Compute/virtualMachines/read",
        ),
    ],
    ids=["no VM", "no right"],
)
def test_a_preview_says_that_the_vm_cannot_be_read_and_does_not_fail(
    azure: Azure, answer: Reply, words: str
) -> None:
    """The program may create the VM, and the update may run with another identity."""
    azure.script((LOOK, answer))

    (said,) = lines(azure, None, is_update=False)

    assert said.startswith("The update fails, unless this has changed by then: Cannot read VM web: ")
    assert words in said


def test_a_preview_says_that_signing_in_fails(azure: Azure) -> None:
    """The update fails in the same way, unless it runs with another identity."""
    azure.tokens.failure = ConfigurationError("Entra refused the secret.")

    (said,) = lines(azure, None, is_update=False)

    assert said == (
        "The update fails, unless this has changed by then: Entra refused the secret. Nothing was sent; no "
        "disk was touched."
    )


def test_what_changed_beside_a_replaced_request_is_named() -> None:
    """The new baseline includes the change, so nothing will request it any more."""
    included = (Cause("triggers.image", "triggers.image changed"),)

    assert describe_leaving("web", included) == (
        "VM web stays as it is. The update records a new baseline and sends nothing. The new baseline "
        "includes what has changed (triggers.image changed), so that is not requested any more. To reimage "
        "the VM, change a trigger after this update."
    )

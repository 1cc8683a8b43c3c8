"""What a preview says about a reimage. No value is ever printed."""

import pytest

from pulumi_azure_reimage.arm.virtual_machine import DiskFacts
from pulumi_azure_reimage.inputs.changes import causes
from pulumi_azure_reimage.inputs.parameters import Cause, ReimageParameters, parse_inputs
from pulumi_azure_reimage.inputs.unknown import UNKNOWN
from pulumi_azure_reimage.reimage.announcement import announcement, one_line

from ..fakes import desired, disk

DETACH = "Azure keeps the old one and bills it until it is deleted (deleteOption Detach)"


@pytest.mark.parametrize(
    ("parameters", "facts", "sentences"),
    [
        pytest.param(
            ReimageParameters(),
            disk(),
            ["everything on its OS disk.", DETACH, "Image version: 1.0.0, unchanged."],
            id="Detach",
        ),
        pytest.param(
            ReimageParameters(exact_version="2.0"),
            disk(delete_option="Delete"),
            ["The old one is deleted (deleteOption Delete)", "Image version: 1.0.0 -> 2.0."],
            id="Delete, and another version",
        ),
        pytest.param(
            ReimageParameters(temp_disk=True, exact_version="1.0.0"),
            disk(ephemeral=True),
            [
                "everything on its OS disk and its temporary disk.",
                "The OS disk is ephemeral, so the disk itself is reset.",
                "Image version: 1.0.0, unchanged.",
            ],
            id="ephemeral, with the temporary disk",
        ),
        pytest.param(
            ReimageParameters(temp_disk=False),
            None,
            ["everything on its OS disk. Kept:"],
            id="nothing is known",
        ),
    ],
)
def test_a_preview_says_why_what_is_lost_and_what_stays(
    parameters: ReimageParameters, facts: DiskFacts | None, sentences: list[str]
) -> None:
    """It depends on the kind of disk."""
    reimage = desired(
        Cause("triggers.image", "triggers.image changed"),
        Cause("exact_version", "added"),
        parameters=parameters,
    )

    said = announcement("web", reimage, facts)

    assert said.line == "VM web will be reimaged: triggers.image changed, added."
    assert said.details.startswith("Lost: everything on its OS disk")
    assert [sentence for sentence in sentences if sentence not in said.details] == []
    assert said.details.endswith("Kept: data disks, network interfaces, identity.")


def test_a_preview_that_does_not_know_a_value_yet_says_may() -> None:
    """It must neither promise a reimage nor hide it."""
    said = announcement(
        "web", desired(*causes({}, parse_inputs({"vm_id": UNKNOWN, "triggers": UNKNOWN}, {}))), disk()
    )

    assert said.line == "VM web may be reimaged: triggers not known yet."
    assert not said.certain


def test_a_line_of_just_the_length_is_whole() -> None:
    """A line with one more letter is too long."""
    whole = "x" * len(one_line("x" * 1000))

    assert one_line(whole) == whole
    assert one_line(f"{whole}x") == f"{whole[:-1]}…"


def test_a_line_fits_into_a_terminal_of_120_columns() -> None:
    """Pulumi prints `    warning: ` before it. A machine can have many causes."""
    many = [Cause(f"triggers.{number}", f"triggers.{number} changed") for number in range(20)]

    said = announcement("a-machine-with-a-long-name", desired(*many), None)

    assert len(f"    warning: {said.line}") == 120
    assert said.line.endswith("…")
    assert said.details.startswith("The causes are: triggers.0 changed, triggers.1 changed,")
    assert "triggers.19 changed. Lost: " in said.details

"""Lines of a script for several machines at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_azure_reimage.simulator.faults.language import parse_fault

if TYPE_CHECKING:
    from ..client import World


def test_a_pattern_matches_machines_by_name_in_any_letter_case(world: World) -> None:
    """It counts the requests of all of them, and applies to machines that are added later."""
    world.simulator.script("POST 1-2 WEB-*: 503")
    world.simulator.add("web-1")
    world.simulator.add("web-2")
    statuses = [world.reimage(name).status for name in ("kept", "web-1", "web-2", "web-2")]

    assert statuses == [202, 503, 503, 202]


def test_a_question_mark_is_one_letter() -> None:
    """This is the same as in a shell."""
    fault = parse_fault("reimage every web-?: fail")

    assert fault.matches("reimage", "web-1", None)
    assert not fault.matches("reimage", "web-10", None)
    assert not fault.matches("reimage", None, None)


def test_a_pattern_can_be_one_of_resource_ids() -> None:
    """An example is every machine of a resource group."""
    fault = parse_fault("GET every */resourceGroups/rg-one/*: 500")
    path = "/subscriptions/s/resourcegroups/{}/providers/microsoft.compute/virtualmachines/web"

    assert fault.matches("GET", "web", path.format("rg-one"))
    assert not fault.matches("GET", "web", path.format("rg-two"))

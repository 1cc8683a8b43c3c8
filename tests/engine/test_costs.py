"""What a machine costs on the real engine, as counts: requests to ARM, reimages, and bytes of state."""

import sys
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Self

from pulumi_azure_reimage.simulator import serve
from tests.engine.conftest import NewStack
from tests.engine.reimaging import COMPONENT, OPERATION, REQUEST, RESULT, Reimaging, declare

VERSIONED = "versioned"
FLEET: Mapping[str, Mapping[str, object]] = {
    "managed": {},
    "ephemeral": {"os_disk": "Ephemeral"},
    VERSIONED: {},
}
# Each happens to the first request for a reimage of a machine, or to its first reimage. None of them says
# that the reimage failed.
STORIES = {
    "unreachable": "POST 1 unreachable: drop before send",
    "lost-request": "POST 1 lost-request: drop on the way",
    "lost-answer": "POST 1 lost-answer: drop after send",
    "reset": "POST 1 reset: reset after send",
    "half": "POST 1 half: cut body",
    "gateway": "POST 1 gateway: 504 GatewayTimeout after send",
    "unavailable": "POST 1 unavailable: 503 ServerBusy",
    "throttled": "POST 1 throttled: 429, retry-after 1",
    "refused": "POST 1 refused: 400 InvalidParameter",
    "late-view": "reimage late-view: show late 2",
    "late-answer": "POST 1 late-answer: slow 2",
    "no-link": "POST 1 no-link: without azure-asyncoperation, without location",
    "bad-polls": "poll 1-2 bad-polls: 500",
}


def test_a_machine_that_is_due_costs_three_reads_in_a_preview_and_five_in_an_update(
    new_stack: NewStack,
) -> None:
    """Polls are not counted. A machine that is not due costs nothing."""
    fleet = Reimaging.with_baseline(new_stack, FLEET)
    fleet.inputs[VERSIONED]["exact_version"] = fleet.simulator.machine(VERSIONED).image_version

    with _Reads(fleet) as previewed:
        preview = fleet.preview(triggers={"image": "2"})
    with _Reads(fleet) as updated:
        update = fleet.up()
    with _Reads(fleet) as unchanged:
        second = fleet.preview()

    assert preview.ok, preview.text
    assert update.ok, update.text
    assert second.changes == {"same": 1 + 4 * len(FLEET)}
    assert max(previewed.of_each.values()) <= 3, previewed.seen
    assert max(updated.of_each.values()) <= 5, updated.seen
    assert unchanged.seen == []


def test_a_request_in_doubt_costs_two_more_reads(new_stack: NewStack) -> None:
    """An earlier run may have sent it, so the VM is read before the fence and after it."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})
    fleet.simulator.script("POST 1 web: 400 InvalidParameter")
    refused = fleet.up(triggers={"image": "2"})

    with _Reads(fleet) as reads:
        resolved = fleet.up()

    assert not refused.ok
    assert resolved.ok, resolved.text
    # The activity log belongs to no machine.
    assert len(reads.seen) <= 7, reads.seen


def test_no_story_without_a_known_failure_reimages_a_machine_twice(new_stack: NewStack) -> None:
    """Each change is carried out once, no matter how often `pulumi up` must be run for it."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in STORIES})
    fleet.simulator.script(*STORIES.values())

    runs = [fleet.up(triggers={"image": "2"}) for _ in range(3)]

    # Azure keeps the old disk of each reimage that it carries out.
    disks = [disk.name for disk in fleet.simulator.disks()]
    assert runs[-1].ok, runs[-1].text
    assert {name: sum(_is_disk_of(name, disk) for disk in disks) for name in STORIES} == dict.fromkeys(
        STORIES, 2
    )


def test_the_state_of_a_machine_that_was_reimaged_is_22_5_kb_at_most(new_stack: NewStack) -> None:
    """This is under the Automation API, whose recorded call stacks are deep, with URLs as long as Azure's."""
    names = [f"web-{number}" for number in range(10)]
    fleet = Reimaging.start(new_stack, {name: {} for name in names}, seconds=0)
    with serve(fleet.simulator) as server:
        fleet.stack.set_config("azure-reimage:simulator", server.url)
        # The outputs that the other tests export would be in state too.
        fleet.stack.program = partial(declare, fleet.inputs, export=False)
        for image in ("1", "2", "3"):
            ended = fleet.up(triggers={"image": image})
            assert ended.ok, ended.text

    assert fleet.stack.checkpoint_file.stat().st_size / len(names) <= 22_500


def test_call_stacks_in_state_are_short_and_show_where_the_program_declared_the_component(
    new_stack: NewStack,
) -> None:
    """Most frames belong to the SDK, and state is written at every step."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})

    depths = [len(fleet.state(kind, "web")["stackTrace"]) for kind in (REQUEST, OPERATION, RESULT)]
    declared = fleet.state(COMPONENT, "web")["stackTrace"]

    assert depths == [2, 2, 2]
    assert "reimaging.py" in declared[0]["sourcePosition"]
    assert len(declared) == 6
    assert not hasattr(sys, "tracebacklimit")


class _Reads:
    """The GETs of machines, and of documents about them, that reach the simulator while the block runs."""

    def __init__(self, fleet: Reimaging) -> None:
        self._fleet = fleet
        self.seen: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        self._before = len(self._fleet.simulator.requests())
        return self

    def __exit__(self, *_: object) -> None:
        requests = self._fleet.simulator.requests()[self._before :]
        reads = [request for request in requests if request.method == "GET" and not _is_poll(request.path)]
        # The version of an image belongs to no machine, and only one machine requests one.
        self.seen = [(request.name or VERSIONED, request.path) for request in reads]

    @property
    def of_each(self) -> Counter[str]:
        """The number of GETs for each machine."""
        return Counter(name for name, _ in self.seen)


def _is_disk_of(machine: str, disk: str) -> bool:
    return disk.startswith(f"{machine}_OsDisk")


def _is_poll(path: str) -> bool:
    return "/operations/" in path

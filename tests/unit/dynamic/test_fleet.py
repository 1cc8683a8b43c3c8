"""Many machines: what is said once for all of them, and how many one run may reimage."""

from threading import Thread

import pytest

from pulumi_azure_reimage.dynamic.fleet import Fleet
from pulumi_azure_reimage.reimage.announcement import PLACE_OF_URN, Announcement

LOST = "Lost: everything on its OS disk."


def urn(name: str) -> str:
    """Return the URN of a component."""
    return f"urn:pulumi:dev::project::azure-reimage:index:VirtualMachineReimage::{name}"


def fleet_of(*names: str) -> Fleet:
    """Return a fleet with these machines."""
    fleet = Fleet()
    for name in names:
        fleet.join(urn(name), f"urn of {name}")
    return fleet


def due(details: str = LOST, *, certain: bool = True) -> Announcement:
    """Return the announcement of a reimage."""
    return Announcement("VM web will be reimaged.", details, certain)


# What is said


@pytest.mark.parametrize(
    ("names", "said_of"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "4 machines"),
    ],
    ids=["one", "two", "three", "many"],
)
def test_what_holds_for_many_machines_is_said_once(names: list[str], said_of: str) -> None:
    """A few machines are named, and more are counted."""
    fleet = fleet_of(*names, "unchanged")
    for name in names:
        fleet.announce(urn(name), due())

    count, details = fleet.report()

    assert count == f"{len(names)} of {len(names) + 1} machines will be reimaged."
    assert details == f"{said_of}: {LOST}"


def test_what_is_different_is_said_for_each_kind() -> None:
    """Each kind names the machines that it is about."""
    fleet = fleet_of("a", "b", "c")
    for name, details in (("a", "Kept."), ("b", "Deleted."), ("c", "Kept.")):
        fleet.announce(urn(name), due(details))

    assert fleet.report()[1:] == ["a and c: Kept.", "b: Deleted."]


def test_a_report_says_what_is_new() -> None:
    """A machine that depends on another one is previewed later."""
    fleet = fleet_of("a", "b")
    fleet.announce(urn("a"), due())
    fleet.report()

    nothing = fleet.report()
    fleet.announce(urn("b"), due())

    assert nothing == []
    assert fleet.report() == ["2 of 2 machines will be reimaged.", f"a and b: {LOST}"]


def test_a_run_without_a_reimage_says_nothing() -> None:
    """Most runs have none."""
    assert fleet_of("a", "b").report() == []


@pytest.mark.parametrize(
    ("certain", "said"),
    [
        ([True], "1 of 1 machine will be reimaged."),
        ([False], "1 of 1 machine may be reimaged."),
        ([True, False], "1 of 2 machines will be reimaged, and 1 more may be."),
    ],
    ids=["one", "perhaps", "both"],
)
def test_what_is_not_certain_is_counted_apart(certain: list[bool], said: str) -> None:
    """In a preview, some values are not known yet."""
    names = "ab"[: len(certain)]
    fleet = fleet_of(*names)
    for name, is_certain in zip(names, certain, strict=True):
        fleet.announce(urn(name), due(certain=is_certain))

    assert fleet.report()[0] == said


def test_a_command_names_the_machine_if_it_is_about_one() -> None:
    """Such a command can be copied. For several machines, it says which URN is meant."""
    alone, many = fleet_of("a"), fleet_of("a", "b")
    text = f"Run `pulumi up --replace '{PLACE_OF_URN}'`."
    alone.note(urn("a"), text)
    for name in "ab":
        many.note(urn(name), text)

    assert alone.report() == ["a: Run `pulumi up --replace 'urn of a'`."]
    assert many.report() == [f"a and b: {text}"]


# How many may be reimaged


@pytest.mark.parametrize(("limit", "refuses"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_preview_counts_what_is_certain(limit: int, *, refuses: bool) -> None:
    """Two reimages are certain. One that depends on a value that is not known yet is not."""
    fleet = fleet_of("a", "b", "c")
    for name, certain in (("a", True), ("b", True), ("c", False)):
        fleet.announce(urn(name), due(certain=certain))

    assert (fleet.refuse_announced(limit) is not None) is refuses


def test_a_preview_counts_a_doubt_that_may_be_sent() -> None:
    """It is announced as uncertain, because Azure may already have accepted the earlier request."""
    fleet = fleet_of("a", "b")
    fleet.announce(urn("a"), due())
    fleet.announce(urn("b"), due(certain=False))
    fleet.decide(urn("b"), sends=True)

    refusal = fleet.refuse_announced(1)

    assert refusal is not None
    assert refusal.startswith(
        "2 machines would be reimaged in this run, and azure-reimage:maxReimagesPerRun allows 1."
    )


@pytest.mark.parametrize(
    ("decisions", "refuses"),
    [
        pytest.param([True, True], False, id="as many"),
        pytest.param([True, True, False], False, id="one is left alone"),
        pytest.param([True, True, None], True, id="one is not decided in time"),
        pytest.param([True, True, True], True, id="one too many"),
    ],
)
def test_an_update_counts_what_was_decided(decisions: list[bool | None], *, refuses: bool) -> None:
    """What is not decided yet counts as a reimage, so that no more are sent than the limit allows."""
    fleet = fleet_of(*"abc")
    for name, sends in zip("abc", decisions, strict=False):
        fleet.expect(urn(name))
        if sends is not None:
            fleet.decide(urn(name), sends=sends)

    assert (fleet.refuse_due(urn("a"), 2, patience=0) is not None) is refuses


def test_an_update_waits_for_the_decisions_that_are_under_way() -> None:
    """They must be made before the first request is sent."""
    fleet = fleet_of("a", "b")
    fleet.decide(urn("a"), sends=True)
    fleet.expect(urn("b"))
    found: list[str | None] = []
    waits = Thread(target=lambda: found.append(fleet.refuse_due(urn("a"), 1)))
    waits.start()

    fleet.decide(urn("b"), sends=False)
    waits.join(timeout=60)

    assert found == [None]


def test_a_machine_within_the_limit_waits_for_no_decision() -> None:
    """Every machine may be sent then, whatever the others decide."""
    fleet = fleet_of("a", "b")
    fleet.expect(urn("b"))

    assert fleet.refuse_due(urn("a"), 2, patience=60) is None


def test_a_machine_that_is_to_be_sent_does_not_wait_for_itself() -> None:
    """It counts, although its own step has not ended."""
    fleet = fleet_of("a")
    fleet.reopen(urn("a"))

    assert fleet.refuse_due(urn("a"), 0, patience=60) is not None


@pytest.mark.parametrize(("sends", "refuses"), [(None, True), (True, True), (False, False)])
def test_a_step_that_is_open_counts_as_a_reimage_unless_it_finds_otherwise(
    sends: bool | None,  # noqa: FBT001 - a parameter of the test.
    refuses: bool,  # noqa: FBT001 - as above.
) -> None:
    """A step that fails has not found out anything, and it may have sent."""
    fleet = fleet_of("a", "b")
    fleet.decide(urn("b"), sends=False)
    fleet.reopen(urn("b"))

    with fleet.settling(urn("b")):
        if sends is not None:
            fleet.decide(urn("b"), sends=sends)

    assert (fleet.refuse_due(urn("a"), 1, patience=60) is not None) is refuses


def test_a_step_of_a_machine_that_is_not_counted_leaves_it_uncounted() -> None:
    """Its request was decided by an earlier run, and nothing is sent for it."""
    fleet = fleet_of("a", "b")
    fleet.decide(urn("b"), sends=False)

    with fleet.settling(urn("b")):
        pass

    assert fleet.refuse_due(urn("a"), 1, patience=60) is None

"""Records and results. What state holds must mean the same when it is read back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pulumi_azure_reimage.arm.lro import Link
from pulumi_azure_reimage.arm.virtual_machine import DiskFacts
from pulumi_azure_reimage.errors import UnreadableStateError
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.record import Record, Result, as_recovered, baseline_result, with_disk

from ..fakes import LINK, LOCATION_URL, START, disk, requested

LOCATION = Link(LOCATION_URL, "Location")
SEEN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def record_with(**state: object) -> Record:
    """Return the record of a known VM with these keys in its state."""
    return Record.from_state({"before": disk().to_state(), **state})


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(Record(before=disk()), id="baseline"),
        pytest.param(requested(), id="requested"),
        pytest.param(requested(link=LOCATION), id="by Location"),
        pytest.param(requested(link=None), id="without a link"),
        pytest.param(as_recovered(requested()), id="recovered"),
        pytest.param(as_recovered(requested(), ended_well=True), id="recovered, and its end is known"),
        pytest.param(replace(requested(), seen_at=SEEN, requested_version="2.0"), id="seen at a time"),
    ],
)
def test_a_record_survives_the_state(record: Record) -> None:
    """A reimage that was accepted in one run is awaited in another."""
    assert Record.from_state(record.to_state()) == record


@pytest.mark.parametrize("seconds", [0.5, 20.0, 20, 600.0])
def test_a_pause_in_state_is_kept(seconds: float) -> None:
    """It is the pause that ARM asked for."""
    assert record_with(retry_after=seconds).retry_after == seconds


DAMAGED = [
    pytest.param("yesterday", id="a word"),
    pytest.param("", id="nothing"),
    pytest.param(5, id="a number"),
    pytest.param("0001-01-01T00:00:00+05:00", id="before the year 1, in UTC"),
    pytest.param("0001-01-01T00:00:00", id="the first moment"),
    pytest.param("9999-12-31T23:59:59.999999Z", id="the last moment"),
    pytest.param("9999-12-31T23:59:59-05:00", id="behind the year 9999, in UTC"),
    pytest.param("0000-01-01T00:00:00Z", id="the year 0"),
    pytest.param("2026-02-30T00:00:00Z", id="no such day"),
    pytest.param("12026-01-01T00:00:00Z", id="too many digits"),
    pytest.param("2026-11-23T12:00:00+99:00", id="no such zone"),
]


@pytest.mark.parametrize("value", DAMAGED)
@pytest.mark.parametrize("name", ["requested_at", "seen_at"])
def test_a_record_with_a_malformed_time_is_refused(name: str, value: object) -> None:
    """Without its time, a request would look like a baseline, or like a very old request."""
    with pytest.raises(UnreadableStateError, match=f"its {name} is not a time"):
        record_with(**{name: value})


@pytest.mark.parametrize("value", DAMAGED)
def test_a_look_with_a_malformed_time_is_refused(value: object) -> None:
    """The search in the activity log starts at that time."""
    look = Look(disk(), "f", START).to_state()

    with pytest.raises(UnreadableStateError, match="its read_at is not a time"):
        Look.from_state({**look, "read_at": value})


@pytest.mark.parametrize("value", ["0002-01-01T00:00:00+05:00", "9998-12-31T23:59:59-05:00"])
def test_a_time_that_is_only_odd_can_be_used(value: str) -> None:
    """A clock that is wrong by centuries breaks nothing."""
    time = record_with(requested_at=value).requested_at

    assert time is not None
    assert (time - timedelta(minutes=5)).astimezone(UTC) < (time + timedelta(minutes=5)).astimezone(UTC)


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"client_request_id": "x"}, id="only our id"),
        pytest.param({"operation_url": LINK.url}, id="only the URL"),
        pytest.param({"requested_at": "2026-11-23T12:00:00+00:00"}, id="only the time"),
    ],
)
def test_half_a_record_is_not_a_baseline(state: dict[str, object]) -> None:
    """A reimage was requested, so the wait must look at the VM."""
    assert not record_with(**state).is_baseline


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"retry_after": "soon", "requested_at": None, "operation_url": "", "recovered": "yes"},
        {"retry_after": None, "operation_url": 7, "client_request_id": ""},
        {"retry_after": float("nan")},
        {"retry_after": float("inf")},
        {"retry_after": 10**400},
        {"retry_after": -5.0},
        {"retry_after": True},
    ],
)
def test_what_only_helps_and_cannot_be_read_counts_as_absent(state: dict[str, object]) -> None:
    """A user may have edited the state."""
    record = record_with(**state)

    assert record.is_baseline
    assert (record.retry_after, record.requested_at, record.link, record.recovered) == (
        0.0,
        None,
        None,
        False,
    )


def test_a_time_without_a_zone_is_utc() -> None:
    """As UTC it can be compared with our times."""
    record = record_with(requested_at="2026-11-23T12:00:00")

    assert record.requested_at == SEEN


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({}, id="nothing"),
        pytest.param(None, id="no record"),
        pytest.param({"before": {}, "operation_url": LINK.url}, id="a record without a VM"),
        pytest.param({"before": {"os_disk_id": "a disk"}}, id="a disk without its VM"),
        pytest.param({"before": {"vm_unique_id": ""}}, id="an empty id"),
        pytest.param({"before": {"vm_unique_id": 7}}, id="an id that is no text"),
    ],
)
def test_a_record_that_does_not_say_which_vm_was_reimaged_is_refused(state: object) -> None:
    """Version 0.1.0 mistook that for a VM that was created again, and dropped a requested reimage."""
    with pytest.raises(UnreadableStateError, match="does not say which VM was reimaged"):
        Record.from_state(state)


def test_another_send_has_another_key() -> None:
    """The key tells the result which send it has waited for."""
    record = replace(requested(), request_id="r-1")

    assert record.key == replace(requested(retry_after=99), request_id="r-1").key
    assert record.key != replace(record, request_id="r-2").key
    assert record.key != replace(record, client_request_id="another").key


@pytest.mark.parametrize("ended_well", [True, False])
def test_a_recovered_record_has_no_link_and_says_that_it_was_recovered(*, ended_well: bool) -> None:
    """The operation's URL was lost with the answer, so the VM or the activity log is the witness."""
    record = as_recovered(requested(), ended_well=ended_well)

    assert (record.link, record.retry_after, record.recovered) == (None, 0.0, True)
    assert record.ended_well is ended_well
    assert not record.is_baseline


@pytest.mark.parametrize(
    ("before", "after", "retained"),
    [
        pytest.param(disk("old"), disk("new"), disk("old").os_disk_id, id="kept under Detach"),
        pytest.param(
            disk("old", delete_option="detach"), disk("new"), disk("old").os_disk_id, id="in lower case"
        ),
        pytest.param(disk("old", delete_option="Delete"), disk("new"), None, id="deleted"),
        pytest.param(disk("old", ephemeral=True), disk("new"), None, id="ephemeral"),
        pytest.param(disk("old"), disk("OLD"), None, id="the same disk"),
        pytest.param(disk("old"), disk(None), None, id="no id afterwards"),
        pytest.param(disk(None), disk("new"), None, id="no id before"),
    ],
)
def test_the_old_disk_is_named_only_if_azure_kept_it(
    before: DiskFacts, after: DiskFacts, retained: str | None
) -> None:
    """It is billed until it is deleted, and a disk that is in use must not be deleted."""
    result = Result("Succeeded", before, after)

    assert result.retained_os_disk_id == retained


@pytest.mark.parametrize(
    ("started", "completed", "seconds"),
    [
        pytest.param("2026-11-23T12:00:01Z", "2026-11-23T12:01:16Z", 75.0, id="whole seconds"),
        pytest.param("2024-08-26T07:15:56.1234567+00:00", "2024-08-26T07:15:57.6234567Z", 1.5, id="7 digits"),
        pytest.param("2026-11-23T12:00:01", "2026-11-23T12:00:02Z", 1.0, id="one without a zone"),
        pytest.param(None, "2026-11-23T12:01:16Z", None, id="no start"),
        pytest.param("2026-11-23T12:00:01Z", None, None, id="no end"),
        pytest.param("soon", "later", None, id="no times"),
    ],
)
def test_the_duration_is_by_arms_clock(
    started: str | None, completed: str | None, seconds: float | None
) -> None:
    """It is known only if ARM gave both times."""
    result = Result("Succeeded", disk(), disk(), started_at=started, completed_at=completed)

    assert result.duration_seconds == seconds


def test_a_baseline_shows_the_vm_as_it_is() -> None:
    """Nothing was sent, so the disks before and after are the same."""
    result = baseline_result(Record(before=disk()))

    assert result == Result("Baseline", disk(), disk())
    assert result.retained_os_disk_id is None


def test_a_refresh_shows_the_disk_that_the_vm_has_now() -> None:
    """What others did is drift. The outcome of the last reimage stays."""
    state = Result("Succeeded", disk("old"), disk("new"), operation_id="op").to_state()

    refreshed = with_disk(state, disk("other", version="2.0.0"))
    unchanged = with_disk(state, disk("NEW"))

    assert refreshed == {**state, "os_disk_id": disk("other").os_disk_id, "image_version": "2.0.0"}
    assert unchanged == state

"""Recorded traffic of Azure, replayed request by request: the simulator answers as Azure did."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pulumi_azure_reimage.simulator import Response

from .comparison import Comparison
from .deviations import DEVIATIONS, listed
from .recording import CLI_2023, CLI_2024, POWERSHELL_2019, RECORDINGS, Recorded, ephemeral_facts, load
from .replay import machine_as_recorded, replay

Wrong: TypeAlias = Callable[[Response], Response]


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_answered_as_azure_answered_it(name: str, tmp_path: Path) -> None:
    """Status, headers, keys, types, values, times and equal ids agree, except for what is listed."""
    differences = replay(name, tmp_path)

    assert [found for found in differences if not listed(found)] == []


def test_every_listed_deviation_still_occurs(tmp_path: Path) -> None:
    """A deviation that was fixed must be removed from the list."""
    seen = {place for name in RECORDINGS for found in replay(name, tmp_path) for place in listed(found)}

    assert {place for deviation in DEVIATIONS for place in deviation.places} - seen == set()


def test_an_ephemeral_disk_keeps_its_name_as_recorded(tmp_path: Path) -> None:
    """The VM keeps its identity. The name of a managed disk changes, which the other replays compare."""
    facts = ephemeral_facts()
    with machine_as_recorded(POWERSHELL_2019, tmp_path) as world:
        name = world.simulator.machines()[0].name
        before = world.vm(name)
        world.reimage_to_the_end(name, {"tempDisk": True})
        after = world.vm(name)

    assert facts["osDiskName_before"]["name"] == facts["osDiskName_after"]["name"]
    assert _disk(before) == _disk(after)
    assert before["properties"]["vmId"] == after["properties"]["vmId"]


def test_a_version_that_does_not_exist_is_ignored_as_recorded_where_the_inventory_says_so(
    tmp_path: Path,
) -> None:
    """This needs `unknown_version = "ignore"`; without it, there is the listed deviation."""
    catalogue = {
        "publisher": "OpenLogic",
        "offer": "CentOS",
        "sku": "7.5",
        "versions": ["7.5.201808150"],
        "unknown_version": "ignore",
    }

    differences = replay(CLI_2023, tmp_path, image=[catalogue])

    assert [found for found in differences if found.place.endswith("exactVersion")] == []


def _disk(vm: dict[str, Any]) -> object:
    return vm["properties"]["storageProfile"]["osDisk"]


# The comparison itself: answers with one mistake, and the place at which it must report it.


def _with_header(name: str, value: str | None) -> Wrong:
    def wrong(response: Response) -> Response:
        headers = {key: text for key, text in response.headers.items() if key != name}
        return replace(response, headers=headers if value is None else {**headers, name: value})

    return wrong


def _with_text(old: str, new: str) -> Wrong:
    def wrong(response: Response) -> Response:
        body = response.body.replace(old.encode(), new.encode())
        assert body != response.body
        return replace(response, body=body, headers={**response.headers, "content-length": str(len(body))})

    return wrong


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (lambda response: replace(response, status=202), "status"),
        (_with_header("etag", None), "header etag"),
        (_with_header("x-extra", "1"), "header x-extra"),
        (_with_header("content-length", "7"), "header content-length"),
        (_with_header("content-type", "text/plain"), "header content-type"),
        (_with_header("date", "Mon, 26 Aug 2024 07:15:54 GMT"), "header date"),
        (_with_text('"vmId"', '"vmid"'), "body.properties.vmId"),
        (
            _with_text('"diskSizeGB":30', '"diskSizeGB":"30"'),
            "body.properties.storageProfile.osDisk.diskSizeGB",
        ),
        (_with_text('"tags":{},', ""), "body.tags"),
        (_with_text("_OsDisk_1_0", "_OsDisk_2_0"), "body.properties.storageProfile.osDisk.name"),
        (
            _with_text(f'_{"0" * 31}1"', f'_{"0" * 31}2"'),
            "body.properties.storageProfile.osDisk.name, identity",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_comparison_sees_what_is_wrong(wrong: Wrong, place: str) -> None:
    """It sees status, headers, keys, types, values, and a disk that is not the same as before."""
    recorded = load(CLI_2024)[1]
    comparison = Comparison()
    right = _as_recorded(recorded)
    assert list(comparison.differences(recorded, right)) == []

    found = list(comparison.differences(recorded, wrong(right)))

    assert place in [difference.place for difference in found]


def _as_recorded(recorded: Recorded) -> Response:
    """Answer exactly as recorded, with another name for the disk."""
    disk = recorded.answer["properties"]["storageProfile"]["osDisk"]["name"]
    text = json.dumps(recorded.answer, separators=(",", ":"))
    body = text.replace(disk.rpartition("_")[2], f"{'0' * 31}1").encode()
    return Response(recorded.status, {**recorded.headers, "content-length": str(len(body))}, body)

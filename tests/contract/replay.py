"""Plays a recording against a simulator with the recorded machine, on the clock of the recording."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pulumi_azure_reimage.simulator import Response, Simulator
from tests.unit.simulator.client import FakeNow, World

from .comparison import Comparison, Difference
from .recording import CLI_2023, CLI_2024, FAILED, POWERSHELL_2019, SCALE_SET_2024, Recorded, load

API_VERSION = "2024-07-01"
_CENTOS = {
    "size": "Standard_DS1_v2",
    "os_disk": "Delete",
    "image": {"publisher": "OpenLogic", "offer": "CentOS", "sku": "7.5", "version": "latest"},
    "image_version": "7.5.201808150",
}
# What is known of each recorded machine; the time is that of its creation, or before the first request.
_MACHINES: Mapping[str, tuple[str, str, Mapping[str, Any], str]] = {
    CLI_2023: ("vm", "westus", _CENTOS, "2023-11-01T10:27:02.956700+00:00"),
    CLI_2024: ("vm", "westus", _CENTOS, "2024-08-26T07:14:30.115761+00:00"),
    POWERSHELL_2019: (
        "vmcrptestps8896",
        "eastus",
        {
            "size": "Standard_DS1_v2",
            "os_type": "Windows",
            "os_disk": "Ephemeral",
            "image": {
                "publisher": "MicrosoftWindowsServer",
                "offer": "WindowsServer",
                "sku": "2008-R2-SP1",
                "version": "latest",
            },
            "image_version": "2.127.20180613",
        },
        "2019-01-16T20:30:00+00:00",
    ),
    SCALE_SET_2024: ("vm", "westus", {"scale_set": "vmss000002"}, "2024-08-26T09:40:00+00:00"),
    FAILED: ("vm-000003", "westus", {}, "2023-10-31T09:00:00+00:00"),
}


def replay(name: str, folder: Path, **inventory: object) -> list[Difference]:
    """Play a recording and return every difference; its place begins with the request.

    Args:
        name: The recording.
        folder: Where the simulator keeps its world.
        inventory: Further keys of the inventory.
    """
    with machine_as_recorded(name, folder, **inventory) as world:
        stage = _Stage(world, _MACHINES[name][0])
        recorded = load(name)
        return [
            Difference(f"{name}: {_step(exchange)}: {found.place}", found.recorded, found.simulated)
            for index, exchange in enumerate(recorded)
            for found in stage.play(exchange, recorded[index:])
        ]


@contextmanager
def machine_as_recorded(name: str, folder: Path, **inventory: object) -> Iterator[World]:
    """Open a simulator with the machine of a recording, at the time of its creation."""
    machine, location, settings, created = _MACHINES[name]
    # All exchanges of a recording are in one resource group.
    group = next((part for part in _groups(load(name))), "rg")
    path = folder / f"{name}.json"
    # The recordings have no Retry-After, because Azure did not send it or the recorder dropped it.
    defaults = {
        "resource_group": group,
        "location": location,
        "retry_after": False,
        "machine": [{"name": machine, **settings}],
    }
    path.write_text(json.dumps({**defaults, **inventory}))
    now = FakeNow()
    now.time = datetime.fromisoformat(created)
    with Simulator.open(path, now=now) as simulator:
        yield World(simulator, now)


def _groups(recorded: Sequence[Recorded]) -> Iterator[str]:
    for exchange in recorded:
        _, found, rest = urlsplit(exchange.url).path.partition("/resourceGroups/")
        if found:
            yield rest.split("/")[0]


@dataclass
class _Stage:
    """A replay in progress."""

    world: World
    machine: str
    comparison: Comparison = field(default_factory=Comparison)
    links: Mapping[str, str] = field(default_factory=dict)

    def play(self, exchange: Recorded, rest: Sequence[Recorded]) -> list[Difference]:
        """Send a request as it was recorded, when it was recorded; `rest` begins with it."""
        if exchange.at is None:
            return list(self.comparison.differences(exchange, self._failed(exchange)))
        self.world.now.time = exchange.at
        if exchange.method == "POST":
            self._prepare(rest)
        # A scale set's body names instances; the machine that stands for it has none.
        body = None if "/virtualMachineScaleSets/" in exchange.url else exchange.body
        response = self.world.send(exchange.method, self._url(exchange), body)
        if exchange.method == "POST":
            self.links = response.headers
        return list(self.comparison.differences(exchange, response))

    def _prepare(self, rest: Sequence[Recorded]) -> None:
        """Make the operation begin when it began in the recording, and take as long."""
        polls = [exchange.answer for exchange in rest if "startTime" in exchange.answer]
        begin = _moment(polls[0]["startTime"])
        end = next(_moment(poll["endTime"]) for poll in polls if "endTime" in poll)
        self.world.now.time = begin
        self.world.simulator.set_operation_seconds(self.machine, (end - begin).total_seconds())

    def _failed(self, exchange: Recorded) -> Response:
        """Make an operation end as the recorded one did, and poll it."""
        self._prepare([exchange])
        error = exchange.answer["error"]
        self.world.simulator.script(f"reimage: fail {error['code']} {json.dumps(error['message'])}")
        accepted = self.world.reimage(self.machine)
        self.world.now.time = _moment(exchange.answer["endTime"])
        return self.world.get(accepted.headers["azure-asyncoperation"])

    def _url(self, exchange: Recorded) -> str:
        url = urlsplit(exchange.url)
        if "/operations/" in url.path:
            return self.links["location" if _is_monitor(exchange) else "azure-asyncoperation"]
        expand = "$expand=instanceView&" if "$expand" in url.query else ""
        path = url.path
        if "/virtualMachineScaleSets/" in path:
            path = f"{self.world.simulator.machine(self.machine).id}/reimage"
        return f"{path}?{expand}api-version={API_VERSION}"


def _step(exchange: Recorded) -> str:
    if "/operations/" in exchange.url:
        return "location" if _is_monitor(exchange) else "poll"
    if exchange.method == "POST":
        return "POST"
    return "GET with instance view" if "$expand" in exchange.url else "GET"


def _is_monitor(exchange: Recorded) -> bool:
    return dict(parse_qsl(urlsplit(exchange.url).query)).get("monitor") == "true"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)

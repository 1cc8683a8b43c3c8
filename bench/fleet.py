"""Simulated machines, served over HTTP by a process of their own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_azure_reimage.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pulumi_azure_reimage.simulator.http.request_log import LoggedRequest

_PATIENCE = 10.0
_ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Fleet:
    """The machines, and the server in front of them.

    Attributes:
        url: Where the server listens, on the loopback interface.
        vm_ids: The resource id of each machine by its name.
        inventory: The file that names them. Their state is kept beside it.
    """

    url: str
    vm_ids: dict[str, str]
    inventory: Path

    def reimages(self) -> dict[str, int]:
        """Return how many reimages of each machine were accepted."""
        with Simulator.open(self.inventory) as simulator:
            posts = Counter(post.name for post in simulator.reimage_requests() if post.status == _ACCEPTED)
        return {name: posts[name] for name in self.vm_ids}

    def requests(self) -> list[LoggedRequest]:
        """Return every request that arrived, oldest first."""
        with Simulator.open(self.inventory) as simulator:
            return simulator.requests()

    def identities(self) -> dict[str, tuple[str, str]]:
        """Return what identifies each machine: `properties.vmId`, and how its OS disk's name ends."""
        with Simulator.open(self.inventory) as simulator:
            return {
                machine.name: (machine.vm_id, machine.os_disk_name.removeprefix(machine.name))
                for machine in simulator.machines()
            }

    def script(self, *lines: str) -> None:
        """Make faults happen from now on, each given as a line of the simulator's language."""
        with Simulator.open(self.inventory) as simulator:
            simulator.script(*lines)


@contextlib.contextmanager
def served_fleet(
    folder: Path, machines: int, seconds: float, retry_after: int, *, throttled: bool = True
) -> Iterator[Fleet]:
    """Serve machines while the block runs.

    Args:
        folder: Where the inventory and the state are written.
        machines: How many.
        seconds: How long a reimage takes.
        retry_after: The Retry-After header of every answer about an operation.
        throttled: Whether requests are throttled as Azure throttles them.
    """
    inventory = folder / "machines.json"
    names = [f"vm{number:03}" for number in range(machines)]
    content = {
        "operation_seconds": seconds,
        "retry_after": retry_after,
        "throttling": {"enabled": throttled},
        "machine": [{"name": name} for name in names],
    }
    inventory.write_text(json.dumps(content))
    with Simulator.open(inventory) as simulator:
        vm_ids = {machine.name: machine.id for machine in simulator.machines()}
    server = subprocess.Popen(
        [sys.executable, "-m", "pulumi_azure_reimage.simulator", "serve", inventory],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None  # noqa: S101 - asked for above; for the type checker.
        url = server.stdout.readline().strip()
        if not url:
            raise ChildProcessError(f"the simulator's server ended with {server.wait(_PATIENCE)}")
        yield Fleet(url, vm_ids, inventory)
    finally:
        server.terminate()
        try:
            server.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.communicate()

"""Two clients of one simulator, which use its clock: ours, and Azure's own."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.compute import ComputeManagementClient

from pulumi_azure_reimage.arm.client import ArmClient, RequestIds
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.arm.tokens import PlaceholderTokenSource
from pulumi_azure_reimage.arm.transport import ArmTransport, http_client
from pulumi_azure_reimage.reimage.context import VmContext
from tests.unit.simulator.client import FakeNow, World

from .replay import API_VERSION

ENDPOINT = "https://management.azure.com"
IDS = RequestIds("our-client-request-id", "our-correlation-id")
_AN_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class WorldClock:
    """The simulator's clock as a client reads it; pausing moves it."""

    world: FakeNow

    def now(self) -> datetime:
        """Return the time."""
        return self.world.time

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.world.time.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.world.advance(seconds)

    def jitter(self, seconds: float) -> float:
        """Return `seconds` as they are."""
        return seconds


def our_target(world: World, name: str, carrier: httpx.BaseTransport, endpoint: str = ENDPOINT) -> VmContext:
    """Return a VM as our provider reaches it, over any transport."""
    clock = WorldClock(world.now)
    transport = ArmTransport(endpoint, PlaceholderTokenSource(), client=http_client(carrier))
    return VmContext(
        arm=ArmClient(transport, clock, API_VERSION),
        clock=clock,
        vm_id=VirtualMachineId.parse(world.simulator.machine(name).id),
        ids=IDS,
        deadline=clock.monotonic() + _AN_HOUR,
        progress=lambda _: None,
        warn=lambda _: None,
    )


class StaticCredential:
    """A sign-in that always gives the same token."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:  # noqa: ANN401 - the protocol's
        """Return the token."""
        return AccessToken("static", 4_000_000_000)


class _OnWorldClock(RequestsTransport):  # type: ignore[misc] # azure-core imports it lazily, as Any.
    """Azure's own transport, whose pauses move the simulator's clock."""

    def __init__(self, now: FakeNow, authority: Path) -> None:
        super().__init__(connection_verify=str(authority))
        self._now = now

    def sleep(self, duration: float) -> None:
        self._now.advance(duration)


def azure_client(world: World, url: str, authority: Path) -> ComputeManagementClient:
    """Return Azure's own client, for a simulator at `url` with a certificate of `authority` (PEM)."""
    return ComputeManagementClient(
        StaticCredential(),
        "00000000-0000-0000-0000-000000000000",
        base_url=url,
        transport=_OnWorldClock(world.now, authority),
    )

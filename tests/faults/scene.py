"""A machine behind a server that misbehaves, a clock that costs nothing, and a server that stays unknown."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Self

from pulumi_azure_reimage.arm import Arm
from pulumi_azure_reimage.lro import Link
from pulumi_azure_reimage.reimage import wait
from pulumi_azure_reimage.request import request
from pulumi_azure_reimage.resource_id import VirtualMachineId
from pulumi_azure_reimage.target import Target
from pulumi_azure_reimage.transport import DEFAULT_LIMITS, ArmTransport, TimeLimits, http_client
from pulumi_azure_reimage.virtual_machine import VirtualMachine
from tests.unit.fakes import IDS, SUBSCRIPTION, VM_ID, FakeClock, FakeTokens, requested, vm_reply

from .behaviour import Answer
from .server import BlackHole, FaultServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from pulumi_azure_reimage.lro import HeaderName
    from pulumi_azure_reimage.record import Record, Result

    from .tls import Authority

PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.
CUSTOM_DATA = "I2Nsb3VkLWNvbmZpZw=="
BODY = {"osProfile": {"adminPassword": PASSWORD, "customData": CUSTOM_DATA}}

_OPERATION_ID = "0e2a7c1c-9f3c-4d0e-8d1b-8a2f5a5f5b11"
OPERATION_PATH = (
    f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westus/operations/{_OPERATION_ID}"
    "?p=7d0f&api-version=2024-07-01&t=638602533&c=MIIHhzCCBm-gAwIBAgIT&s=S1gn_-%2B&h=H4sh"
)
# What must never be seen in a text: parts of our secrets, of a token, of an operation URL.
SECRETS = (PASSWORD, CUSTOM_DATA, "token-", _OPERATION_ID, "MIIHhzCC", "S1gn_", "127.0.0.1")

IMPATIENT = TimeLimits(connect=10.0, get=0.5, post=0.5)
"""For answers that never come. What comes, comes at once; a late one only costs another question."""

OLD, NEW = (Answer(reply.status, reply.body) for reply in (vm_reply("old"), vm_reply("new")))


class Way(Enum):
    """What lies between the client and ARM."""

    OPEN = "nothing"
    SECURE = "TLS"
    REFUSED = "nobody listens"
    REFUSED_AT_FIRST = "nobody listens until the second pause"
    NO_NAME = "the host has no address"
    BLACK_HOLE = "nobody answers to a SYN"
    UNKNOWN_AUTHORITY = "TLS with a certificate of an unknown authority"
    WRONG_NAME = "TLS with the certificate of another host"
    NO_HANDSHAKE = "TLS that is hung up on"
    PROXY_DOWN = "a proxy to which nobody listens"
    PROXY_REFUSES = "a proxy that lets nobody through"


class Scene:
    """The machine `web`, with everything that is needed to reimage it and to look on.

    Attributes:
        arm: The server that plays ARM.
        elsewhere: A server to which nobody may ever connect.
        said: Progress and warnings.
    """

    def __init__(
        self,
        authority: Authority,
        set_environ: Callable[[str, str], None],
        *,
        way: Way = Way.OPEN,
        limits: TimeLimits = DEFAULT_LIMITS,
    ) -> None:
        self.clock = _AlarmClock()
        self.tokens = FakeTokens()
        self.said: list[str] = []
        self._open = ExitStack()
        self.elsewhere = self._open.enter_context(FaultServer())
        place = _Place(authority, self._open, set_environ, limits)
        self.arm, endpoint, trusted = place.behind(way)
        if way is Way.REFUSED_AT_FIRST:
            self.clock.second_pause = self.arm.listen
        if way is Way.BLACK_HOLE:
            limits = replace(limits, connect=0.1)
        self.arm.names |= {
            "arm": endpoint,
            "arm_host": f"{endpoint.partition('://')[2]}",
            "elsewhere": self.elsewhere.url,
            "elsewhere_host": f"{self.elsewhere.url.partition('://')[2]}",
        }
        self.arm.on("VM", OLD)
        self.transport = ArmTransport(
            endpoint,
            self.tokens,
            client=self._open.enter_context(http_client(tls=trusted)),
            post_client=self._open.enter_context(http_client(keep_alive=False, tls=trusted)),
            limits=limits,
        )

    def __enter__(self) -> Self:
        """Return the scene, which is ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up, and wait for the servers."""
        self.close()

    def close(self) -> None:
        """Hang up, and wait for the servers; what they noted is then complete."""
        self._open.close()

    def target(self, timeout: float) -> Target:
        """Return the machine, with a deadline."""
        return Target(
            arm=Arm(self.transport, self.clock, "2024-07-01"),
            clock=self.clock,
            vm_id=VirtualMachineId.parse(VM_ID),
            ids=IDS,
            deadline=self.clock.monotonic() + timeout,
            progress=self.said.append,
            warn=self.said.append,
        )

    def send(self, timeout: float) -> Record:
        """Request the reimage of the machine, which was just seen with its old disk."""
        first = VirtualMachine.from_body(vm_reply("old").body)
        return request(self.target(timeout), BODY, first, requested(link=None, retry_after=0.0))

    def wait(
        self, timeout: float, link: str | None = None, header: HeaderName = "Azure-AsyncOperation"
    ) -> Result:
        """Wait for a reimage that was requested when the machine had its old disk."""
        url = f"{self.arm.names['arm']}{OPERATION_PATH}" if link is None else link
        return wait(self.target(timeout), requested(link=Link(url, header)))

    def texts(self, error: Exception | None) -> str:
        """Return all that anybody might see."""
        return " ".join([*self.said, str(error)])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a server is put, so that it is behind something."""

    authority: Authority
    open: ExitStack
    set_environ: Callable[[str, str], None]
    limits: TimeLimits

    def behind(self, way: Way) -> tuple[FaultServer, str, ssl.SSLContext | None]:
        """Return the server, its address as the client knows it, and whom the client trusts."""
        match way:
            case Way.OPEN:
                return self._plain(FaultServer())
            case Way.SECURE:
                return self._secured("localhost")
            case Way.REFUSED | Way.REFUSED_AT_FIRST:
                return self._plain(FaultServer(listening=False))
            case Way.NO_NAME:
                # Too long to be a name, so that nobody asks the network for it.
                server, _, trusted = self._plain(FaultServer())
                return server, f"http://{'.'.join(['a' * 60] * 5)}", trusted
            case Way.BLACK_HOLE:
                server, _, trusted = self._plain(FaultServer())
                return server, f"http://127.0.0.1:{self.open.enter_context(BlackHole()).port}", trusted
            case Way.UNKNOWN_AUTHORITY:
                return (*self._secured("localhost")[:2], None)
            case Way.WRONG_NAME:
                return self._secured("other.example")
            case Way.NO_HANDSHAKE:
                server, url, trusted = self._plain(FaultServer(hangs_up=True))
                return server, url.replace("http://127.0.0.1", "https://localhost"), trusted
            case Way.PROXY_DOWN:
                self._proxy(FaultServer(listening=False))
                return self._secured("localhost")
            case Way.PROXY_REFUSES:
                server, url, trusted = self._secured("localhost")
                proxy = self._proxy(FaultServer())
                proxy.on(f"CONNECT {url.removeprefix('https://')}", Answer(407))
                return server, url, trusted

    def _plain(self, server: FaultServer) -> tuple[FaultServer, str, ssl.SSLContext]:
        self.open.enter_context(server)
        return server, server.url, self.authority.trusted()

    def _secured(self, name: str) -> tuple[FaultServer, str, ssl.SSLContext]:
        server = self.open.enter_context(FaultServer(tls=self.authority.server(name)))
        return server, server.url, self.authority.trusted()

    def _proxy(self, proxy: FaultServer) -> FaultServer:
        self.open.enter_context(proxy)
        self.set_environ("HTTPS_PROXY", proxy.url)
        return proxy


class _AlarmClock(FakeClock):
    """A clock on which something can happen in the second pause."""

    def __init__(self) -> None:
        super().__init__()
        self.second_pause: Callable[[], None] | None = None

    def sleep(self, seconds: float) -> None:
        """Let the pause pass at once."""
        super().sleep(seconds)
        if len(self.slept) == 2 and self.second_pause is not None:
            self.second_pause()

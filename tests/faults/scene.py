"""A machine behind a server that misbehaves, a fake clock, and a server that must never be contacted."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from enum import Enum
from typing import Self

from pulumi_azure_reimage.arm.client import ArmClient, RequestIds
from pulumi_azure_reimage.arm.lro import HeaderName, Link
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.arm.transport import DEFAULT_LIMITS, ArmTransport, TimeLimits, http_client
from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.clock import Clock
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.inputs.os_profile import OsProfile
from pulumi_azure_reimage.inputs.parameters import ReimageParameters
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.send import send_request
from tests.unit.fakes import (
    IDS,
    SUBSCRIPTION,
    VM_ID,
    FakeClock,
    FakeTokens,
    desired,
    disk,
    requested,
    vm_reply,
)
from tests.unit.reimage.steps import EARLIER_ID, decided, handed_on, known, taken
from tests.unit.stack import COMPONENT, FakeHost, FakeLog, Properties

from .behaviour import Answer, Raw
from .server import Behaviour, BlackHole, FaultServer
from .tls import Authority

SetEnviron = Callable[[str, str], None]

PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.
CUSTOM_DATA = "I2Nsb3VkLWNvbmZpZw=="
PARAMETERS = ReimageParameters(os_profile=OsProfile(admin_password=PASSWORD, custom_data=CUSTOM_DATA))

_API_VERSION = "2024-07-01"
_OPERATION_ID = "0e2a7c1c-9f3c-4d0e-8d1b-8a2f5a5f5b11"
OPERATION_PATH = (
    f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westus/operations/{_OPERATION_ID}"
    "?p=7d0f&api-version=2024-07-01&t=638602533&c=MIIHhzCCBm-gAwIBAgIT&s=S1gn_-%2B&h=H4sh"
)
# What must never be in a text: parts of our secrets, of a token, of an operation URL.
SECRETS = (PASSWORD, CUSTOM_DATA, "token-", _OPERATION_ID, "MIIHhzCC", "S1gn_", "127.0.0.1")

IMPATIENT = TimeLimits(connect=10.0, get=0.5, post=0.5)
"""For answers that never come. Others come at once, and a late one only costs another request."""

OLD, NEW = (Answer(reply.status, reply.body) for reply in (vm_reply("old"), vm_reply("new")))


class Way(Enum):
    """What is between the client and ARM."""

    OPEN = "nothing"
    SECURE = "TLS"
    REFUSED = "the port is closed"
    REFUSED_AT_FIRST = "the port is closed until the second pause"
    NO_NAME = "the host has no address"
    BLACK_HOLE = "a SYN gets no answer"
    UNKNOWN_AUTHORITY = "TLS with a certificate of an unknown authority"
    WRONG_NAME = "TLS with the certificate of another host"
    NO_HANDSHAKE = "a connection that is closed in the TLS handshake"
    PROXY_DOWN = "a proxy whose port is closed"
    PROXY_REFUSES = "a proxy that refuses every client"
    PROXY_FORBIDS = "a proxy that forbids this host"
    PROXY_IS_NONE = "a server that is not a proxy"


class Scene:
    """The machine `web`, with everything that is needed to reimage it and to observe.

    Attributes:
        arm: The server that plays ARM.
        elsewhere: A server that must never get a connection.
        log: Progress and warnings.
    """

    def __init__(
        self,
        authority: Authority,
        set_environ: SetEnviron,
        *,
        way: Way = Way.OPEN,
        limits: TimeLimits = DEFAULT_LIMITS,
    ) -> None:
        self.clock = _AlarmClock()
        self.tokens = FakeTokens()
        self.log = FakeLog()
        self._open = ExitStack()
        self.elsewhere = self._open.enter_context(FaultServer())
        self.arm = self._open.enter_context(_server(way, authority, lambda: self.clock.elapsed))
        endpoint = _endpoint(way, self.arm, self._open, set_environ)
        trusted = None if way is Way.UNKNOWN_AUTHORITY else authority.trusted()
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
        self.arm.on("PERMISSIONS", Answer(200, {"value": [{"actions": ["*"]}]}))
        self.arm.on("LOCKS", Answer(200, {"value": []}))
        self.transport = ArmTransport(
            endpoint, self.tokens, client=self._open.enter_context(http_client(tls=trusted)), limits=limits
        )
        self._before: ArmClient | None = None
        if way not in (Way.OPEN, Way.SECURE):
            self._before = self._client_before()

    def __enter__(self) -> Self:
        """Return the scene, ready for use."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up, and wait for the servers."""
        self.close()

    def close(self) -> None:
        """Hang up, and wait for the servers, so that their notes are complete."""
        self._open.close()

    @property
    def client(self) -> ArmClient:
        """The client, which reaches the server."""
        return ArmClient(self.transport, self.clock, _API_VERSION)

    def target(self, timeout: float) -> VmContext:
        """Return the machine, with a deadline."""
        return VmContext(
            arm=self.client,
            clock=self.clock,
            vm_id=VirtualMachineId.parse(VM_ID),
            ids=IDS,
            deadline=self.clock.monotonic() + timeout,
            progress=self.log.progress,
            warn=self.log.warn,
        )

    def operate(self, timeout: float) -> Operation:
        """Carry out a request as ReimageOperation does, decided when the machine had its old disk.

        A route that does not lead to ARM breaks just before the POST, after the look at the machine.
        """
        target = self.target(timeout)
        if self._before is not None:
            target = replace(target, arm=_OtherWayToLook(self.transport, self.clock, self._before))
        target.run.begin_update(self.clock)
        baseline = known(Record(disk(), EARLIER_ID))
        return send_request(target, decided(target), desired(parameters=PARAMETERS), baseline)

    def send(self, timeout: float) -> Record:
        """Return the record of what was taken.

        Raises:
            ReimageError: it was not taken. The error is the one that ReimageResult raises.
        """
        return taken(self.operate(timeout))

    def wait_for(self, record: Record, timeout: float) -> Properties:
        """Wait for a reimage that was requested, as ReimageResult does, and return its outputs."""
        provider = ReimageResultProvider()
        provider.host = FakeHost(self.log)
        provider.session = _SceneSession(self)
        given = {"vm_id": VM_ID, "component_urn": COMPONENT, "timeout": timeout, **handed_on(record)}
        return dict(provider.create(given).outs or {})

    def wait(
        self, timeout: float, link: str | None = None, header: HeaderName = "Azure-AsyncOperation"
    ) -> Properties:
        """Wait for a reimage that was requested when the machine had its old disk, and return the result."""
        url = f"{self.arm.names['arm']}{OPERATION_PATH}" if link is None else link
        return dict(self.wait_for(requested(link=Link(url, header)), timeout)["result"])

    def texts(self, error: Exception | None) -> str:
        """Return all texts that a user can see."""
        return " ".join([*self.log.progressed, *self.log.warnings, str(error)])

    def _client_before(self) -> ArmClient:
        """Return a client for an ARM in which the machine has its old disk."""
        server = self._open.enter_context(FaultServer())
        server.on("VM", OLD)
        transport = ArmTransport(server.url, FakeTokens(), client=self._open.enter_context(http_client()))
        return ArmClient(transport, self.clock, _API_VERSION)


# The name in the certificate of the server, if it has one.
_CERTIFIED: Mapping[Way, str] = {
    Way.SECURE: "localhost",
    Way.UNKNOWN_AUTHORITY: "localhost",
    Way.WRONG_NAME: "other.example",
    Way.PROXY_DOWN: "localhost",
    Way.PROXY_REFUSES: "localhost",
    Way.PROXY_FORBIDS: "localhost",
    Way.PROXY_IS_NONE: "localhost",
}


# What a proxy answers to CONNECT.
_TUNNELS: Mapping[Way, Behaviour] = {
    Way.PROXY_REFUSES: Answer(407),
    Way.PROXY_FORBIDS: Answer(403),
    Way.PROXY_IS_NONE: Raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
}


def _server(way: Way, authority: Authority, elapsed: Callable[[], float]) -> FaultServer:
    name = _CERTIFIED.get(way)
    return FaultServer(
        tls=authority.server(name) if name else None,
        listening=way not in (Way.REFUSED, Way.REFUSED_AT_FIRST),
        hangs_up=way is Way.NO_HANDSHAKE,
        elapsed=elapsed,
    )


def _endpoint(way: Way, server: FaultServer, stack: ExitStack, set_environ: SetEnviron) -> str:
    """Return the address of the server as the client knows it, and set up what is in front of it."""
    match way:
        case Way.NO_NAME:
            # Too long to be a name, so that it is never looked up in the network.
            return f"http://{'.'.join(['a' * 60] * 5)}"
        case Way.BLACK_HOLE:
            return f"http://127.0.0.1:{stack.enter_context(BlackHole()).port}"
        case Way.NO_HANDSHAKE:
            return f"https://localhost:{server.port}"
        case Way.PROXY_DOWN | Way.PROXY_REFUSES | Way.PROXY_FORBIDS | Way.PROXY_IS_NONE:
            proxy = stack.enter_context(FaultServer(listening=way is not Way.PROXY_DOWN))
            proxy.on(f"CONNECT localhost:{server.port}", _TUNNELS.get(way, Raw()))
            set_environ("HTTPS_PROXY", proxy.url)
        case _:
            pass
    return server.url


class _OtherWayToLook(ArmClient):
    """A client that reads the machine by another route than the one by which it sends."""

    def __init__(self, transport: ArmTransport, clock: Clock, looks: ArmClient) -> None:
        super().__init__(transport, clock, _API_VERSION)
        self._looks = looks

    def virtual_machine(self, vm_id: VirtualMachineId, ids: RequestIds) -> VirtualMachine:
        """GET the machine by the other route."""
        return self._looks.virtual_machine(vm_id, ids)


class _SceneSession(Session):
    """A configured provider that reaches the server of a scene; settings of Azure have no effect here."""

    def __init__(self, scene: Scene) -> None:
        super().__init__({"azure-reimage:simulator": "not opened"}.get, {}, scene.log, scene.clock)
        self._scene = scene

    def arm_for(self, _subscription_id: str) -> ArmClient:
        """The connection to ARM."""
        return self._scene.client


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

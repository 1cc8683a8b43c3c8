"""Fakes for the tests of the core: a clock, tokens and a scripted ARM."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

import httpx

from pulumi_azure_reimage.arm.client import ArmClient, RequestIds
from pulumi_azure_reimage.arm.lro import Link
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.arm.transport import ArmTransport, http_client
from pulumi_azure_reimage.arm.virtual_machine import DiskFacts
from pulumi_azure_reimage.inputs.os_profile import OsProfile
from pulumi_azure_reimage.inputs.parameters import Cause, DesiredReimage, Guards, ReimageParameters
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.record import Record

ENDPOINT = "https://management.azure.com"
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
VM_ID = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"
OPERATION_ID = "0e2a7c1c-9f3c-4d0e-8d1b-8a2f5a5f5b11"
_OPERATION_PATH = f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westus/operations/{OPERATION_ID}"
# The parameters of a URL that ARM signs. The certificate in a real one has 3 KB.
OPERATION_URL = (
    f"{ENDPOINT}{_OPERATION_PATH}?p=7d0f&api-version=2024-07-01"
    "&t=638602533&c=MIIHhzCCBm-gAwIBAgIT&s=S1gn_-%2B&h=H4sh"
)
LOCATION_URL = f"{OPERATION_URL}&monitor=true"
LINK = Link(OPERATION_URL, "Azure-AsyncOperation")

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
IDS = RequestIds("our-client-request-id", "our-correlation-id")


class FakeClock:
    """A clock that only moves when it sleeps or the test moves it. Its jitter adds nothing.

    Attributes:
        slept: The pauses that were made, in seconds.
        elapsed: Seconds since `START`.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.elapsed = 0.0

    def now(self) -> datetime:
        """Return the wall-clock time."""
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        """Return seconds that are independent of the wall clock."""
        return 5000.0 + self.elapsed

    def sleep(self, seconds: float) -> None:
        """Record the pause and let it pass at once."""
        assert seconds >= 0
        assert len(self.slept) < 1000, "It waits forever."
        self.slept.append(seconds)
        self.elapsed += seconds

    def jitter(self, seconds: float) -> float:
        """Return `seconds` as they are."""
        return seconds


class FakeTokens:
    """Numbered tokens. ARM's challenges are recorded, and errors of signing in can be played.

    Attributes:
        asked: The claims of each request for a token.
        forgotten: How often a refused token was replaced without claims.
        fails_from: The number of the request, from 1, from which on signing in fails with `failure`.
    """

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.forgotten = 0
        self.failure: Exception | None = None
        self.fails_from = 1

    def token(self) -> str:
        """Return `token-1`, `token-2`, ..., with a new one after each challenge."""
        return self._ask(None)

    def replace(self, refused: str, *, claims: str | None = None) -> str:
        """Return the next token."""
        assert refused.startswith("token-")
        self.forgotten += claims is None
        return self._ask(claims)

    def _ask(self, claims: str | None) -> str:
        self.asked.append(claims)
        if self.failure is not None and len(self.asked) >= self.fails_from:
            raise self.failure
        answered = sum(claims is not None for claims in self.asked)
        return f"token-{1 + self.forgotten + answered}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response as it comes over the network: status and headers, then the body in chunks.

    Attributes:
        body: Bytes are sent as they are, anything else as JSON.
        chunk: How many bytes come at once.
        seconds: How long each chunk takes.
        cut: The error that ends the body early.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunk: int = 65536
    seconds: float = 0.0
    cut: Exception | None = None

    def response(self, clock: FakeClock) -> httpx.Response:
        """Return a response that has not been read yet."""
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return httpx.Response(self.status, headers=dict(self.headers), stream=_Chunks(content, self, clock))


class _Chunks(httpx.SyncByteStream):
    def __init__(self, content: bytes, reply: Reply, clock: FakeClock) -> None:
        self._content = content
        self._reply = reply
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._content), self._reply.chunk):
            self._clock.elapsed += self._reply.seconds
            yield self._content[start : start + self._reply.chunk]
        if self._reply.cut is not None:
            raise self._reply.cut


class Question(NamedTuple):
    """A request that a script expects. The query is compared if the path has one."""

    method: str
    path: str

    def fits(self, request: httpx.Request) -> bool:
        """Report whether a request is this one."""
        asked = request.url.raw_path.decode()
        return request.method == self.method and self.path in (asked, asked.partition("?")[0])


LOOK = Question("GET", VM_ID)
POST = Question("POST", f"{VM_ID}/reimage")
POLL = Question("GET", _OPERATION_PATH)
PERMISSIONS = Question("GET", f"{VM_ID}/providers/Microsoft.Authorization/permissions")
LOG = Question("GET", f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values")
LOCKS = Question("GET", f"{VM_ID}/providers/Microsoft.Authorization/locks")

Answer = Reply | Exception
Exchange = tuple[Question, Answer]


class ScriptedTransport(httpx.BaseTransport):
    """Answers requests in the order of a script, and fails the test on any other request.

    Attributes:
        sent: The requests that were made.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.sent: list[httpx.Request] = []
        self._clock = clock
        self._script: list[Exchange] = []
        self._forever: dict[Question, Answer] = {}

    def script(self, exchanges: Sequence[Exchange]) -> None:
        """Expect these requests, once each and in this order."""
        self._script += exchanges

    def expect_first(self, exchange: Exchange) -> None:
        """Expect a request before the rest of the script."""
        self._script.insert(0, exchange)

    def forever(self, question: Question, answer: Answer) -> None:
        """Answer a request in this way, unless it is next in the script."""
        self._forever[question] = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        assert request.url.host == "management.azure.com", f"A token went to {request.url.host}"
        if "trace" in request.extensions:
            request.extensions["trace"]("fake.send_request_headers.started", {})
        self.sent.append(request)
        asked = f"{request.method} {request.url.path}"
        if self._script and self._script[0][0].fits(request):
            _, answer = self._script.pop(0)
        else:
            answers = [answer for question, answer in self._forever.items() if question.fits(request)]
            assert answers, f"{asked} was not expected; next is {self._script[:1]}"
            answer = answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer.response(self._clock)

    def assert_used(self) -> None:
        """Check that the script was played to its end."""
        assert not self._script, f"Never requested: {[question for question, _ in self._script]}"

    @property
    def posts(self) -> int:
        """How many requests for a reimage were made, which must not exceed one."""
        return sum(request.method == "POST" for request in self.sent)


class Azure:
    """A scripted ARM with the machine of the tests.

    Attributes:
        progress: The status lines that were shown.
        warnings: The sentences that were shown.
    """

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.tokens = FakeTokens()
        self.http = ScriptedTransport(self.clock)
        self.progress: list[str] = []
        self.warnings: list[str] = []
        self.transport = ArmTransport(ENDPOINT, self.tokens, client=http_client(self.http))
        self.arm = ArmClient(self.transport, self.clock, "2024-07-01")
        # Tests that need something else script it.
        self.http.forever(PERMISSIONS, Reply(body={"value": [{"actions": ["*"]}]}))
        self.http.forever(LOCKS, Reply(body={"value": []}))
        self.http.forever(LOG, Reply(403, body={"error": {"code": "AuthorizationFailed", "message": "No."}}))

    def script(self, *exchanges: Exchange) -> None:
        """Expect these exchanges, in this order."""
        self.http.script(exchanges)

    def context(self, timeout: float = 3600.0) -> VmContext:
        """Return the machine, with a deadline."""
        deadline = self.clock.monotonic() + timeout
        return VmContext(
            arm=self.arm.until(deadline),
            clock=self.clock,
            vm_id=VirtualMachineId.parse(VM_ID),
            ids=IDS,
            deadline=deadline,
            progress=self.progress.append,
            warn=self.warnings.append,
            announce=lambda said: self.warnings.append(f"{said.line} {said.details}"),
            note=self.warnings.append,
        )


def desired(
    *causes: Cause,
    parameters: ReimageParameters | None = None,
    guards: Guards = Guards(),  # noqa: B008 - it cannot change.
    **given: Any,  # noqa: ANN401 - see ReimageParameters.
) -> DesiredReimage:
    """Return a requested reimage, caused by a changed trigger by default."""
    return DesiredReimage(
        causes or (Cause("triggers.image", "triggers.image changed"),),
        parameters or ReimageParameters(**given),
        guards,
    )


def with_password(password: str) -> ReimageParameters:
    """Return the parameters that set a password."""
    return ReimageParameters(os_profile=OsProfile(admin_password=password))


def disk(
    name: str | None = "old",
    *,
    vm: str = "vm-1",
    version: str = "1.0.0",
    delete_option: str = "Detach",
    ephemeral: bool = False,
) -> DiskFacts:
    """Return what is known about the disk of `vm_reply` with the same arguments."""
    return DiskFacts(vm, _disk_id(name), version, delete_option, ephemeral)


def vm_reply(  # noqa: PLR0913 - each is a fact that some reimage depends on.
    name: str | None = "old",
    *,
    vm: str = "vm-1",
    state: str = "Succeeded",
    etag: str = '"1"',
    version: str = "1.0.0",
    delete_option: str = "Detach",
    ephemeral: bool = False,
    created: datetime | None = None,
) -> Reply:
    """Return the answer to a GET of the VM whose OS disk is called `name`."""
    os_disk: dict[str, object] = {
        "name": name,
        "deleteOption": delete_option,
        "managedDisk": {"id": _disk_id(name)},
    }
    if ephemeral:
        os_disk["diffDiskSettings"] = {"option": "Local"}
    return Reply(
        body={
            "name": "web",
            "etag": etag,
            "properties": {
                "vmId": vm,
                "provisioningState": state,
                "storageProfile": {"osDisk": os_disk, "imageReference": {"exactVersion": version}},
                "osProfile": {"computerName": "web"},
                "timeCreated": created and created.isoformat(),
            },
        },
        headers={"Date": format_datetime(START, usegmt=True)},
    )


def accepted(**headers: str) -> Reply:
    """Return ARM's 202; `retry_after="20"` becomes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(202, headers={"Azure-AsyncOperation": OPERATION_URL, "Location": LOCATION_URL, **named})


def running(**headers: str) -> Reply:
    """Return the status of a running operation."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body={"startTime": "2026-11-23T12:00:01Z", "status": "InProgress"}, headers=named)


def succeeded() -> Reply:
    """Return the status of an operation that succeeded."""
    return Reply(
        body={
            "startTime": "2026-11-23T12:00:01.1234567+00:00",
            "endTime": "2026-11-23T12:01:16.1234567+00:00",
            "status": "Succeeded",
            "name": OPERATION_ID,
        }
    )


def ended(status: str, code: str = "OSProvisioningTimedOut", message: str = "The OS did not start.") -> Reply:
    """Return the status of an operation that failed."""
    return Reply(body={"status": status, "error": {"code": code, "message": message}})


def refused(status: int, code: str, message: str = "No.", **headers: str) -> Reply:
    """Return ARM's error envelope."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"code": code, "message": message}}, named)


def requested(
    before: DiskFacts | None = None, *, link: Link | None = LINK, retry_after: float = 10.0
) -> Record:
    """Return the record of a request that ARM has just accepted."""
    return Record(
        before=before or disk(),
        requested_at=START,
        client_request_id=IDS.client_request_id,
        correlation_id=IDS.correlation_id,
        link=link,
        retry_after=retry_after,
    )


def _disk_id(name: str | None) -> str | None:
    return name and f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/disks/{name}"

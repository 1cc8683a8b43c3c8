"""What goes over the network when nothing fails: how often, on which connections, through which proxies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from pulumi_azure_reimage.arm.transport import ArmTransport, http_client
from pulumi_azure_reimage.auth.configuration import Configuration, Simulated
from pulumi_azure_reimage.clock import SystemClock
from pulumi_azure_reimage.connection import connect
from pulumi_azure_reimage.errors import ConfigurationError, OutcomeUnknownError, ReimageError
from tests.unit.fakes import IDS, FakeTokens, vm_reply

from .answers import CLAIMS, CLAIMS_NEEDED, LINKS, UNAUTHORIZED
from .assertions import assert_no_secret, assert_sentences, assert_the_wire, sent_ids
from .behaviour import Answer, Raw
from .poll_cases import DONE, RUNNING, SUCCEEDED
from .post_cases import ACCEPTED
from .proxy import Tunnel
from .scene import NEW, OLD, OPERATION_PATH, Scene, Way
from .server import FaultServer, Wire
from .tls import Authority

_AT_ONCE = 32


def reimaged(scene: Scene) -> None:
    """Reimage the machine, which takes 75 s."""
    scene.arm.on("VM", OLD, NEW)
    scene.arm.on("POST", ACCEPTED)
    scene.arm.on("POLL", *[RUNNING] * 7, DONE)

    outputs = scene.wait_for(scene.send(3600.0), 3600.0)

    assert outputs["result"]["status"] == "Succeeded"


@pytest.mark.parametrize("way", [Way.OPEN, Way.SECURE])
def test_a_reimage_of_75_seconds_costs_one_post_two_looks_and_a_poll_per_interval(
    stage: Callable[..., Scene], way: Way
) -> None:
    """From the request on, all of them have its ids."""
    scene = stage(way)

    reimaged(scene)

    assert_the_wire(scene)
    assert [request.question for request in scene.arm.requests] == [
        # ReimageRequest has read permissions and locks.
        *("VM", "POST"),
        *["POLL"] * 8,
        "VM",
    ]
    assert scene.clock.elapsed == 80.0
    look, post, *others = [sent_ids(request) for request in scene.arm.requests]
    assert look == (IDS.client_request_id, IDS.correlation_id)
    assert set(others) == {post}


def test_each_request_has_a_connection_of_its_own(stage: Callable[..., Scene]) -> None:
    """On a reused connection, a reset could be a late effect of an idle timeout, and would mean nothing."""
    scene = stage()

    reimaged(scene)

    numbers = [request.connection for request in scene.arm.requests]
    assert numbers == list(range(1, 12))


def test_a_signed_link_is_requested_byte_for_byte(stage: Callable[..., Scene]) -> None:
    """Nothing is added to it."""
    scene = stage()

    reimaged(scene)

    targets = {request.target for request in scene.arm.requests if request.question == "POLL"}
    assert targets == {OPERATION_PATH}


def test_a_relative_link_is_kept_in_full(stage: Callable[..., Scene]) -> None:
    """The next run may resolve it against another endpoint."""
    scene = stage()
    scene.arm.on("POST", Answer(202, headers={"Location": OPERATION_PATH}))

    record = scene.send(3600.0)

    assert record.link is not None
    assert record.link.url == f"{scene.arm.url}{OPERATION_PATH}"


@pytest.mark.parametrize(
    ("challenge", "claims", "forgotten"), [(CLAIMS_NEEDED, CLAIMS, 0), (UNAUTHORIZED, None, 1)]
)
@pytest.mark.parametrize("question", ["POST", "POLL"])
def test_a_401_is_answered_once_with_another_token(
    stage: Callable[..., Scene], question: str, challenge: Answer, claims: str | None, forgotten: int
) -> None:
    """The token has the claims that ARM requests, or comes from an empty cache."""
    scene = stage()
    scene.arm.on("POST", challenge, ACCEPTED)
    scene.arm.on("POLL", challenge, DONE)

    if question == "POST":
        scene.send(3600.0)
    else:
        scene.arm.on("VM", NEW)
        scene.wait(3600.0)

    first, second = (request for request in scene.arm.requests if request.question == question)
    sent = [request.headers["authorization"] for request in (first, second)]
    assert sent == ["Bearer token-1", "Bearer token-2"]
    assert first.body == second.body
    # A POST comes after a look at the machine.
    asked = scene.tokens.asked[1:] if question == "POST" else scene.tokens.asked
    assert asked[:2] == [None, claims]
    assert scene.tokens.forgotten == forgotten


def test_a_lost_answer_and_a_vm_that_cannot_be_read_are_unknown(stage: Callable[..., Scene]) -> None:
    """The VM is watched for a limited time only."""
    scene = stage()
    scene.arm.on("POST", Raw(then="reset"))
    scene.arm.on("VM", OLD, Raw())

    with pytest.raises(OutcomeUnknownError, match="The VM could not be read") as caught:
        scene.send(3600.0)

    assert_the_wire(scene)
    assert_no_secret(scene.texts(caught.value))
    assert scene.arm.asked("POST") == 1
    assert scene.clock.elapsed < 300.0


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_proxy_of_the_environment_is_used(
    stage: Callable[..., Scene], authority: Authority, monkeypatch: pytest.MonkeyPatch, *, secure: bool
) -> None:
    """It sees the name of ARM and none of the requests."""
    with FaultServer(tls=authority.server("localhost") if secure else None) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        scene = stage(Way.SECURE)
        proxy.on(f"CONNECT localhost:{scene.arm.port}", Tunnel(scene.arm.port))

        reimaged(scene)

        assert {request.method for request in proxy.requests} == {"CONNECT"}
        assert all("authorization" not in request.headers for request in proxy.requests)
        assert proxy.connections == scene.arm.connections
        # The client hangs up before the proxy is closed.
        scene.close()


def test_the_certificates_of_ssl_cert_file_are_trusted(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A company's inspecting proxy has its own certificate authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path)))
    with FaultServer(tls=authority.server("localhost")) as server, http_client() as client:
        server.on("VM", Answer(200, vm_reply().body))
        transport = ArmTransport(server.url, FakeTokens(), client=client)

        answer = transport.get(f"{server.url}/subscriptions/1/virtualMachines/web", {})

    assert answer.status == 200


class _Together(Answer):
    """An answer that comes when the expected number of requests has arrived."""

    barrier = Barrier(_AT_ONCE, timeout=20.0)

    def play(self, wire: Wire) -> bool:
        """Wait for the others."""
        self.barrier.wait()
        return super().play(wire)


@pytest.mark.parametrize("way", [Way.OPEN, Way.SECURE])
def test_one_request_per_machine_is_in_progress_at_the_same_time(
    stage: Callable[..., Scene], way: Way
) -> None:
    """None waits for another to end, so none times out or is given up before it was sent."""
    scene = stage(way)
    scene.arm.on("POST", _Together(202, headers=LINKS))
    path = f"{scene.arm.url}/subscriptions/1/reimage"

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda _: scene.transport.post(path, {}, {}), range(_AT_ONCE)))

    assert {answer.status for answer in answers} == {202}
    assert scene.arm.connections == _AT_ONCE


def test_an_answer_of_http_1_0_on_a_connection_that_is_closed_is_read(stage: Callable[..., Scene]) -> None:
    """It has no length, and ends with the connection."""
    scene = stage()
    scene.arm.on("POLL", Raw(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + SUCCEEDED))
    scene.arm.on("VM", NEW)

    assert scene.wait(3600.0)["status"] == "Succeeded"


@pytest.mark.parametrize("question", ["look", "send", "wait"])
def test_an_unusable_proxy_ends_each_step_with_one_sentence_on_what_was_sent(
    stage: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """Its variable is named, its password is not, and an operation that runs is kept."""
    monkeypatch.setenv("HTTPS_PROXY", "http://user:s3cr3t@proxy.example:port")
    scene = stage(Way.SECURE)

    context = scene.target(3600.0)
    ask: dict[str, Callable[[], object]] = {
        "look": context.look,
        "send": lambda: context.post(None, scene.clock.monotonic()),
        "wait": lambda: scene.wait(3600.0),
    }

    with pytest.raises(ReimageError, match=r"`HTTPS_PROXY`.* cannot be used") as caught:
        ask[question]()

    text = str(caught.value)
    assert "s3cr3t" not in text
    assert_sentences(text)
    assert text.lower().count("nothing was sent") == (question == "look")
    assert scene.arm.requests == []


def test_certificates_that_cannot_be_read_end_a_connection_before_it_signs_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error is ours, in every place."""
    monkeypatch.setenv("SSL_CERT_FILE", "/there/is/none.pem")

    with pytest.raises(ConfigurationError, match=r"SSL_CERT_FILE names cannot be read: No such file"):
        connect(Configuration(Simulated("http://localhost:1")), SystemClock())

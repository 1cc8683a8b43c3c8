"""What goes over the network when nothing fails: how often, on which connections, past which proxies."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_azure_reimage.arm.transport import ArmTransport, http_client
from pulumi_azure_reimage.errors import OutcomeUnknownError
from tests.unit.fakes import IDS, FakeTokens, vm_reply

from .answers import CLAIMS, CLAIMS_NEEDED, UNAUTHORIZED
from .assertions import assert_no_secret, assert_the_wire, sent_ids
from .behaviour import Answer, Raw
from .poll_cases import DONE, RUNNING
from .post_cases import ACCEPTED
from .proxy import Tunnel
from .scene import NEW, OLD, OPERATION_PATH, Scene, Way
from .server import FaultServer
from .tls import Authority


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
    """From the request on, all of them under its ids."""
    scene = stage(way)

    reimaged(scene)

    assert_the_wire(scene)
    assert [request.question for request in scene.arm.requests] == [
        # ReimageRequest has asked for permissions and locks.
        *("VM", "POST"),
        *["POLL"] * 8,
        "VM",
    ]
    assert scene.clock.elapsed == 80.0
    look, post, *others = [sent_ids(request) for request in scene.arm.requests]
    assert look == (IDS.client_request_id, IDS.correlation_id)
    assert set(others) == {post}


def test_each_request_has_a_connection_of_its_own(stage: Callable[..., Scene]) -> None:
    """On one that was used before, a reset could be the echo of its idle end, and no sign of anything."""
    scene = stage()

    reimaged(scene)

    numbers = [request.connection for request in scene.arm.requests]
    assert numbers == list(range(1, 12))


def test_a_signed_link_is_asked_byte_for_byte(stage: Callable[..., Scene]) -> None:
    """And nothing is added to it."""
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
    """Of the claims that ARM asks for, or of an empty cache."""
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
    """For as long as the VM is waited for, and not longer."""
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
def test_a_proxy_of_the_environment_is_gone_through(
    stage: Callable[..., Scene], authority: Authority, monkeypatch: pytest.MonkeyPatch, *, secure: bool
) -> None:
    """It sees the name of ARM and no request."""
    with FaultServer(tls=authority.server("localhost") if secure else None) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        scene = stage(Way.SECURE)
        proxy.on(f"CONNECT localhost:{scene.arm.port}", Tunnel(scene.arm.port))

        reimaged(scene)

        assert {request.method for request in proxy.requests} == {"CONNECT"}
        assert all("authorization" not in request.headers for request in proxy.requests)
        assert proxy.connections == scene.arm.connections
        # Hung up before the proxy is closed.
        scene.close()


def test_the_certificates_of_ssl_cert_file_are_trusted(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An inspecting proxy of a company has an authority of its own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path)))
    with FaultServer(tls=authority.server("localhost")) as server, http_client() as client:
        server.on("VM", Answer(200, vm_reply().body))
        transport = ArmTransport(server.url, FakeTokens(), client=client)

        answer = transport.get(f"{server.url}/subscriptions/1/virtualMachines/web", {})

    assert answer.status == 200

"""What a large answer costs: no memory and no network for what is not needed."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest

from pulumi_azure_reimage.arm.transport import NoAnswerError
from pulumi_azure_reimage.auth.http_exchange import exchange
from pulumi_azure_reimage.errors import OperationStillRunningError

from .answers import LINKS
from .behaviour import BOMB_SIZE, Bomb, Drip, Flood, Raw, bomb
from .scene import IMPATIENT, Scene
from .server import Behaviour, FaultServer

_CAP = 1_000_000


@pytest.mark.parametrize("large", [Bomb(202, LINKS), Flood(202, LINKS)], ids=["bomb", "flood"])
@pytest.mark.parametrize("question", ["POST", "POLL"])
def test_of_200_megabytes_one_is_kept(stage: Callable[..., Scene], question: str, large: Behaviour) -> None:
    """Never more than two are in memory for it."""
    scene = stage()
    bomb()
    scene.arm.on(question, large)
    url = f"{scene.arm.url}{_PATHS[question]}"
    tracemalloc.start()

    answer = scene.transport.get(url, {}) if question == "POLL" else scene.transport.post(url, {}, None)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status, len(answer.body), answer.whole) == (202, _CAP, False)
    # The body is held raw, unpacked and cut. The server and its buffers are in the same process.
    assert peak < 6 * _CAP


@pytest.mark.parametrize("large", [Bomb(), Flood()], ids=["bomb", "flood"])
def test_of_200_megabytes_from_a_token_issuer_one_is_kept(large: Behaviour) -> None:
    """An issuer is trusted no more than a proxy in front of ARM."""
    bomb()
    with FaultServer() as server:
        server.on("GET /token", large)
        tracemalloc.start()

        answer = exchange("GET", f"{server.url}/token", params={}, headers={})

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (answer.status, len(answer.body), answer.whole) == (200, _CAP, False)
    assert peak < 6 * _CAP


def test_a_bomb_is_really_one() -> None:
    """200 kB that unpack to 200 MB."""
    assert len(bomb()) < 250_000 < BOMB_SIZE


def test_the_connection_of_an_endless_body_is_closed(stage: Callable[..., Scene]) -> None:
    """Nothing was sent beyond what the network had accepted by then."""
    scene = stage()
    scene.arm.on("POST", Flood(202, LINKS))

    record = scene.send(3600.0)
    scene.arm.wait_for_the_answers()

    assert record.link is not None
    assert scene.arm.left == ["POST"]
    assert scene.arm.written["POST"] < BOMB_SIZE / 10


def test_what_follows_an_answer_is_not_mistaken_for_the_next_one(stage: Callable[..., Scene]) -> None:
    """The body is longer than declared, on a connection that the server keeps open."""
    scene = stage()
    running = b'{"status": "InProgress"}'
    smuggled = b'HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{"status": "Succeeded"}'
    header = f"HTTP/1.1 200 OK\r\nContent-Length: {len(running)}\r\n\r\n".encode()
    scene.arm.on("POLL", Raw(header + running + smuggled, then="silence"))

    with pytest.raises(OperationStillRunningError):
        scene.wait(35.0)

    assert scene.arm.asked("POLL") == 4


_PATHS = {"POLL": "/subscriptions/1/operations/1", "POST": "/subscriptions/1/reimage"}


@pytest.mark.parametrize("dripping_headers", [True, False], ids=["headers", "body"])
@pytest.mark.parametrize("question", ["POST", "POLL"])
def test_the_connection_of_a_dripping_answer_is_closed(
    stage: Callable[..., Scene], question: str, *, dripping_headers: bool
) -> None:
    """Each byte is in time, but the time limit of the whole request is exceeded."""
    scene = stage(limits=IMPATIENT)
    scene.arm.on(question, Drip(202, LINKS, dripping_headers=dripping_headers))
    url = f"{scene.arm.url}{_PATHS[question]}"

    with suppress(NoAnswerError):
        _ = scene.transport.get(url, {}) if question == "POLL" else scene.transport.post(url, {}, None)
    scene.arm.wait_for_the_answers()

    assert scene.arm.left == [question]

"""Broken connections: a client gets the same exception in process as over a socket."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import pytest

from pulumi_azure_reimage.simulator import SimulatorTransport, serve

from ..client import API_VERSION, TOKEN, status_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..client import World

pytestmark = pytest.mark.usefixtures("socket_enabled")
PATIENCE = httpx.Timeout(5, read=0.3)


@pytest.fixture
def client_for(world: World) -> Iterator[Callable[[str], httpx.Client]]:
    """Return a function that makes clients, in process or over a socket."""
    with ExitStack() as stack:

        def make(way: str) -> httpx.Client:
            if way == "in process":
                transport: httpx.BaseTransport = SimulatorTransport(world.simulator)
                base_url = "https://arm.example"
            else:
                transport = httpx.HTTPTransport()
                base_url = stack.enter_context(serve(world.simulator)).url
            client = httpx.Client(transport=transport, base_url=base_url, headers=TOKEN, timeout=PATIENCE)
            return stack.enter_context(client)

        yield make


@pytest.mark.parametrize("way", ["in process", "over a socket"])
@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ("drop on the way", httpx.RemoteProtocolError),
        ("drop after send", httpx.RemoteProtocolError),
        ("reset on the way", httpx.ReadError),
        ("reset after send", httpx.ReadError),
        ("timeout on the way", httpx.ReadTimeout),
        ("timeout after send", httpx.ReadTimeout),
        ("slow 0.4", httpx.ReadTimeout),
        ("cut body", httpx.RemoteProtocolError),
    ],
)
def test_a_broken_connection_is_the_same_in_process_and_over_a_socket(
    world: World, client_for: Callable[[str], httpx.Client], way: str, effect: str, error: type[Exception]
) -> None:
    """The next request is answered."""
    client = client_for(way)
    vm = f"{world.simulator.machine('kept').id}?{API_VERSION}"
    world.simulator.script(f"GET kept: {effect}")

    with pytest.raises(error) as raised:
        client.get(vm)
    assert type(raised.value) is error
    assert client.get(vm).status_code == 200


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ("drop before send", httpx.ConnectError),
        ("reset before send", httpx.ConnectError),
        ("timeout before send", httpx.ConnectTimeout),
    ],
)
def test_no_connection_is_made_before_send(
    world: World, client_for: Callable[[str], httpx.Client], effect: str, error: type[Exception]
) -> None:
    """A server cannot do this, but the transport can."""
    world.simulator.script(f"POST kept: {effect}")

    with pytest.raises(error):
        client_for("in process").post(f"{world.simulator.machine('kept').id}/reimage?{API_VERSION}")
    assert world.simulator.reimage_requests() == []


@pytest.mark.parametrize("way", ["in process", "over a socket"])
def test_an_answer_that_is_late_but_not_too_late_arrives(
    world: World, client_for: Callable[[str], httpx.Client], way: str
) -> None:
    """It arrives within the client's timeout."""
    world.simulator.script("GET kept: slow 0.05")
    answer = client_for(way).get(f"{world.simulator.machine('kept').id}?{API_VERSION}")

    assert answer.status_code == 200


@pytest.mark.parametrize("way", ["in process", "over a socket"])
def test_the_headers_of_a_cut_answer_arrive(
    world: World, client_for: Callable[[str], httpx.Client], way: str
) -> None:
    """A client that reads headers first knows that its reimage was accepted."""
    world.simulator.script("POST kept: cut body")
    url = f"{world.simulator.machine('kept').id}/reimage?{API_VERSION}"
    with client_for(way).stream("POST", url) as accepted:
        assert accepted.status_code == 202
        status = accepted.headers["azure-asyncoperation"]
        with pytest.raises(httpx.RemoteProtocolError):
            accepted.read()

    assert world.get(status).json()["status"] == "InProgress"
    assert [post.status for post in world.simulator.reimage_requests()] == [None]


def test_a_server_that_stops_does_not_wait_for_those_it_keeps_waiting(world: World) -> None:
    """It waits neither for silent connections nor for late answers."""
    accepted = world.reimage("kept")
    world.simulator.script("poll 1: slow 60", "poll 2: timeout")
    with serve(world.simulator) as server, httpx.Client(headers=TOKEN, timeout=PATIENCE) as client:
        url = status_url(accepted).replace("https://management.azure.com", server.url)
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                client.get(url)

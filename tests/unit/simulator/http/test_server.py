"""The simulator over HTTP and HTTPS on the loopback interface."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from pulumi_azure_reimage.simulator import serve

from ..client import API_VERSION, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import World

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_a_client_reimages_over_http(world: World) -> None:
    """The links lead back to the server, over one connection that stays open."""
    vm = world.simulator.machine("kept").id
    with serve(world.simulator) as server, httpx.Client(base_url=server.url, headers=TOKEN) as client:
        accepted = client.post(f"{vm}/reimage?{API_VERSION}", json={"exactVersion": "1.0"})
        world.now.advance(75)
        status = client.get(accepted.headers["azure-asyncoperation"])
        location = client.get(accepted.headers["location"])

    assert accepted.status_code == 202
    assert accepted.headers["azure-asyncoperation"].startswith(f"{server.url}/subscriptions/")
    assert status.json()["status"] == "Succeeded"
    assert (location.status_code, location.content) == (200, b"")
    assert accepted.headers.get_list("date") == ["Mon, 26 Aug 2024 07:15:56 GMT"]


def test_a_client_reimages_over_https(world: World, tmp_path: Path) -> None:
    """The certificate comes from the test's own authority."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    vm = world.simulator.machine("kept").id
    with (
        serve(world.simulator, certificate=tmp_path / "server.pem") as server,
        httpx.Client(base_url=server.url, headers=TOKEN, verify=trust) as client,
    ):
        accepted = client.post(f"{vm}/reimage?{API_VERSION}")
        status = client.get(accepted.headers["azure-asyncoperation"])

    assert server.url.startswith("https://127.0.0.1:")
    assert status.json()["status"] == "InProgress"


def test_every_method_is_answered(world: World) -> None:
    """ARM refuses what it does not know, but the server does not."""
    vm = world.simulator.machine("kept").id
    with serve(world.simulator) as server, httpx.Client(base_url=server.url, headers=TOKEN) as client:
        answers = [client.request(method, f"{vm}?{API_VERSION}") for method in ("TRACE", "MERGE")]

    assert [answer.status_code for answer in answers] == [405, 405]


def test_a_head_has_no_body_and_leaves_the_connection_in_order(world: World) -> None:
    """The next answer is read from its beginning."""
    vm = f"{world.simulator.machine('kept').id}?{API_VERSION}"
    with serve(world.simulator) as server, httpx.Client(base_url=server.url, headers=TOKEN) as client:
        head, get = client.head(vm), client.get(vm)

    assert (head.status_code, head.content) == (405, b"")
    assert get.json()["name"] == "kept"


def test_a_chunked_body_is_refused(world: World) -> None:
    """No client of ARM needs it."""
    vm = world.simulator.machine("kept").id
    with serve(world.simulator) as server, httpx.Client(base_url=server.url, headers=TOKEN) as client:
        refused = client.post(f"{vm}/reimage?{API_VERSION}", content=iter([b"{}"]))

    assert refused.status_code == 411
    assert world.simulator.reimage_requests() == []


LENGTHS = {
    "negative": ["-1"],
    "word": ["two"],
    "sign": ["+2"],
    "fraction": ["2.0"],
    "list": ["2, 2"],
    "doubled": ["2", "2"],
    "contradictory": ["2", "3"],
    "empty": [""],
    "endless": ["9" * 5000],
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_a_content_length_that_is_not_a_number_is_refused(world: World, lengths: list[str]) -> None:
    """The connection is closed, because it is not known where the next request begins."""
    vm = world.simulator.machine("kept").id
    headers = ["Host: 127.0.0.1", "Authorization: Bearer token", *(f"Content-Length: {it}" for it in lengths)]
    lines = [f"POST {vm}/reimage?{API_VERSION} HTTP/1.1", *headers, "", "{}"]
    with (
        serve(world.simulator) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        client.sendall("\r\n".join(lines).encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert world.simulator.requests() == []

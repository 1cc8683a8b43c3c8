"""Bytes that are not an HTTP request are refused with a 4xx in ARM's envelope, and the server lives on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import RunningServer, serve

from ..client import API_VERSION
from .raw_http import exchange, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..client import World

pytestmark = pytest.mark.usefixtures("socket_enabled")
HOST = b"Host: 127.0.0.1\r\n"
TOKEN = b"Authorization: Bearer token\r\n"
GET = b"GET /x HTTP/1.1\r\n"
POST = b"POST /x HTTP/1.1\r\n" + HOST
END = b"\r\n"


@pytest.fixture
def server(world: World) -> Iterator[RunningServer]:
    """Serve the world, which must still answer afterwards."""
    with serve(world.simulator) as running:
        yield running
        vm = f"{world.simulator.machine('kept').id}?{API_VERSION}".encode()
        healthy = exchange(running, b"GET " + vm + b" HTTP/1.1\r\n" + HOST + TOKEN + END)
        assert healthy.startswith(b"HTTP/1.1 200 OK\r\n")


MALFORMED = {
    "no request line": (b"\x16\x03\x01\x02\x00" + END + END, 400),
    "two empty lines": (END * 3, 400),
    "HTTP/0.9": (b"GET /x\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "no version": (b"GET /x HTTP\r\n" + HOST + END, 400),
    "a space in the target": (b"GET /x y HTTP/1.1\r\n" + HOST + END, 400),
    "NUL in the target": (b"GET /x\x00 HTTP/1.1\r\n" + HOST + END, 400),
    "bytes in the target": (b"GET /\xff HTTP/1.1\r\n" + HOST + END, 400),
    "a fragment": (b"GET /x#y HTTP/1.1\r\n" + HOST + END, 400),
    "a target that is no path": (b"GET x HTTP/1.1\r\n" + HOST + END, 400),
    "the target of OPTIONS": (b"OPTIONS * HTTP/1.1\r\n" + HOST + END, 400),
    "the target of CONNECT": (b"CONNECT x:443 HTTP/1.1\r\n" + HOST + END, 400),
    "a URL of another scheme": (b"GET ftp://x/ HTTP/1.1\r\n" + HOST + END, 400),
    "a URL with a user": (b"GET http://u@x/ HTTP/1.1\r\n" + HOST + END, 400),
    "a method with a colon": (b"GE:T /x HTTP/1.1\r\n" + HOST + END, 400),
    "a method that is too long": (b"G" * 65 + b" /x HTTP/1.1\r\n" + HOST + END, 400),
    "bare LF": (b"GET /x HTTP/1.1\nHost: x\n\n", 400),
    "bare CR": (b"GET /x HTTP/1.1\rHost: x\r\r\n\r\n", 400),
    "a target that is too long": (b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n" + HOST + END, 414),
    "a header that is too long": (GET + HOST + b"X: " + b"x" * 40_000 + END + END, 431),
    "too many headers": (GET + HOST + b"X: x\r\n" * 200 + END, 431),
    "a header without a colon": (GET + HOST + b"X\r\n" + END, 400),
    "a space before the colon": (GET + b"Host : x\r\n" + END, 400),
    "a folded header": (GET + HOST + b"X: a\r\n b\r\n" + END, 400),
    "NUL in a header": (GET + HOST + b"X: \x00\r\n" + END, 400),
    "no end of the headers": (GET + HOST, 400),
    "no Host": (GET + END, 400),
    "an empty Host": (GET + b"Host:\r\n" + END, 400),
    "two Hosts": (GET + HOST + HOST + END, 400),
    "a Host with a path": (GET + b"Host: x/y\r\n" + END, 400),
    "a Host with a broken address": (GET + b"Host: [::1\r\n" + END, 400),
    "a Host with no address": (GET + b"Host: [1]\r\n" + END, 400),
    "a Host with a great port": (GET + b"Host: x:99999\r\n" + END, 400),
    "a body that is cut off": (POST + b"Content-Length: 9\r\n\r\n{}", 400),
    "a body that is too long": (POST + b"Content-Length: 4194305\r\n\r\n{}", 413),
    "a chunked body": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    "a coding that is none": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n", 400),
    "another coding": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 400),
    "two ends of the body": (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
}


@pytest.mark.parametrize(("sent", "status"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_an_http_request_is_refused(
    world: World, server: RunningServer, sent: bytes, status: int
) -> None:
    """It gets one answer, which says what is wrong, and none for the bytes that follow."""
    received = exchange(server, sent)
    head, _, body = received.partition(b"\r\n\r\n")

    assert statuses(received) == [status]
    assert b"\r\nconnection: close" in head
    assert json.loads(body)["error"]["message"].startswith("This is not an HTTP request: ")
    assert world.simulator.requests() == []


PATHS = {
    "an escape that is none": "/subscriptions/%zz",
    "half of an escape": "/subscriptions/%4",
    "bytes that are not UTF-8": "/subscriptions/%ff%fe",
    "NUL": "/subscriptions/%00",
    "a line feed": "/subscriptions/%0a",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_that_cannot_be_decoded_is_refused(world: World, server: RunningServer, path: str) -> None:
    """The request is HTTP, so it is in the log and the connection stays open."""
    sent = f"GET {path}?{API_VERSION} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token\r\n\r\n".encode()

    assert statuses(exchange(server, sent * 2)) == [400, 400]
    assert [(logged.path, logged.status) for logged in world.simulator.requests()] == [(path, 400)] * 2


ACCEPTED = {
    "an empty line before the request": END + GET + HOST + END,
    "HTTP/1.0 without Host": b"GET /x HTTP/1.0\r\n\r\n",
    "a whole URL as the target": b"GET http://arm.example:80/x HTTP/1.1\r\n" + HOST + END,
    "a URL without a path": b"GET http://arm.example?y HTTP/1.1\r\n" + HOST + END,
    "an address of IPv6": GET + b"Host: [::1]:80\r\n" + END,
    "a method of one's own": b"BREW /x HTTP/1.1\r\n" + HOST + END,
}


@pytest.mark.parametrize("sent", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_unusual_and_allowed_is_answered(server: RunningServer, sent: bytes) -> None:
    """ARM refuses it because it has no token."""
    assert statuses(exchange(server, sent)) == [401]


def test_requests_that_come_at_once_are_answered_in_order(server: RunningServer) -> None:
    """The last request ends the connection."""
    last = GET + HOST + b"Connection: keep-alive, Close\r\n" + END

    assert statuses(exchange(server, (GET + HOST + END) * 2 + last + GET + HOST + END)) == [401, 401, 401]


def test_a_client_that_waits_before_it_sends_the_body_is_told_to_continue(server: RunningServer) -> None:
    """A body that will not be accepted is refused before it is sent."""
    waiting = POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"

    assert statuses(exchange(server, waiting % 2 + b"{}")) == [100, 401]
    assert statuses(exchange(server, waiting % 9_999_999)) == [413]


def test_a_whole_url_as_the_target_names_the_host(world: World, server: RunningServer) -> None:
    """The links in the answer lead there, as through a proxy."""
    vm = world.simulator.machine("kept").id
    line = f"POST http://arm.example{vm}/reimage?{API_VERSION} HTTP/1.1\r\n".encode()

    assert b"azure-asyncoperation: http://arm.example/subscriptions/" in exchange(
        server, line + HOST + TOKEN + END
    )

"""The access log of a served simulator."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from pulumi_azure_reimage.simulator import ConnectionCutError, Request, Response, serve
from pulumi_azure_reimage.simulator.http.access_log import AccessLog

from ..client import API_VERSION, BASE, TOKEN, status_url

if TYPE_CHECKING:
    from pulumi_azure_reimage.simulator.http.messages import RequestHandler

    from ..client import World


class Ticks:
    """A timer that counts 12.5 ms for each answer."""

    def __init__(self) -> None:
        """Start at zero."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Count up."""
        self.seconds += 0.0125
        return self.seconds


class Broken:
    """A handler with a bug."""

    def handle(self, request: Request) -> Response:
        """Fail.

        Raises:
            LookupError: Always.
        """
        raise LookupError(request.url)


def logged(world: World, handler: RequestHandler, request: Request) -> str:
    """Return the line of one request."""
    out = io.StringIO()
    with suppress(ConnectionCutError, LookupError):
        AccessLog(handler, out, now=world.now, timer=Ticks()).handle(request)
    return out.getvalue()


def test_a_request_is_one_line_without_signature_and_body(world: World) -> None:
    """It has the API version, the status, the size and the duration."""
    url = status_url(world.reimage("kept"))
    line = logged(world, world.simulator, Request("GET", url, TOKEN))
    path = url.removeprefix(BASE).partition("?")[0]

    assert line == f"2024-08-26T07:15:56Z GET {path}?{API_VERSION} -> 200 116 bytes, 12.5 ms\n"


def test_a_connection_that_is_cut_says_how(world: World) -> None:
    """The client got no status."""
    world.simulator.script("POST kept: drop on the way")
    request = Request("POST", f"{BASE}{world.simulator.machine('kept').id}/reimage?{API_VERSION}", TOKEN)

    assert logged(world, world.simulator, request).endswith(
        "/reimage?api-version=2024-07-01 -> drop on the way, 12.5 ms\n"
    )


def test_a_mistake_of_the_simulator_is_a_500(world: World) -> None:
    """The client sees it as a 500, too."""
    line = logged(world, Broken(), Request("GET", f"{BASE}/x"))

    assert line == "2024-08-26T07:15:56Z GET /x -> 500 LookupError, 12.5 ms\n"


def test_no_request_writes_a_line_of_its_own(world: World) -> None:
    """No request colours the terminal."""
    line = logged(world, Broken(), Request("GE\nT", f"{BASE}/\x1b[31mé\r?api-version=1\n2"))

    assert line.count("\n") == 1
    assert line.isascii()
    assert "\x1b" not in line


@pytest.mark.usefixtures("socket_enabled")
def test_a_served_simulator_logs_arm_and_the_admin_api(world: World) -> None:
    """The lines are in the order of the answers."""
    out = io.StringIO()
    with serve(world.simulator, access_log=out) as server, httpx.Client(base_url=server.url) as client:
        client.get(f"{world.simulator.machine('kept').id}?{API_VERSION}", headers=TOKEN)
        client.get("/_simulator/health")
    lines = out.getvalue().splitlines()

    assert len(lines) == 2
    assert f"{world.simulator.machine('kept').id}?{API_VERSION} -> 200 " in lines[0]
    assert " GET /_simulator/health -> 200 " in lines[1]

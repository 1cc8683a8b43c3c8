"""A bug in the simulator is HTTP 500 with a traceback on stderr, whether served, in process or embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

import httpx
import pytest

from pulumi_azure_reimage.simulator import Request, SimulatorError, SimulatorTransport, serve

from ..client import API_VERSION, BASE, TOKEN, FakeNow, World, code

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("socket_enabled")


class BreakingNow(FakeNow):
    """A clock that fails once on request, in place of a bug in the simulator."""

    breaks = False

    def __call__(self) -> datetime:
        """Return the time.

        Raises:
            ZeroDivisionError: It was set to fail.
        """
        if self.breaks:
            self.breaks = False
            raise ZeroDivisionError("the mistake")
        return super().__call__()


class Broken:
    """A handler that fails at each request."""

    def __init__(self, error: Exception) -> None:
        """Fail with this error."""
        self._error = error

    def handle(self, _request: Request, /) -> Never:
        """Fail."""
        raise self._error


def test_a_mistake_is_an_answer_and_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The request changes nothing, and is in the log."""
    (tmp_path / "machines.toml").write_text('[[machine]]\nname = "kept"')
    now = BreakingNow()
    with World.open(tmp_path / "machines.toml", now) as world:
        url = f"{BASE}{world.simulator.machine('kept').id}/reimage?{API_VERSION}"
        now.breaks = True
        failed = world.simulator.handle(Request("POST", url, TOKEN))

        assert (failed.status, code(failed)) == (500, "InternalServerError")
        assert [post.status for post in world.simulator.reimage_requests()] == [500]
        assert world.vm("kept")["etag"] == '"2"'
        assert world.reimage("kept").status == 202
    printed = capsys.readouterr().err
    assert printed.startswith("Traceback (most recent call last):\n")
    assert printed.endswith("ZeroDivisionError: the mistake\n")


@pytest.mark.parametrize("way", ["in process", "over a socket"])
def test_a_client_always_gets_an_answer(capsys: pytest.CaptureFixture[str], way: str) -> None:
    """A closed connection would look like a fault that the user had scripted."""
    broken = Broken(KeyError("the mistake"))
    with serve(broken) as server:
        transport = httpx.HTTPTransport() if way == "over a socket" else SimulatorTransport(broken)
        with httpx.Client(transport=transport, base_url=server.url) as client:
            answers = [client.get("/x"), client.get("/x")]

    assert [answer.status_code for answer in answers] == [500, 500]
    assert answers[0].json()["error"]["code"] == "InternalServerError"
    assert capsys.readouterr().err.count("KeyError: 'the mistake'\n") == 2


@pytest.mark.parametrize("way", ["in process", "over a socket"])
def test_what_the_simulator_cannot_do_is_reported_without_a_traceback(
    capsys: pytest.CaptureFixture[str], way: str
) -> None:
    """It is not a bug in the simulator."""
    broken = Broken(SimulatorError("the state file is gone"))
    with serve(broken) as server:
        transport = httpx.HTTPTransport() if way == "over a socket" else SimulatorTransport(broken)
        with httpx.Client(transport=transport, base_url=server.url) as client:
            answer = client.get("/x")

    assert (answer.status_code, answer.json()["error"]) == (
        500,
        {"code": "SimulatorError", "message": "The simulator cannot answer: the state file is gone"},
    )
    assert capsys.readouterr().err == ""

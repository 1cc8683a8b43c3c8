"""A client of the admin API, without a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_azure_reimage.simulator import Request, Response
from pulumi_azure_reimage.simulator.admin.application import Application

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..client import World

HOST = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Admin:
    """A client of the admin API."""

    application: Application

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request unchanged."""
        return self.application.handle(Request(method, f"{HOST}/_simulator/{path}", headers or {}, body))

    def get(self, path: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Read something that exists."""
        answer = self.send("GET", path)
        assert answer.status == 200, answer.body
        return answer.json()

    def post(self, command: str, **values: object) -> Any:  # noqa: ANN401 - as above.
        """Run a command that succeeds."""
        answer = self.send("POST", command, json.dumps(values).encode())
        assert answer.status == 200, answer.body
        return answer.json()

    def refused(self, command: str, **values: object) -> tuple[int, str]:
        """Run a command that is refused; return the status and the sentence."""
        answer = self.send("POST", command, json.dumps(values).encode())
        return answer.status, answer.json()["error"]["message"]

    def page(self, path: str = "") -> str:
        """Load the page."""
        answer = self.send("GET", path, headers={"accept": "text/html"})
        assert answer.status == 200, answer.body
        return answer.body.decode()


@pytest.fixture
def admin(world: World) -> Admin:
    """Return a client of the admin API of the world."""
    return Admin(Application(world.simulator))

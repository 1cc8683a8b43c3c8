"""What the tests use: a fake clock, and a simulator with a client's view of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from pulumi_azure_reimage.simulator import Request, Response, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BASE = "https://management.azure.com"
API_VERSION = "api-version=2024-07-01"
TOKEN = {"authorization": "Bearer token"}


class FakeNow:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Start in the morning of the recorded reimage."""
        self.time = datetime(2024, 8, 26, 7, 15, 56, 304804, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class World:
    """A simulator, its clock, and requests as a client sends them."""

    simulator: Simulator
    now: FakeNow

    @classmethod
    @contextmanager
    def open(cls, inventory: Path, now: FakeNow) -> Iterator[Self]:
        """Open an inventory while a block runs."""
        with Simulator.open(inventory, now=now) as simulator:
            yield cls(simulator, now)

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] = TOKEN
    ) -> Response:
        """Send a request to a path, or to a whole URL."""
        url = path if path.startswith("http") else f"{BASE}{path}"
        content = b"" if body is None else json.dumps(body).encode()
        typed = {"content-type": "application/json", **headers} if content else headers
        return self.simulator.handle(Request(method, url, typed, content))

    def get(self, url: str) -> Response:
        """Send a GET."""
        return self.send("GET", url)

    def vm(self, name: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Return the document of a VM."""
        return self.get(f"{self.simulator.machine(name).id}?{API_VERSION}").json()

    def reimage(self, name: str, body: object = None) -> Response:
        """Request a reimage."""
        return self.send("POST", f"{self.simulator.machine(name).id}/reimage?{API_VERSION}", body)

    def reimage_to_the_end(self, name: str, body: object = None) -> Response:
        """Request a reimage and let its time pass."""
        accepted = self.reimage(name, body)
        assert accepted.status == 202
        self.now.advance(75)
        return accepted


def status_url(accepted: Response) -> str:
    """Return the URL that a client polls."""
    return accepted.headers["azure-asyncoperation"]


def code(response: Response) -> str:
    """Return the code of an error envelope."""
    found: str = response.json()["error"]["code"]
    return found

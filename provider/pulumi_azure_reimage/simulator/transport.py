"""An httpx transport that answers in process: no server, no port, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from .messages import Request

if TYPE_CHECKING:
    from .simulator import Simulator


class SimulatorTransport(httpx.BaseTransport):
    """Answers every request, whatever its host, from a simulator.

    ```python
    client = httpx.Client(transport=SimulatorTransport(simulator), base_url="https://management.azure.com")
    ```
    """

    def __init__(self, simulator: Simulator) -> None:
        """Answer from `simulator`, which stays open when the transport is closed."""
        self._simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        answer = self._simulator.handle(
            Request(request.method, str(request.url), request.headers, request.read())
        )
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

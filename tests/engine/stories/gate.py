"""A gate in front of a served simulator: it holds one request at a point of a run until the story continues.

While a request is held, the story knows where the run is, no matter how slow the machine is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_azure_reimage.simulator import ConnectionCutError
from pulumi_azure_reimage.simulator.http.cut import AFTER_SEND, ON_THE_WAY, Cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_azure_reimage.simulator import Request, Response
    from pulumi_azure_reimage.simulator.http.messages import RequestHandler


@dataclass(slots=True)
class Hold:
    """One request that is to be held.

    Attributes:
        matches: Returns whether a request is this request.
        when_taken: Whether it is held after it was carried out, with its answer, or before.
        reached: Set when the request has arrived.
        over: Set when the request was carried out or lost.
    """

    matches: Callable[[Request], bool]
    when_taken: bool = False
    reached: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    _go_on: Event = field(default_factory=Event)
    _is_lost: bool = False

    def release(self) -> None:
        """Release the request, and return when it has been carried out."""
        self._go_on.set()
        if self.reached.is_set():
            self.over.wait()

    def lose(self) -> None:
        """Lose the request, or its answer."""
        self._is_lost = True
        self.release()

    def stop(self) -> None:
        """Hold the request here until it is released.

        Raises:
            ConnectionCutError: it is lost.
        """
        self.reached.set()
        self._go_on.wait()
        if self._is_lost:
            self.over.set()
            raise ConnectionCutError(Cut("drop", ON_THE_WAY))


class Gate:
    """Passes requests to a simulator, and holds those that a story wants to hold.

    Attributes:
        taken: How many requests for a reimage Azure has taken, including those whose answer was lost.
    """

    def __init__(self, simulator: RequestHandler) -> None:
        self.taken = 0
        self._simulator = simulator
        self._holds: list[Hold] = []
        self._lock = Lock()
        # A separate lock, because a story may wait for a request while another one is checked.
        self._counting = Lock()

    def hold(self, matches: Callable[[Request], bool], *, when_taken: bool = False) -> Hold:
        """Hold the next request that matches, and let every other one pass."""
        hold = Hold(matches, when_taken)
        with self._lock:
            self._holds.append(hold)
        return hold

    def open(self) -> None:
        """Release every request, and hold no more."""
        with self._lock:
            holds, self._holds = self._holds, []
        for hold in holds:
            hold.release()

    def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            ConnectionCutError: the connection breaks.
        """
        hold = self._take(request)
        if hold is None:
            return self._carry_out(request)
        if not hold.when_taken:
            hold.stop()
        try:
            response = self._carry_out(request)
            if hold.when_taken:
                hold.stop()
        finally:
            hold.over.set()
        return response

    def _carry_out(self, request: Request) -> Response:
        try:
            response = self._simulator.handle(request)
        except ConnectionCutError as broken:
            self._count(request, is_taken=broken.cut.moment == AFTER_SEND)
            raise
        self._count(request, is_taken=response.status == HTTPStatus.ACCEPTED)
        return response

    def _count(self, request: Request, *, is_taken: bool) -> None:
        with self._counting:
            self.taken += is_taken and is_reimage(request)

    def _take(self, request: Request) -> Hold | None:
        with self._lock:
            waiting = [hold for hold in self._holds if not hold.reached.is_set()]
            hold = next((hold for hold in waiting if hold.matches(request)), None)
            if hold is not None:
                hold.reached.set()
            return hold


def is_reimage(request: Request) -> bool:
    """Return whether a request is one for a reimage."""
    return request.method == "POST" and _path(request).endswith("/reimage")


def is_poll(request: Request) -> bool:
    """Return whether a request polls an operation."""
    return request.method == "GET" and "/operations/" in _path(request)


def is_look(request: Request) -> bool:
    """Return whether a request reads the VM itself."""
    return request.method == "GET" and _path(request).rpartition("/")[0].endswith("/virtualmachines")


def _path(request: Request) -> str:
    return urlsplit(request.url).path.lower()

"""Typed calls for the script language. Each makes one fault happen to one machine."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Literal, get_args

RequestKind = Literal["POST", "GET", "poll", "location", "permissions", "locks", "any"]
EndState = Literal["failed", "stopped", "deallocated"]
Leaves = Literal["disk untouched", "new disk", "broken"]
LEAVES: tuple[Leaves, ...] = get_args(Leaves)


class FaultCalls(ABC):
    """The faults that a test can cause, by the name or the resource id of a machine.

    `request` is the kind of request that the fault affects, by default the POST of a reimage. `which` counts
    such requests, or reimages, from now on: `1` is the next one, and `2-4`, `3+` and `every` also work.

    Each call raises UnknownMachineError if there is no such machine or the name is ambiguous, and ScriptError
    if an argument is not understood.
    """

    @abstractmethod
    def inject(self, target: str, which: str, name: str, effect: str) -> None:
        """Make `effect` happen, in the words of the script language."""

    def fail(
        self,
        name: str,
        code: str = "InternalExecutionError",
        message: str = "",
        *,
        leaves: Leaves | None = None,
        which: str = "1",
    ) -> None:
        """Make a reimage end `Failed`.

        Args:
            name: The machine.
            code: ARM's error code.
            message: The message, by default the one that belongs to the code.
            leaves: What is left of the machine, by default what the code leaves.
            which: Which of its reimages.
        """
        self._end("fail", name, (code, message), leaves, which)

    def cancel(
        self,
        name: str,
        code: str = "OperationPreempted",
        message: str = "",
        *,
        leaves: Leaves | None = None,
        which: str = "1",
    ) -> None:
        """Make a reimage end `Canceled`. The arguments are those of `fail`."""
        self._end("cancel", name, (code, message), leaves, which)

    def _end(self, word: str, name: str, error: tuple[str, str], leaves: Leaves | None, which: str) -> None:
        effect = f"{word} {error[0]} {json.dumps(error[1])}"
        self.inject("reimage", which, name, effect if leaves is None else f"{effect}, {leaves}")

    def hang(self, name: str, *, which: str = "1") -> None:
        """Make a reimage run until `finish` ends it."""
        self.inject("reimage", which, name, "hang")

    def show_late(self, name: str, seconds: float, *, which: str = "1") -> None:
        """Make the VM show the end of a reimage this many seconds after the operation's status does."""
        self.inject("reimage", which, name, f"show late {seconds}")

    def forget_operation(self, name: str, seconds: float, *, which: str = "1") -> None:
        """Make the status of a reimage answer 404 once this many seconds have passed since its start."""
        self.inject("reimage", which, name, f"forget after {seconds}")

    def keep_os_disk(self, name: str, *, which: str = "1") -> None:
        """Make a reimage succeed and leave the VM its old OS disk."""
        self.inject("reimage", which, name, "keep disk")

    def leave(self, name: str, state: EndState, *, which: str = "1") -> None:
        """Make a reimage succeed and leave the VM failed, stopped or deallocated."""
        self.inject("reimage", which, name, f"leave {state}")

    def refuse_connection(self, name: str, *, request: RequestKind = "POST", which: str = "1") -> None:
        """Refuse the connection, so that the request is never sent."""
        self.inject(request, which, name, "drop before send")

    def lose_request(self, name: str, *, request: RequestKind = "POST", which: str = "1") -> None:
        """Close the connection before the request is carried out."""
        self.inject(request, which, name, "drop on the way")

    def lose_answer(self, name: str, *, request: RequestKind = "POST", which: str = "1") -> None:
        """Carry the request out and close the connection instead of answering."""
        self.inject(request, which, name, "drop after send")

    def truncate_answer(self, name: str, *, request: RequestKind = "POST", which: str = "1") -> None:
        """Carry the request out and close the connection in the middle of the answer's body."""
        self.inject(request, which, name, "cut body")

    def reset_connection(self, name: str, *, request: RequestKind = "POST", which: str = "1") -> None:
        """Carry the request out and reset the connection instead of answering."""
        self.inject(request, which, name, "reset after send")

    def time_out(self, name: str, *, request: RequestKind = "POST", which: str = "1") -> None:
        """Carry the request out and never answer."""
        self.inject(request, which, name, "timeout after send")

    def deliver_late(self, name: str, seconds: float, *, which: str = "1") -> None:
        """Carry out a request for a reimage this many seconds after it was sent, and never answer it."""
        self.inject("POST", which, name, f"deliver late {seconds}")

    def show_stale(self, name: str, seconds: float, *, which: str = "1") -> None:
        """Answer a GET with the VM as it was this many seconds ago."""
        self.inject("GET", which, name, f"stale {seconds}")

    def delay_answer(
        self, name: str, seconds: float, *, request: RequestKind = "POST", which: str = "1"
    ) -> None:
        """Carry the request out and answer late."""
        self.inject(request, which, name, f"slow {seconds}")

    def reject(  # noqa: PLR0913 - the parts of one error.
        self,
        name: str,
        status: int,
        code: str = "",
        message: str = "",
        *,
        request: RequestKind = "POST",
        which: str = "1",
    ) -> None:
        """Answer with an error and carry nothing out. Code and message default to those of the status."""
        self.inject(request, which, name, f"{status} {code} {json.dumps(message)}")

    def throttle(
        self, name: str, retry_after: int, *, request: RequestKind = "POST", which: str = "1"
    ) -> None:
        """Answer 429 with a Retry-After header and carry nothing out."""
        self.inject(request, which, name, f"429, retry-after {retry_after}")

"""The machines of one run: what is reported about many of them at once, and how many may be reimaged.

People read a summary of three hundred machines, but not three hundred paragraphs. Each machine has one line
on its own row, and what holds for many of them is reported once.

One shared trigger can wipe every machine of a stack, so the stack can set a limit. Above it, nothing is sent
at all.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import TYPE_CHECKING

from ..reimage.announcement import PLACE_OF_URN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..reimage.announcement import Announcement

# More names than this cannot be read at a glance.
_MOST_NAMES = 3
# In seconds. A decision that is under way ends within a few requests to Azure, unless the VM is busy.
_PATIENCE = 120.0


@dataclass(slots=True)
class _Group:
    """The machines for which a sentence holds, and for how many of them it was reported."""

    machines: list[str] = field(default_factory=list)
    said_of: int = 0


class Fleet:
    """The machines of one run.

    A machine is identified by the URN of its component. The engine processes the first resource of all
    machines that do not wait for each other before the next resource of any of them, so the counts are
    complete before the first request is sent. The engine does not promise that order. With machines that wait
    for each other, the counts are those of the machines so far.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        # The URN of the ReimageRequest of each machine.
        self._machines: dict[str, str] = {}
        self._announced: dict[str, Announcement] = {}
        self._groups: dict[str, _Group] = {}
        self._counted = ""
        # Whether a reimage is to be sent; None as long as that is not decided.
        self._due: dict[str, bool | None] = {}

    def join(self, machine: str, request_urn: str) -> None:
        """Count a machine of the program."""
        with self._changed:
            self._machines[machine] = request_urn

    # Reports.

    def announce(self, machine: str, announced: Announcement) -> None:
        """Note that a reimage is announced."""
        with self._changed:
            self._announced[machine] = announced
        self.note(machine, announced.details)

    def note(self, machine: str, text: str) -> None:
        """Note a sentence that can hold for many machines."""
        with self._changed:
            machines = self._groups.setdefault(text, _Group()).machines
            if machine not in machines:
                machines.append(machine)

    def report(self) -> list[str]:
        """Return what was noted since the last report, and how many machines will be reimaged."""
        with self._changed:
            counted = self._count()
            new = [counted] if counted != self._counted else []
            self._counted = counted
            for text, group in self._groups.items():
                if group.said_of < len(group.machines):
                    new.append(self._say(text, group.machines))
                    group.said_of = len(group.machines)
            return new

    def _say(self, text: str, machines: list[str]) -> str:
        if len(machines) == 1:
            text = text.replace(PLACE_OF_URN, self._machines.get(machines[0], PLACE_OF_URN))
        return f"{_name(machines)}: {text}"

    def _count(self) -> str:
        if not self._announced:
            return ""
        certain = sum(announced.certain for announced in self._announced.values())
        rest = len(self._announced) - certain
        total = f"{len(self._machines)} {'machine' if len(self._machines) == 1 else 'machines'}"
        if not rest:
            return f"{certain} of {total} will be reimaged."
        if not certain:
            return f"{rest} of {total} may be reimaged."
        return f"{certain} of {total} will be reimaged, and {rest} more may be."

    # The limit.

    def expect(self, machine: str) -> None:
        """Note that a decision about a machine is due, which may be to reimage it."""
        with self._changed:
            self._due.setdefault(machine, None)

    def reopen(self, machine: str) -> None:
        """Note that a step will find out whether anything is sent to a machine after all."""
        self._set(machine, None)

    @contextmanager
    def settling(self, machine: str) -> Iterator[None]:
        """Count a machine as a reimage if its step has ended and has not found out anything else."""
        try:
            yield
        finally:
            if self._due.get(machine, False) is None:
                self.decide(machine, sends=True)

    def decide(self, machine: str, *, sends: bool) -> None:
        """Note what was decided about a machine."""
        self._set(machine, sends)

    def _set(self, machine: str, sends: bool | None) -> None:  # noqa: FBT001 - as `_due` has it.
        with self._changed:
            self._due[machine] = sends
            self._changed.notify_all()

    def refuse_announced(self, limit: int) -> str | None:
        """Return why nothing may be sent if everything that a preview has announced is done.

        A reimage that depends on an unknown value does not count, because most such values turn out to be
        unchanged. The update counts it.
        """
        with self._changed:
            certain = {machine for machine, announced in self._announced.items() if announced.certain}
            return _refuse(len(certain | {machine for machine, sends in self._due.items() if sends}), limit)

    def refuse_due(self, machine: str, limit: int, patience: float = _PATIENCE) -> str | None:
        """Return why a machine may not be reimaged, once the decisions that are under way allow an answer.

        A decision that is not made by then counts as a reimage.
        """
        self.decide(machine, sends=True)  # It asks because it is to be sent.
        with self._changed:
            waited_for = tuple(self._due)
            self._changed.wait_for(
                lambda: self._most() <= limit or all(self._due[each] is not None for each in waited_for),
                patience,
            )
            return _refuse(self._most(), limit)

    def _most(self) -> int:
        return sum(sends is not False for sends in self._due.values())


def _refuse(count: int, limit: int) -> str | None:
    if count <= limit:
        return None
    return (
        f"{count} machines would be reimaged in this run, and azure-reimage:maxReimagesPerRun allows "
        f"{limit}. If all of them are intended, set it to {count}. If not, undo the change, or update "
        f"some of them at a time (`--target` with `--target-dependents`)."
    )


def _name(machines: list[str]) -> str:
    if len(machines) > _MOST_NAMES:
        return f"{len(machines)} machines"
    names = sorted(urn.rpartition("::")[2] for urn in machines)
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))

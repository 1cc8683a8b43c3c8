"""Whether the VM is what its reimage should have made of it.

One table, which is also in the README. It is an error where the VM shows that its OS disk was not rebuilt,
and a warning where the disk was rebuilt and something else is not as it should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from ..json_reading import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..arm.lro import Succeeded
    from ..arm.virtual_machine import VirtualMachine
    from .record import Record

# Clocks of machines that keep time differ by less.
_CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reimage that ended, and the VM that it left.

    Attributes:
        record: The request, with the VM before it.
        vm: The VM afterwards.
        end: What ARM said of the end; None if the VM is the only witness.
    """

    record: Record
    vm: VirtualMachine
    end: Succeeded | None

    @property
    def kept_its_disk(self) -> bool:
        """Tell whether the VM shows no other managed OS disk than it had."""
        return self.vm.disk.is_still(self.record.before)


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the table.

    Attributes:
        when: What is not as it should be, as the README says it.
        effect: What follows.
        find: Returns it as the end of a sentence about the VM, if it is so.
    """

    when: str
    effect: Literal["error", "warning"]
    find: Callable[[Outcome], str | None]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that is not as it should be."""

    check: Check
    text: str

    @property
    def is_error(self) -> bool:
        """Tell whether the reimage cannot be taken as done."""
        return self.check.effect == "error"


def deviations(outcome: Outcome) -> tuple[Deviation, ...]:
    """Return what is not as it should be, in the order of the table."""
    said = ((check, check.find(outcome)) for check in CHECKS)
    found = tuple(Deviation(check, text) for check, text in said if text is not None)
    # Nothing of another VM can be compared with the one before.
    return found[:1] if found and found[0].check is _ANOTHER else found


def _is_another(outcome: Outcome) -> str | None:
    if outcome.vm.disk.vm_unique_id == outcome.record.before.vm_unique_id:
        return None
    return "it was deleted and created anew since its reimage was requested"


def _unproven(outcome: Outcome) -> str | None:
    if outcome.end is None and not outcome.vm.succeeded:
        return f"the provisioning state of the VM is {outcome.vm.provisioning_state}"
    return None


def _same_disk(outcome: Outcome) -> str | None:
    if not outcome.kept_its_disk:
        return None
    if outcome.end is not None and outcome.record.before.os_disk_id is None:
        # A disk without an id proves nothing, and Azure's word stands.
        return None
    return "the VM still has its old OS disk"


def _other_version(outcome: Outcome) -> str | None:
    version, asked = outcome.vm.disk.image_version, outcome.record.asked_version
    before = outcome.record.before.image_version
    if asked is not None and version != asked:
        return f"it runs image version {version}, and exact_version was {asked}"
    if asked is None and None not in (version, before) and version != before:
        return f"it runs image version {version}, and ran {before} before"
    return None


def _not_settled_well(outcome: Outcome) -> str | None:
    if outcome.end is None or outcome.vm.succeeded:
        return None
    return f"its provisioning state is {outcome.vm.provisioning_state}"


def _not_running(outcome: Outcome) -> str | None:
    power = outcome.vm.power
    return None if power in (None, "running", "starting") else f"it is {power}"


def _odd_times(outcome: Outcome) -> str | None:
    if outcome.end is None:
        return None
    started, completed = parse_time(outcome.end.started_at), parse_time(outcome.end.completed_at)
    requested = outcome.record.requested_at
    if started and completed and completed < started:
        return "its reimage ended before it started, by Azure's times"
    if completed and requested and completed < requested - _CLOCKS:
        return (
            "its reimage ended before it was requested, by Azure's times: is the clock of this machine right?"
        )
    return None


_ANOTHER = Check("the VM was deleted and created anew meanwhile (`vmId`)", "warning", _is_another)

CHECKS: tuple[Check, ...] = (
    _ANOTHER,
    Check(
        "Azure does not tell how the operation ended, and the provisioning state is not `Succeeded`",
        "error",
        _unproven,
    ),
    Check("a managed OS disk has its old id", "error", _same_disk),
    Check("the image version is not the one that was asked for, or not as before", "warning", _other_version),
    Check(
        "the operation succeeded, and the provisioning state is not `Succeeded`", "warning", _not_settled_well
    ),
    Check("the VM does not run", "warning", _not_running),
    Check("Azure's times contradict each other or the request", "warning", _odd_times),
)

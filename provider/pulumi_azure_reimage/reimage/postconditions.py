"""Whether the VM is what its reimage should have made of it.

`make docs` writes this table into docs/preview-and-guards.md. A finding is an error if the VM shows that its
OS disk was not rebuilt, and a warning if the disk was rebuilt and something else is not as it should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ..json_reading import parse_time
from .rule import Finding, Rule, apply_rules

if TYPE_CHECKING:
    from ..arm.lro import Succeeded
    from ..arm.virtual_machine import VirtualMachine
    from .record import Record

_RECREATED = "it was deleted and created again since its reimage was requested"
# The clocks of machines that synchronize them differ by less.
_CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reimage that ended, and the VM that it left.

    Attributes:
        record: The request, with the VM before it.
        vm: The VM afterwards.
        end: What ARM reported about the end; None if the VM is the only witness.
    """

    record: Record
    vm: VirtualMachine
    end: Succeeded | None

    @property
    def is_reported(self) -> bool:
        """Whether Azure itself reports that the operation ended well."""
        return self.end is not None or self.record.ended_well

    @property
    def is_another(self) -> bool:
        """Whether the VM is a different one than before the request, under the same id."""
        return self.vm.disk.vm_unique_id != self.record.before.vm_unique_id


def apply_postconditions(outcome: Outcome) -> tuple[Finding, ...]:
    """Return what is not as it should be, in the order of the table."""
    # A different VM cannot be compared with the one before.
    return apply_rules(POSTCONDITIONS[:2], outcome) or apply_rules(POSTCONDITIONS[2:], outcome)


def _is_another(outcome: Outcome) -> str | None:
    return _RECREATED if outcome.is_another and outcome.is_reported else None


def _is_another_and_unproven(outcome: Outcome) -> str | None:
    return _RECREATED if outcome.is_another and not outcome.is_reported else None


def _unproven(outcome: Outcome) -> str | None:
    if outcome.is_reported or outcome.vm.succeeded:
        return None
    return f"the provisioning state of the VM is {outcome.vm.provisioning_state}"


def _no_witness(outcome: Outcome) -> str | None:
    ephemeral = outcome.record.before.ephemeral or outcome.vm.disk.ephemeral
    if outcome.is_reported or not ephemeral:
        return None
    return "an ephemeral OS disk does not show whether it was rebuilt"


def _same_disk(outcome: Outcome) -> str | None:
    before, now = outcome.record.before, outcome.vm.disk
    if before.ephemeral or now.ephemeral or now.replaces(before):
        return None
    if before.os_disk_id is None or now.os_disk_id is None:
        # A disk without an id proves nothing, so only Azure's report counts.
        return None if outcome.is_reported else "its OS disk has no id to compare"
    return "the VM still has its old OS disk"


def _other_version(outcome: Outcome) -> str | None:
    version, asked = outcome.vm.disk.image_version, outcome.record.requested_version
    before = outcome.record.before.image_version
    if asked is not None and version != asked:
        return f"it runs image version {version}, and exact_version was {asked}"
    if asked is None and None not in (version, before) and version != before:
        return f"it runs image version {version}, and ran {before} before"
    return None


def _not_settled_well(outcome: Outcome) -> str | None:
    if not outcome.is_reported or outcome.vm.succeeded:
        return None
    return f"its provisioning state is {outcome.vm.provisioning_state}"


def _not_running(outcome: Outcome) -> str | None:
    return None if outcome.vm.may_run else f"it is {outcome.vm.power}"


def _odd_times(outcome: Outcome) -> str | None:
    if outcome.end is None:
        return None
    started, completed = parse_time(outcome.end.started_at), parse_time(outcome.end.completed_at)
    requested = outcome.record.requested_at
    if started and completed and completed < started:
        return "its reimage ended before it started, by Azure's times"
    if completed and requested and completed < requested - _CLOCKS:
        return "its reimage ended before it was requested, by Azure's times; check the clock of this machine"
    return None


POSTCONDITIONS: tuple[Rule[Outcome], ...] = (
    Rule("the VM was deleted and created again in the meantime (`vmId`)", "warning", _is_another),
    Rule(
        "the VM was deleted and created again, and Azure does not report how the operation ended",
        "error",
        _is_another_and_unproven,
    ),
    Rule(
        "Azure does not report how the operation ended, and the provisioning state is not `Succeeded`",
        "error",
        _unproven,
    ),
    Rule("Azure does not report how the operation ended, and the OS disk is ephemeral", "error", _no_witness),
    Rule("a managed OS disk has its old id", "error", _same_disk),
    Rule(
        "the image version is not `exact_version`, or changed although that is not set",
        "warning",
        _other_version,
    ),
    Rule(
        "the operation succeeded, and the provisioning state is not `Succeeded`", "warning", _not_settled_well
    ),
    Rule("the VM is not running", "warning", _not_running),
    Rule("Azure's times contradict each other or the request", "warning", _odd_times),
)

"""What becomes of a reimage that is asked for, when the VM is looked at: pure, for previews and updates."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .order import Order
    from .record import Record
    from .virtual_machine import VirtualMachine

# For so long an interrupted run is thought to be run again. ARM forgets its operations about as fast.
_FORGOTTEN = timedelta(days=1)
# A reimage that was requested has started by then, or never will.
_STARTED = timedelta(hours=1)
# How much later than the end of its operation ARM may say that a disk was provisioned. Inferred: the disk of
# a recorded new VM was provisioned seconds after the creation began.
_SKEW = timedelta(seconds=30)


class Fate(Enum):
    """What becomes of it."""

    NEW_VM = "the VM was created anew: a new baseline"
    UNRECORDED = "the VM was reimaged, and state knows nothing of it"
    CURRENT = "the VM already is what is asked for"
    DUE = "the request is to be sent"


def fate(
    vm: VirtualMachine, order: Order, last: Record | None, now: datetime, ended_at: datetime | None = None
) -> Fate:
    """Tell what becomes of a reimage.

    Args:
        vm: The VM as it is.
        order: The reimage.
        last: The record in state, if there is one.
        now: The time.
        ended_at: When the reimage of `last` ended, if ARM still knows.
    """
    if last is not None and last.before.vm_unique_id != vm.disk.vm_unique_id:
        return Fate.NEW_VM
    if last is not None and has_younger_disk(vm, last, now, ended_at) and not has_foreign_disk(vm, now):
        return Fate.UNRECORDED
    is_current = vm.succeeded and vm.disk.image_version == order.exact_version and not order.repeats
    if order.guards.skip_if_current and order.exact_version is not None and is_current:
        return Fate.CURRENT
    return Fate.DUE


def has_younger_disk(
    vm: VirtualMachine, last: Record, now: datetime, ended_at: datetime | None = None
) -> bool:
    """Tell whether the OS disk is younger than the one that state knows of."""
    if last.is_baseline:
        return vm.disk.replaces(last.before) or vm.disk.is_younger_than(last.before)
    since = vm.disk.provisioned_at
    # Without its end: by then it had started, and with that its disk was provisioned.
    known = ended_at or (last.requested_at or now) + _STARTED
    return since is not None and since > known + _SKEW


def has_foreign_disk(vm: VirtualMachine, now: datetime) -> bool:
    """Tell whether the OS disk is too old to be that of an interrupted run: someone else replaced it."""
    since = vm.disk.provisioned_at
    return since is not None and now - since > _FORGOTTEN

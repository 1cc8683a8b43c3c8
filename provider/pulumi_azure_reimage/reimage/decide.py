"""What becomes of a reimage that is asked for, when the VM is looked at: pure, for previews and updates."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import Order
    from .record import Record


class Fate(Enum):
    """What becomes of it."""

    NEW_VM = "the VM was created anew: a new baseline"
    CURRENT = "the VM already is what is asked for"
    DUE = "the request is to be sent"


def fate(vm: VirtualMachine, order: Order, last: Record | None) -> Fate:
    """Tell what becomes of a reimage.

    A disk that someone else replaced changes nothing: nobody asked that one for what is asked for now.

    Args:
        vm: The VM as it is.
        order: The reimage.
        last: The record in state, if there is one.
    """
    if last is not None and last.before.vm_unique_id != vm.disk.vm_unique_id:
        return Fate.NEW_VM
    is_current = vm.succeeded and vm.disk.image_version == order.exact_version and not order.repeats
    if order.guards.skip_if_current and order.exact_version is not None and is_current:
        return Fate.CURRENT
    return Fate.DUE

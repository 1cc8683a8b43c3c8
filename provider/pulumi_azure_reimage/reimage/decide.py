"""What becomes of a requested reimage, given the VM as it is: pure, for previews and updates.

Previews and updates both match on `Decision` completely, so that a case which one of them does not handle is
a type error, and nothing is ever sent by falling through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts, VirtualMachine
    from ..inputs.parameters import DesiredReimage
    from .record import Record


@dataclass(frozen=True, slots=True)
class RecordBaseline:
    """The VM is another one under the same resource id: it becomes a new baseline, and nothing is sent.

    Attributes:
        disk: The VM as it is.
    """

    disk: DiskFacts


@dataclass(frozen=True, slots=True)
class KeepCurrent:
    """The VM already runs the version that is asked for, and `skip_if_current` is set: nothing is sent.

    Attributes:
        disk: The VM as it is.
        version: The version.
    """

    disk: DiskFacts
    version: str


@dataclass(frozen=True, slots=True)
class SendReimage:
    """The reimage is due, after guards and preflight.

    Attributes:
        vm: The VM on which that was decided.
    """

    vm: VirtualMachine


Decision = RecordBaseline | KeepCurrent | SendReimage


def decide(vm: VirtualMachine, desired: DesiredReimage, last: Record | None) -> Decision:
    """Return what becomes of a reimage.

    A disk that someone else replaced changes nothing, because that was not done for what is asked for now.

    Args:
        vm: The VM as it is.
        desired: The reimage.
        last: The record in state, if there is one.
    """
    if last is not None and last.before.vm_unique_id != vm.disk.vm_unique_id:
        return RecordBaseline(vm.disk)
    version = desired.parameters.exact_version
    if desired.guards.skip_if_current and version is not None and not desired.repeats:
        is_current = vm.succeeded and vm.disk.image_version == version
        if is_current:
            return KeepCurrent(vm.disk, version)
    return SendReimage(vm)

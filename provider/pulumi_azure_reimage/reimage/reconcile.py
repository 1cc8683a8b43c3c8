"""Other operations on the VM: waiting until the VM is idle, and reporting a disk that others replaced.

What others did is reported, and never counts as the result of our request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ConfigurationError, RequestRejectedError
from .look import Look
from .run import VIEW_SECONDS

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts, VirtualMachine
    from .context import VmContext

LOOK_INTERVAL = 10.0
_MOST_LOOKS = 4


def report_replaced_disk(context: VmContext, known: DiskFacts, vm: VirtualMachine) -> None:
    """Report whether the VM has a different OS disk from the known one."""
    if known.vm_unique_id == vm.disk.vm_unique_id and vm.disk.replaces(known):
        context.warn(
            f"The OS disk of VM {context.name} was replaced by someone else, or by a run that was killed "
            f"before its request was saved. The disk was {_name(known)}, and is now {_name(vm.disk)}. That "
            f"does not count as the requested reimage."
        )


def wait_for_other_operation(
    context: VmContext, before: VirtualMachine, delay: float = LOOK_INTERVAL
) -> VirtualMachine:
    """Wait until another operation on the VM has ended, before a reimage may be sent.

    That operation was not requested by this update, so ours is still to be decided and sent.

    Args:
        context: The VM.
        before: The VM before ours was to be sent.
        delay: Seconds until the first look.

    Returns:
        The VM as it is then.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or was replaced meanwhile.
    """
    now = wait_until_settled(context, before, delay)
    if now.disk.vm_unique_id != before.disk.vm_unique_id:
        raise RequestRejectedError(
            f"VM {context.name} was deleted and created again while its reimage waited. The reimage was not "
            f"sent. Run `pulumi up` again, which records the new VM as a new baseline."
        )
    return now


def read_settled(context: VmContext, vm: VirtualMachine | None = None) -> VirtualMachine:
    """Return the VM when no operation runs on it. `vm` is a look that was just taken.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or ARM refused to show it.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """
    vm = vm or context.look()
    return vm if vm.settled else wait_until_settled(context, vm)


def read_steady(context: VmContext) -> Look | None:
    """Return a look at the idle VM that a second look confirms; None if there is none.

    One look may be a late view, and what is compared with it later would then always seem to have changed.
    """
    try:
        look = Look.at(read_settled(context))
        for _ in range(_MOST_LOOKS):
            context.clock.sleep(VIEW_SECONDS * context.time_scale)
            before, look = look, Look.at(read_settled(context))
            if look == before:
                return look
    except (RequestRejectedError, ConfigurationError):
        pass
    return None


def wait_until_settled(
    context: VmContext, vm: VirtualMachine, delay: float = LOOK_INTERVAL
) -> VirtualMachine:
    """Wait until no operation runs on the VM, and return it as it is then.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or ARM refused to show it.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """

    def is_settled(vm: VirtualMachine) -> bool:
        if not vm.settled:
            context.progress(f"waiting for another operation ({vm.provisioning_state})")
        return vm.settled

    is_settled(vm)
    context.pause(delay)
    vm = context.wait_until(context.look, is_settled, every=LOOK_INTERVAL)
    if not vm.settled:
        raise RequestRejectedError(
            f"VM {context.name} is still busy with another operation ({vm.provisioning_state}). The "
            f"reimage was not sent; the disk is as that operation leaves it. Run `pulumi up` again when "
            f"it has ended."
        )
    return vm


def _name(disk: DiskFacts) -> str:
    return (disk.os_disk_id or "").rpartition("/")[2]

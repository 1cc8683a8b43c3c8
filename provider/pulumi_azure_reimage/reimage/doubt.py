"""A send in doubt: whether Azure took it, found out without guessing.

In this order: the VM is idle, the fence is over, and the VM is compared with the look that was saved before
the send. An unchanged VM proves that nothing was taken. A changed one proves nothing, because it may be the
work of somebody else: then nothing is sent, and the user decides.

One exception is stated where users read it: an answer lost in the very step that sent. The VM was looked at
within seconds before the POST and was idle. If it is busy or has another disk right after, the POST was
taken. The assumption is that nobody else began a reimage in those seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arm.client import ReadError
from ..errors import ConfigurationError
from .look import Look
from .reconcile import LOOK_INTERVAL, wait_until_settled
from .run import FENCE_SECONDS

if TYPE_CHECKING:
    from ..arm.virtual_machine import VirtualMachine
    from .context import VmContext


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Azure did not take it: the VM is as it was.

    Attributes:
        vm: The VM.
    """

    vm: VirtualMachine


@dataclass(frozen=True, slots=True)
class Taken:
    """Azure took it, though its answer was lost."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing tells.

    Attributes:
        seen: What was seen, as a sentence.
    """

    seen: str


Finding = NotTaken | Taken | Undecided


def resolve_doubt(context: VmContext, look: Look) -> NotTaken | Undecided:
    """Find out whether a send of an earlier run was taken.

    Args:
        context: The VM.
        look: The VM before that send.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or ARM refused to show it; nothing was sent.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
    """
    vm = _look_when_settled(context)
    if not look.is_unchanged(Look.at(vm)):
        # It will not become as it was: no late view shows a change that did not happen.
        return Undecided(_describe_change(look, vm))
    wait_for_fence(context, context.run.updates_since(context.clock), "an earlier request may still arrive")
    vm = _look_when_settled(context)
    return NotTaken(vm) if look.is_unchanged(Look.at(vm)) else Undecided(_describe_change(look, vm))


def watch_after_send(context: VmContext, before: VirtualMachine) -> Finding:
    """Find out whether the POST that was just sent was taken, although its answer was lost.

    Args:
        context: The VM.
        before: The VM within seconds before the POST, when it was idle.
    """
    deadline = context.clock.monotonic() + FENCE_SECONDS * context.time_scale
    last: VirtualMachine | str = "it could not be read"

    def is_taken() -> bool:
        nonlocal last
        try:
            last = context.read()
        except ReadError as error:
            last = f"it could not be read: {error.reason}"
        except ConfigurationError as error:
            last = f"it could not be read: {error.message}"
        if isinstance(last, str) or last.disk.vm_unique_id != before.disk.vm_unique_id:
            return False
        return not last.settled or last.disk.replaces(before.disk)

    interval = min(LOOK_INTERVAL, FENCE_SECONDS * context.time_scale)
    if context.wait_until(is_taken, bool, every=interval, deadline=deadline):
        return Taken()
    if isinstance(last, str):
        return Undecided(last)
    look = Look.at(before)
    return NotTaken(last) if look.is_unchanged(Look.at(last)) else Undecided(_describe_change(look, last))


def wait_for_fence(context: VmContext, since: float, why: str) -> None:
    """Wait until no POST that left before `since`, a reading of the monotonic clock, can be taken any more.

    The timeout does not cut the fence, because a request behind half a fence is not safe.
    """
    end = since + FENCE_SECONDS * context.time_scale
    while (seconds := end - context.clock.monotonic()) > 0:
        context.progress(f"{why}, waiting {seconds:.0f} s before anything is sent")
        context.clock.sleep(min(seconds, LOOK_INTERVAL))


def _look_when_settled(context: VmContext) -> VirtualMachine:
    vm = context.look()
    return vm if vm.settled else wait_until_settled(context, vm)


def _describe_change(look: Look, vm: VirtualMachine) -> str:
    if look.disk.vm_unique_id != vm.disk.vm_unique_id:
        return "the VM is another one than it was: it was deleted and created again"
    if vm.disk.ephemeral or look.disk.ephemeral:
        return "the VM has changed since, and its ephemeral OS disk does not tell by what"
    was, now = ((disk.os_disk_id or "not known").rpartition("/")[2] for disk in (look.disk, vm.disk))
    version = (
        f"image version {vm.disk.image_version}" if vm.disk.image_version else "an unknown image version"
    )
    return f"its OS disk was {was}, and it is {now} with {version}"

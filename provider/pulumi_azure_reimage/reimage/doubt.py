"""A send in doubt: whether Azure accepted it, found out without guessing.

The first row that applies decides:

| what is seen | what it says |
|---|---|
| the activity log has our request, and that it ended well or rebuilt the disk | `Taken` |
| the VM is as it was before the send, behind the fence | `NotTaken` |
| the VM has changed, and the log has our request | `Taken` |
| the VM has changed, and the log has had time to show our request and does not | `NotTaken` |
| the VM has changed, and the log cannot be read | `Undecided`: nothing is sent, and the user decides |

A changed VM alone never proves that a request was accepted, because another client may have changed it.

There is one exception, which the documents state: the answer is lost in the very step that sent. The VM was
looked at within 5 s before the POST and was idle. If it is busy or has another disk within the fence, the
POST was accepted. The assumption is that no other client began a reimage at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arm.activity_log import Status
from ..arm.client import ReadError
from ..arm.log_evidence import NotSeen
from ..arm.log_evidence import Taken as TakenByLog
from ..errors import ConfigurationError
from ..sentences import join_sentences
from .log_witness import LOG_INTERVAL, NoWitness, ask_log, describe
from .look import Look
from .reconcile import LOOK_INTERVAL, read_settled
from .run import FENCE_SECONDS, LOG_SECONDS
from .troubleshooting import Disk, disk_after, explain_read

if TYPE_CHECKING:
    from ..arm.log_evidence import LogAnswer
    from ..arm.virtual_machine import VirtualMachine
    from .context import VmContext


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Azure did not accept it.

    Attributes:
        vm: The VM, which is idle.
    """

    vm: VirtualMachine


@dataclass(frozen=True, slots=True)
class Taken:
    """Azure accepted it, though its answer was lost.

    Attributes:
        ended_well: Whether Azure reports that it ended well.
        correlation_id: The id in Azure's activity log; None if the log did not show it.
    """

    ended_well: bool = False
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing shows it.

    Attributes:
        seen: What was seen, in whole sentences.
        vm: The VM, if it could be read.
    """

    seen: str
    vm: VirtualMachine | None = None


Finding = NotTaken | Taken | Undecided


def resolve_doubt(context: VmContext, look: Look, beginning: str) -> Finding:
    """Find out whether a send was accepted that another process may have made, or that this one gave up.

    Args:
        context: The VM.
        look: The VM before that send.
        beginning: The prefix of the ids of that send.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or ARM refused to show it; nothing was sent.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
    """
    vm = context.look()
    answer = ask_log(context, beginning, look.read_at, vm.read_at)
    if isinstance(answer, TakenByLog) and _has_wiped(answer):
        return _taken(answer)
    vm = read_settled(context, vm)
    if look.is_unchanged(Look.at(vm)):
        wait_for_fence(context)
        vm = read_settled(context)
        if look.is_unchanged(Look.at(vm)):
            return NotTaken(vm)
    return _decide_by_log(context, look, beginning, vm)


def watch_after_send(context: VmContext, before: VirtualMachine, beginning: str) -> Finding:
    """Find out whether the POST that was just sent was accepted, although its answer was lost.

    Args:
        context: The VM.
        before: The VM within a few seconds before the POST, when it was idle.
        beginning: The prefix of the ids of the POST.
    """
    fence = FENCE_SECONDS * context.time_scale
    gone_at = context.clock.monotonic() + fence
    deadline = context.run.watched_until(context.clock, fence)
    last: VirtualMachine | str = "The VM could not be read."

    def is_taken() -> bool:
        nonlocal last
        try:
            last = context.read()
        except ReadError as error:
            last = f"The VM could not be read: {explain_read(error)}"
        except ConfigurationError as error:
            last = join_sentences(f"The VM could not be read: {error.message}")
        if isinstance(last, str) or last.disk.vm_unique_id != before.disk.vm_unique_id:
            return False
        return not last.settled or last.disk.replaces(before.disk)

    if context.wait_until(is_taken, bool, every=min(LOOK_INTERVAL, fence), deadline=deadline):
        return Taken()
    if isinstance(last, str):
        return Undecided(last)
    look = Look.at(before)
    if not look.is_unchanged(Look.at(last)):
        return _ask_once(context, look, beginning, last)
    if context.clock.monotonic() < gone_at:
        return Undecided("The VM does not show it yet.", last)
    return NotTaken(last)


def wait_for_fence(context: VmContext) -> None:
    """Wait until no earlier POST, of another process or of this one, can still arrive.

    The timeout does not shorten the fence, because a request after half a fence is not safe.
    """
    end = context.last_moment + FENCE_SECONDS * context.time_scale
    began = context.clock.monotonic()
    while (seconds := end - context.clock.monotonic()) > 0:
        context.progress(f"an earlier request may still arrive, so nothing is sent for {seconds:.0f} s")
        context.clock.sleep(min(seconds, LOOK_INTERVAL))
    if end > began:
        context.record("fence", seconds=context.clock.monotonic() - began)


def _decide_by_log(context: VmContext, look: Look, beginning: str, vm: VirtualMachine) -> Finding:
    """Decide by the log who changed the VM, once it has had time to show our request.

    The timeout does not shorten that time, because a request that is not in the log yet proves nothing.
    """
    end = context.last_moment + LOG_SECONDS * context.time_scale
    while True:
        answer = ask_log(context, beginning, look.read_at, vm.read_at)
        seconds = end - context.clock.monotonic()
        match answer:
            case TakenByLog() if _has_wiped(answer):
                return _taken(answer)
            case NoWitness():
                return _undecided(look, vm, answer)
            case _ if seconds > 0:
                context.progress(f"the activity log may still show whose reimage it was ({seconds:.0f} s)")
                context.clock.sleep(min(seconds, LOG_INTERVAL * context.time_scale))
                vm = read_settled(context)
            case TakenByLog():
                return _taken(answer)
            case NotSeen():
                return NotTaken(vm)
            case _:
                return _undecided(look, vm, answer)


def _has_wiped(answer: TakenByLog) -> bool:
    """Report whether the disk is certainly new, so that no other send of the request can add anything."""
    error = answer.event.error
    is_rebuilt = error is not None and disk_after(error) is Disk.REBUILT
    return answer.ended is Status.SUCCEEDED or is_rebuilt


def _ask_once(context: VmContext, look: Look, beginning: str, vm: VirtualMachine) -> Taken | Undecided:
    """Search the log once for who changed the VM. Only the next run waits, as this one has more to send."""
    answer = ask_log(context, beginning, look.read_at, vm.read_at)
    if isinstance(answer, TakenByLog):
        return _taken(answer)
    return _undecided(look, vm, answer)


def _taken(answer: TakenByLog) -> Taken:
    return Taken(answer.ended is Status.SUCCEEDED, answer.event.correlation_id)


def _undecided(look: Look, vm: VirtualMachine, answer: LogAnswer | NoWitness) -> Undecided:
    return Undecided(f"{describe_change(look, vm)} {describe(answer)}", vm)


def describe_change(look: Look, vm: VirtualMachine) -> str:
    """Return, as a sentence, how the VM differs from the look."""
    if look.disk.vm_unique_id != vm.disk.vm_unique_id:
        return "The VM was deleted and created again."
    if vm.disk.ephemeral or look.disk.ephemeral:
        return "The VM has changed since, and its ephemeral OS disk does not show what changed it."
    was, now = ((disk.os_disk_id or "not known").rpartition("/")[2] for disk in (look.disk, vm.disk))
    version = vm.disk.image_version
    runs = f"image version {version}" if version else "an unknown image version"
    return f"Its OS disk was {was}, and is now {now} with {runs}."


def record_finding(context: VmContext, look: Look, finding: Finding) -> Finding:
    """Record in the journal what was found, and return it."""
    after = None if isinstance(finding, Taken) else finding.vm
    reason = finding.seen if isinstance(finding, Undecided) else None
    context.record(
        "doubt resolved", before=look.disk, after=after, outcome=type(finding).__name__, reason=reason
    )
    return finding

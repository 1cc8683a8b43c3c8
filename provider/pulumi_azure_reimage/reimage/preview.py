"""The preview of a reimage: it reports what an update would do, by the same decisions, and does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..arm.client import ReadError
from ..errors import ConfigurationError
from ..redact import redact
from ..sentences import join_sentences
from .announcement import Announcement, announcement, one_line
from .baseline import describe_leaving
from .context import ways_out
from .decide import (
    KeepCurrent,
    Nothing,
    RecordBaseline,
    RecordOnly,
    Resolve,
    SendFresh,
    SendReimage,
    Withdraw,
    decide,
)
from .preflight import enforce, observe, refuse_unread, warn
from .preflight_rules import apply_guards, apply_preflight
from .reconcile import report_replaced_disk
from .repeat import GiveUp, LookAgain, ResumeRepeat, SendAgain, decide_repeat, describe_repeat
from .troubleshooting import explain_read

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts, VirtualMachine
    from ..inputs.parameters import Cause, DesiredReimage
    from .context import VmContext
    from .decide import SendDecision
    from .repeat import Failure
    from .request import Request


def preview_reimage(
    context: VmContext, desired: DesiredReimage, known: DiskFacts | None, *, is_baseline: bool = False
) -> None:
    """Report what `request_reimage` would decide with the same inputs, with at most three reads.

    Args:
        context: The VM.
        desired: The reimage.
        known: The VM that state knows, if it knows one.
        is_baseline: Whether the known disk is a baseline, which only this stack replaces.

    Raises:
        RefusedError: the update would refuse.
    """
    vm = _read(context, desired, known)
    if vm is None:
        return
    if known is not None and is_baseline:
        report_replaced_disk(context, known, vm)
    match decide(vm, desired, known, context.run.cli_age()):
        case RecordBaseline():
            context.warn(
                f"VM {context.name} was created by this run. The update records a new baseline and does not "
                f"reimage it."
            )
        case KeepCurrent(_, version):
            context.warn(
                f"VM {context.name} already runs image version {version} (skip_if_current), so it is not "
                f"reimaged ({desired.why})."
            )
        case SendReimage():
            if known is not None and known.vm_unique_id != vm.disk.vm_unique_id:
                context.warn(f"VM {context.name} is a different VM than before, under the same id.")
            context.announce(announcement(context.name, desired, vm.disk))
            _apply_rules(context, desired, vm)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def preview_withdrawal(context: VmContext) -> None:
    """Report what the update does about a change that was taken back."""
    context.warn(
        f"The change of VM {context.name} was taken back. The update sends nothing, unless Azure's activity "
        f"log shows that an earlier run's request was accepted. If nothing shows whether it was, the update "
        f"stops and says how to continue."
    )


def preview_leaving(context: VmContext, included: tuple[Cause, ...] = ()) -> None:
    """Report what the replacement of a ReimageRequest does, also about other changes in the same run."""
    context.warn(describe_leaving(context.name, included))


def preview_send(
    context: VmContext,
    request: Request,
    desired: DesiredReimage,
    decision: SendDecision,
    included: tuple[Cause, ...] = (),
) -> None:
    """Report how ReimageOperation proceeds with a request that is known.

    Args:
        context: The VM.
        request: The request.
        desired: The reimage.
        decision: How it proceeds.
        included: What a new baseline includes, if the user replaces the ReimageRequest.

    Raises:
        RefusedError: a guard or a rule would forbid it.
    """
    match decision:
        case RecordOnly(leaves=True):
            preview_leaving(context, included)
        case Nothing() | RecordOnly() | SendFresh():
            # Only an update knows a request that it has decided itself, and its preview has announced that.
            return
        case Withdraw():
            preview_withdrawal(context)
        case Resolve():
            line = f"VM {context.name} may be reimaged: an earlier run may have requested it."
            context.announce(_doubt(line, "An earlier run may have requested this reimage.", ways_out()))
            vm = _read(context, desired, request.look.disk)
            if vm is not None:
                context.note(announcement(context.name, desired, vm.disk).details)
                _apply_rules(context, desired, vm)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


_WHAT_FOLLOWS = (
    "The update finds out whether Azure accepted it. If the VM is as it was before, nothing was accepted, "
    "and the reimage is sent. If the VM has changed, the activity log decides. If that cannot be read, "
    "nothing is sent, because someone else may have changed the VM."
)


def _doubt(line: str, before: str, ways: str) -> Announcement:
    return Announcement(one_line(line), f"{before} {_WHAT_FOLLOWS} {ways}", certain=False)


def preview_repeat(context: VmContext, desired: DesiredReimage, failure: Failure) -> None:
    """Report what the update would do about a reimage that failed.

    Raises:
        RefusedError: a guard or a rule would forbid it.
    """
    decision = decide_repeat(failure)
    match decision:
        case LookAgain():
            context.warn(
                f"VM {context.name}: the last reimage failed. It is not requested again; the update checks "
                f"whether the VM is healthy. {join_sentences(failure.text)}"
            )
        case ResumeRepeat():
            context.warn(f"VM {context.name}: the update resumes the wait for attempt {failure.attempt}.")
        case GiveUp():
            context.warn(join_sentences(failure.text, describe_repeat(decision, context.ways_out)))
        case SendAgain(attempt, look):
            vm = _read(context, desired, look.disk)
            if vm is None:
                return
            line = f"VM {context.name} may be reimaged again (attempt {attempt}): its last reimage failed."
            before = f"{failure.text} An earlier run may have repeated the request."
            context.announce(_doubt(line, before, context.ways_out))
            context.note(announcement(context.name, desired, vm.disk).details)
            _apply_rules(context, desired, vm)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _read(context: VmContext, desired: DesiredReimage, known: DiskFacts | None) -> VirtualMachine | None:
    """Return the VM; if it cannot be read at the moment, report what is known without it.

    Raises:
        RefusedError: a guard forbids the reimage, or the update cannot read the VM either.
    """
    try:
        return context.read()
    except ReadError as error:
        reason, lasts = explain_read(error), not error.passes
    except ConfigurationError as error:
        reason, lasts = error.message, True
    reason = redact(reason, context.secrets())
    guards = apply_guards(desired)
    if lasts:
        enforce(context, desired, guards)
        refuse_unread(context, desired, reason)
    context.warn(
        join_sentences(
            f"VM {context.name} cannot be read, so what follows is what the last run knew about it: {reason}"
        )
    )
    context.announce(announcement(context.name, desired, known))
    warn(context, desired, guards)
    enforce(context, desired, guards)
    return None


def _apply_rules(context: VmContext, desired: DesiredReimage, vm: VirtualMachine) -> None:
    found = apply_preflight(observe(context, vm, desired))
    warn(context, desired, found)
    enforce(context, desired, found)

"""The preview of a reimage: what an update would do, by the same decisions, reported and not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..arm.client import ReadError
from ..errors import ConfigurationError, RefusedError
from ..redact import redact
from .announcement import announcement
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
from .preflight import enforce, observe, warn
from .preflight_rules import apply_guards, apply_preflight
from .reconcile import report_replaced_disk
from .repeat import GiveUp, LookAgain, SendAgain, decide_repeat

if TYPE_CHECKING:
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext
    from .decide import SendDecision
    from .repeat import Failure
    from .request import Request


def preview_reimage(context: VmContext, desired: DesiredReimage, last: Request | None) -> None:
    """Look at the VM and say what `request_reimage` would decide with the same inputs: three reads at most.

    Args:
        context: The VM.
        desired: The reimage.
        last: The last decision, if there is one.

    Raises:
        RefusedError: the update would refuse.
    """
    vm = _read(context, desired, last)
    if vm is None:
        return
    known = last.look.disk if last else None
    if last is not None and last.kind == "Baseline":
        report_replaced_disk(context, last.look.disk, vm)
    match decide(vm, desired, known, context.run.cli_age()):
        case RecordBaseline():
            context.warn(
                f"VM {context.name} was created by this run: the update records a new baseline and does not "
                f"reimage it."
            )
        case KeepCurrent(_, version):
            context.warn(
                f"VM {context.name} already runs image version {version} (skip_if_current), so it is not "
                f"reimaged ({desired.why})."
            )
        case SendReimage():
            if known is not None and known.vm_unique_id != vm.disk.vm_unique_id:
                context.warn(f"VM {context.name} is another VM than before, under the same id.")
            context.warn(announcement(context.name, desired, vm.disk))
            _apply_rules(context, desired, vm)
        case never:
            assert_never(never)


def preview_send(context: VmContext, desired: DesiredReimage, decision: SendDecision) -> None:
    """Say how ReimageOperation would go on with a request of an earlier run.

    Raises:
        RefusedError: a guard or a rule would forbid it.
    """
    match decision:
        case Nothing() | RecordOnly() | SendFresh():
            return
        case Withdraw():
            context.warn(
                f"The change of VM {context.name} was taken back. The update checks whether the request of the "
                f"run that was interrupted was accepted. If not, it sends nothing; if that cannot be told, it "
                f"stops and says how to go on."
            )
        case Resolve():
            context.warn(
                f"VM {context.name}: an earlier run may have requested this reimage. The update looks at the "
                f"VM. If it is as it was before, nothing was accepted, and the reimage is sent. If it has "
                f"changed, nothing is sent, because that may have been someone else. {context.ways_out}"
            )
            vm = _read(context, desired, None)
            if vm is not None:
                _apply_rules(context, desired, vm)
        case never:
            assert_never(never)


def preview_repeat(context: VmContext, desired: DesiredReimage, failure: Failure) -> None:
    """Say what the update would do about a reimage that failed.

    Raises:
        RefusedError: a guard or a rule would forbid it.
    """
    match decide_repeat(failure):
        case LookAgain():
            context.warn(
                f"VM {context.name}: the last reimage failed after the OS disk was rebuilt. It is not sent "
                f"again; the update checks whether the VM is healthy."
            )
        case GiveUp():
            raise RefusedError(failure.text)
        case SendAgain(attempt):
            vm = _read(context, desired, None)
            if vm is None:
                return
            context.warn(f"{announcement(context.name, desired, vm.disk)} This is attempt {attempt}.")
            _apply_rules(context, desired, vm)
        case never:
            assert_never(never)


def _read(context: VmContext, desired: DesiredReimage, last: Request | None) -> VirtualMachine | None:
    """Return the VM; if it cannot be read, say what is known without it."""
    try:
        return context.read()
    except (ReadError, ConfigurationError) as error:
        context.warn(
            f"VM {context.name} cannot be read, so what follows is what the last run knew about it: "
            f"{redact(str(error), context.secrets())}"
        )
        context.warn(announcement(context.name, desired, last.look.disk if last else None))
        warn(context, desired, apply_guards(desired))
        enforce(context, desired, apply_guards(desired))
        return None


def _apply_rules(context: VmContext, desired: DesiredReimage, vm: VirtualMachine) -> None:
    found = apply_preflight(observe(context, vm, desired))
    warn(context, desired, found)
    enforce(context, desired, found)

"""The first step of a reimage, that of ReimageRequest: look at the VM and decide. Nothing is sent here.

The decision is saved before anything is sent, so that a run that is killed leaves a record of what it may
have sent.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from ..errors import ConfigurationError, RefusedError, RequestRejectedError
from .baseline import report_baseline
from .decide import KeepCurrent, RecordBaseline, SendReimage, decide
from .look import Look
from .preflight import enforce, observe, warn
from .preflight_rules import apply_preflight
from .reconcile import report_replaced_disk, wait_until_settled
from .request import Request

if TYPE_CHECKING:
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import Cause, DesiredReimage
    from .context import VmContext
    from .request import Kind


def request_baseline(context: VmContext, version: str | None = None) -> Request:
    """Look at the VM, record it as it is, and report that.

    Args:
        context: The VM.
        version: `exact_version`, if it is set.

    Raises:
        RequestRejectedError: ARM refused the read.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """
    vm = context.look()
    report_baseline(context, vm.disk, version)
    return _new_request(context, "Baseline", (), vm, None)


def request_reimage(context: VmContext, desired: DesiredReimage, last: Request | None) -> Request:
    """Decide what happens to a requested reimage.

    Args:
        context: The VM.
        desired: The requested reimage.
        last: The last decision, if there is one. Guards and preflight of a first request are left to the
            send, because that request may replace an earlier one, and then nothing is sent for it.

    Raises:
        RefusedError: a rule or a guard forbids it.
        RequestRejectedError: ARM refused a read, or the VM was busy until the deadline.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """
    try:
        return _decide(context, desired, last)
    except (RefusedError, RequestRejectedError, ConfigurationError) as error:
        context.record("refused", causes=desired.causes, reason=str(error))
        raise


def with_forecast(context: VmContext, desired: DesiredReimage, request: Request) -> Request:
    """Return a first request with the reason why it would be refused now, if it would be.

    Guards and rules are left to its send. The program's hooks run before that send, and must not run for a
    request that is refused.
    """
    if request.kind != "Reimage":
        return request
    try:
        enforce(context, desired, apply_preflight(observe(context, context.look(), desired)))
    except RefusedError as error:
        return replace(request, forecast=error.message)
    return request


def _decide(context: VmContext, desired: DesiredReimage, last: Request | None) -> Request:
    vm = context.look()
    if not vm.settled:
        vm = wait_until_settled(context, vm)
    known = last.look.disk if last else None
    if last is not None and last.kind == "Baseline":
        report_replaced_disk(context, last.look.disk, vm)
    match decide(vm, desired, known, context.run.cli_age()):
        case RecordBaseline():
            context.warn(
                f"VM {context.name} was created by this run, as the requested version, so it is "
                f"recorded as a new baseline and not reimaged."
            )
            return _new_request(context, "Baseline", (), vm, last)
        case KeepCurrent(_, version):
            context.warn(f"VM {context.name} already runs image version {version}, so it is not reimaged.")
            return _new_request(context, "Current", last.causes if last else (), vm, last)
        case SendReimage(vm):
            if last is not None:
                found = apply_preflight(observe(context, vm, desired))
                warn(context, desired, found)
                enforce(context, desired, found)
            return _new_request(context, "Reimage", desired.causes, vm, last)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _new_request(
    context: VmContext, kind: Kind, causes: tuple[Cause, ...], vm: VirtualMachine, last: Request | None
) -> Request:
    request = Request(
        id=str(uuid.uuid4()),
        kind=kind,
        causes=causes,
        host_id=context.run.id,
        look=Look.at(vm),
        predecessor=last.as_predecessor if last else None,
    )
    context.record("decided", request=request, before=vm)
    return request

"""One step that sends: a look at the VM, the POST, and what its answer says.

Within one step, a request is sent again only if it certainly was not accepted: there was no connection, ARM
answered that it is busy or throttles us, or the VM proves it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from ..arm.client import NotSent
from ..arm.lro import OutcomeUnknown, Rejected, RetryLater, Started, Succeeded
from ..errors import ConfigurationError, RefusedError, RequestRejectedError
from ..sentences import as_clause
from .announcement import one_line
from .doubt import NotTaken, Taken, record_finding, watch_after_send
from .look import Look
from .operation import Operation
from .preflight import enforce, observe, warn_of_overruled
from .preflight_rules import apply_preflight
from .reconcile import LOOK_INTERVAL, report_replaced_disk, wait_for_other_operation
from .record import Record, as_recovered
from .refusals import (
    back_off,
    describe_answer,
    is_busy,
    not_sent,
    pause_of,
    rejected_error,
    too_late,
    unknown_error,
)
from .request import beginning_of_ids

if TYPE_CHECKING:
    from ..arm.lro import PostStep
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage, ReimageParameters
    from .context import VmContext
    from .doubt import Finding as DoubtFinding
    from .operation import Outcome
    from .request import Request
    from .rule import Finding

# A connection that fails for this long is unlikely to recover while a user waits.
_CONNECT_PATIENCE = 120.0
_CONNECT_PAUSE, _LONGEST_CONNECT_PAUSE = 1.0, 30.0
# The watch for lost answers ends sooner, unless a simulator scales it to nothing.
_MOST_SENDS = 3


class Sending:
    """The sends of one step for one attempt at a request."""

    def __init__(
        self,
        context: VmContext,
        request: Request,
        desired: DesiredReimage,
        last: Operation | None,
        attempt: int = 1,
    ) -> None:
        self._context = context
        self._request = request
        self._desired = desired
        self._attempt = attempt
        self._base = last.record if last else Record(request.look.disk)
        self._beginning = beginning_of_ids(request.id, attempt)
        self._looked_at = 0.0
        # Whether guards and preflight have just allowed it.
        self._is_cleared = False
        self._overruled: set[Finding] = set()

    def keep(self, outcome: Outcome, look: Look, reason: str, *, unsure: bool) -> Operation:
        """Return what is kept of a request that was not accepted, as far as this run knows."""
        return Operation(self._request.id, outcome, self._base, look, reason, unsure)

    def taken_before(self, look: Look, correlation_id: str | None, *, ended_well: bool) -> Operation:
        """Return what is kept of a request that an earlier run sent and that Azure accepted."""
        id_ = correlation_id or self._beginning
        record = Record(
            look.disk,
            self._request.id,
            seen_at=look.read_at,
            client_request_id=id_,
            correlation_id=id_,
            requested_version=self._desired.parameters.exact_version,
        )
        return self._taken(as_recovered(record, ended_well=ended_well))

    def _taken(self, record: Record) -> Operation:
        context = self._context
        why = f": {self._desired.why}" if self._desired.causes else ""
        line = f"accepted by Azure (correlation {record.correlation_id}){why}"
        context.inform(one_line(line))
        accepted_at = record.requested_at or context.clock.now()
        context.progress(f"accepted {accepted_at:%H:%M:%S}, running in Azure")
        return Operation(self._request.id, "Taken", record)

    def send(  # noqa: C901, PLR0911 - one complete match.
        self, vm: VirtualMachine | None = None, *, unsure: bool, is_cleared: bool = False
    ) -> Operation:
        """Send until Azure accepts or refuses, and return the outcome.

        Args:
            vm: The VM, if it was looked at right before.
            unsure: Whether another send of ours may have been under way.
            is_cleared: Whether guards and preflight have just allowed it.

        Raises:
            RefusedError: a guard or a rule forbids it; nothing was sent.
            RequestRejectedError: the VM could not be read, was busy until the deadline, or is another one.
            ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
            InvalidInputError: what the parameters name can no longer be read; nothing was sent.
        """
        self._require_permit()
        sent = self._desired.parameters.resolved()
        self._is_cleared = is_cleared
        vm = self._clear(self._look() if vm is None else self._note(vm))
        sends = refusals = 0
        while True:
            context = self._context.for_send(self._beginning)
            step, vm = self._post(context, sent, vm)
            record = self._new_record(context, vm)
            match step:
                case Started(link, delay):
                    return self._taken(replace(record, link=link, retry_after=delay))
                case Succeeded():
                    return self._taken(replace(record, ended_well=True))
                case Rejected(answer):
                    reason = str(rejected_error(context, answer, sent.secrets))
                    return self.keep("Rejected", Look.at(vm), reason, unsure=unsure)
                case NotSent(reason):
                    return self.keep("NotSent", Look.at(vm), not_sent(context, reason), unsure=unsure)
                case RetryLater():
                    refusals += 1
                    refusal = back_off(step, refusals)
                    late = too_late(context, refusal, sent.secrets)
                    if late is not None:
                        return self.keep("Rejected", Look.at(vm), str(late), unsure=unsure)
                    vm = self._wait_to_retry(refusal, vm)
                case OutcomeUnknown(reason):
                    sends += 1
                    finding = self._watch(context, vm, reason)
                    if isinstance(finding, Taken):
                        return self._taken(as_recovered(record, ended_well=finding.ended_well))
                    if not isinstance(finding, NotTaken) or sends == _MOST_SENDS:
                        reason = str(unknown_error(context, reason, finding))
                        return self.keep("Unknown", Look.at(vm), reason, unsure=unsure)
                    self._is_cleared = False
                    vm = self._clear(self._note(finding.vm))
                case never:  # Not covered: mypy shows that no case is left.
                    assert_never(never)

    def _require_permit(self) -> None:
        refusal = self._context.forbidden()
        if refusal is not None:
            raise RefusedError(
                f"VM {self._context.name} must not be reimaged: {refusal} Nothing was sent; no disk was "
                f"touched."
            )

    def _look(self) -> VirtualMachine:
        """Return the VM, idle, within seconds before a POST."""
        vm = self._note(self._context.look())
        return vm if vm.settled else self._wait(vm)

    def _wait(self, vm: VirtualMachine, delay: float = LOOK_INTERVAL) -> VirtualMachine:
        """Return the VM when another operation on it has ended, which may have changed what rules check."""
        self._is_cleared = False
        return self._note(wait_for_other_operation(self._context, vm, delay))

    def _note(self, vm: VirtualMachine) -> VirtualMachine:
        self._looked_at = self._context.clock.monotonic()
        return vm

    def _clear(self, vm: VirtualMachine) -> VirtualMachine:
        """Return the VM if the request may be sent to it.

        Guards and preflight are applied again unless this run has just decided on them, because hours can
        lie between the decision and this send.
        """
        context, decided_on = self._context, self._request.look
        if vm.disk.vm_unique_id != decided_on.disk.vm_unique_id:
            raise RequestRejectedError(
                f"VM {context.name} was deleted and created again after its reimage was decided. Nothing was "
                f"sent. {context.ways_out}"
            )
        report_replaced_disk(context, decided_on.disk, vm)
        if not self._is_cleared:
            found = apply_preflight(observe(context, vm, self._desired))
            enforce(context, self._desired, found)
            self._say_overruled(found)
        return vm

    def _say_overruled(self, found: tuple[Finding, ...]) -> None:
        """Report what is sent despite a rule about Azure, but not again after each wait for a busy VM."""
        new = [finding for finding in found if finding not in self._overruled]
        warn_of_overruled(self._context, self._desired, new)
        self._overruled |= set(new)

    def _new_record(self, context: VmContext, vm: VirtualMachine) -> Record:
        return Record(
            before=vm.disk,
            request_id=self._request.id,
            seen_at=vm.read_at,
            requested_at=context.clock.now(),
            client_request_id=context.ids.client_request_id,
            correlation_id=context.ids.correlation_id,
            requested_version=self._desired.parameters.exact_version,
        )

    def _post(
        self, context: VmContext, sent: ReimageParameters, vm: VirtualMachine
    ) -> tuple[PostStep | NotSent, VirtualMachine]:
        """POST. Repeat it only while there is no connection, each time after another look."""
        give_up = min(context.clock.monotonic() + _CONNECT_PATIENCE, context.deadline)
        pause = _CONNECT_PAUSE
        while True:
            record = self._new_record(context, vm)
            context.record("sending", request=self._request, sent=record, before=vm, attempt=self._attempt)
            step = context.post(sent.to_arm(), self._looked_at)
            outcome, reason = describe_answer(step, sent.secrets)
            context.record("answered", sent=record, outcome=outcome, reason=reason)
            if not isinstance(step, NotSent) or step.final or context.clock.monotonic() + pause > give_up:
                return step, vm
            context.pause(pause)
            pause = min(pause * 2, _LONGEST_CONNECT_PAUSE)
            vm = self._look_again(vm)

    def _look_again(self, vm: VirtualMachine) -> VirtualMachine:
        """Return another look at the VM. Without a connection for that, there is none for a POST."""
        try:
            return self._clear(self._look())
        except ConfigurationError:
            return vm

    def _wait_to_retry(self, refusal: RetryLater, vm: VirtualMachine) -> VirtualMachine:
        context = self._context
        if is_busy(refusal):
            return self._clear(self._wait(vm, pause_of(refusal)))
        context.progress(f"throttled by Azure, sending in {refusal.delay:.0f} s")
        context.pause(refusal.delay)
        return self._clear(self._look())

    def _watch(self, context: VmContext, vm: VirtualMachine, reason: str) -> DoubtFinding:
        context.warn(
            f"The answer to the reimage request of {context.name} was lost ({as_clause(reason)}); checking "
            f"the VM."
        )
        finding = record_finding(context, Look.at(vm), watch_after_send(context, vm, self._beginning))
        if isinstance(finding, Taken):
            context.warn(
                f"VM {context.name} was idle just before its reimage was requested, and now is busy or has "
                f"another OS disk, so the request counts as accepted."
            )
        return finding

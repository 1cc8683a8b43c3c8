"""ReimageOperation's provider: sends the request that ReimageRequest decided, and returns at once.

It returns before the operation ends, so that the engine saves the operation in the stack's state. If the run
is killed during the wait, the next one resumes it instead of wiping the disk again.

It announces what it will send, because it is the resource that sends. It ends normally with every outcome, so
that every outcome is saved, and ReimageResult raises the bad ones.

| | |
|---|---|
| keeps | the request's id and its outcome; the record of what was last accepted, and what that was for |
| keeps in doubt | the look before the next send, a reason, and whether another send may be under way |
| has changes | if the request is a different one, or its own outcome is in doubt; not while that is refused |
| then | as `decide_send` says: sends, finds out whether a send was accepted, or sends nothing |

The state keys are state format, which is frozen.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..errors import ConfigurationError, RefusedError
from ..inputs.changes import CREATED, causes
from ..inputs.triggers import canonical
from ..inputs.unknown import UNKNOWN, has_unknown
from ..redact import redact
from ..reimage.announcement import announcement
from ..reimage.baseline import preview_baseline
from ..reimage.decide import Nothing, RecordOnly, Resolve, Today, Withdraw, decide_send
from ..reimage.operation import Operation
from ..reimage.preview import preview_leaving, preview_reimage, preview_send, preview_withdrawal
from ..reimage.request import Request
from ..reimage.send import send_request
from .hook_rules import describe_hooks
from .properties import (
    Properties,
    child_urn,
    component_urn,
    heeded,
    kept_of_component,
    own,
    translate_unknowns,
    vm_id_of,
)
from .session_provider import SessionProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..inputs.parameters import Cause, DesiredReimage
    from ..reimage.decide import SendDecision

_READ_SECONDS = 60.0
_NOT_WAITED_FOR = (
    "Azure has accepted the reimage. This run does not wait for it, because its command line leaves "
    "ReimageResult out. Until the next `pulumi up` has waited, the outputs are those of the previous reimage."
)
_TAKEN_FOR = ("triggers", "exact_version")


class ReimageOperationProvider(SessionProvider):
    """Sends."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Accept the inputs, which ReimageRequest has checked, and announce what a creation will send."""
        with self.errors(news):
            self.note_check(news)
            if not _olds:
                self._announce_creation(news)
        return CheckResult(news, self.refuse_other_version())

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Return whether there is something to send, and begin to announce it."""
        with self.errors(_news):
            news = translate_unknowns(_news)
            if self.follows_read(_news) or self.is_excluded(_news):
                return DiffResult(changes=False)
            if news.get("vm_id") is not UNKNOWN and vm_id_of(news).key != vm_id_of(_olds).key:
                return DiffResult(changes=True, replaces=["vm_id"])
            last = self._last(_olds)
            if has_unknown(news.get("request")):
                self._announce_change(_olds, _news, last)
                return DiffResult(changes=True)
            request = Request.from_state(news.get("request"))
            decision = self._decide(_olds, news, request, last)
            if isinstance(decision, Nothing):
                return DiffResult(changes=False)
            if isinstance(decision, Resolve):
                self.host.fleet.decide(component_urn(_news), sends=True)
            elif isinstance(decision, Withdraw):
                self.host.fleet.reopen(component_urn(_news))
            self._announce_send(_news, request, decision, causes(_olds, self.inputs_of(news)))
            return DiffResult(changes=True)

    def create(self, props: Properties) -> CreateResult:
        """Send what was decided on creation, or record that nothing was."""
        with self.errors(props):
            operation = self._send({}, props, None)
            return CreateResult(str(vm_id_of(props)), self._state(props, props, operation))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Send what was decided, or find out whether what an earlier run may have sent was accepted."""
        urn = component_urn(_news)
        with self.errors(_news), self.host.fleet.settling(urn):
            last = self._last(_olds)
            operation = self._send(_olds, _news, last)
            if operation.outcome == "Withdrawn":
                self.host.fleet.decide(urn, sends=False)
            self._report_hooks(_olds, _news, last, operation)
            return UpdateResult(self._state(_olds, _news, operation))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Keep what is known, because ReimageRequest and ReimageResult look at the VM."""
        with self.errors(props):
            self.note_read(props)
            return ReadResult(id_, own(props))

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the operation. Nothing is sent, and the VM stays as it is."""

    def _last(self, olds: Properties) -> Operation:
        return Operation.from_state(olds.get("operation"))

    def _decide(
        self, olds: Properties, news: Properties, request: Request, last: Operation | None
    ) -> SendDecision:
        is_fresh = request.host_id == self.host.run.id
        return decide_send(request, last, self._today(olds, news), is_fresh=is_fresh)

    def _today(self, olds: Properties, news: Properties) -> Today:
        return Today(_is_taken_back(olds, news), self.inputs_of(news).reimage_on_create)

    def _announce_change(self, olds: Properties, news: Properties, last: Operation) -> None:
        """Announce the result of a decision that ReimageRequest has not made yet."""
        # A preview knows what the program says, but not which ignored values ReimageRequest keeps.
        urn, inputs = component_urn(news), self.inputs_of(heeded(olds, news))
        # A change that was taken back is a change for ReimageRequest, but not compared with what was last
        # accepted.
        changed = causes(olds, inputs)
        found = changed and self.host.due.get(urn, changed)
        if inputs.vm_id is UNKNOWN:
            self._announce_unknown_vm(news, inputs.desired(found))
            return
        known, is_baseline = last.record.before, last.record.is_baseline
        if decided := self.host.decided.get(urn):
            known, is_baseline = decided.look.disk, decided.kind == "Baseline"
        context = partial(self.context_of, news, _READ_SECONDS)

        def announce() -> None:
            if urn in self.host.created:
                preview_leaving(context(), changed)
                preview_baseline(context(), inputs.parameters.exact_version)
            elif not found:
                preview_withdrawal(context())
            else:
                preview_reimage(context(), inputs.desired(found), known, is_baseline=is_baseline)

        self._announce(news, (tuple(map(str, found)), last.request_id), announce)

    def _announce_creation(self, news: Properties) -> None:
        """Announce what is sent for a resource that is not in state yet."""
        inputs, given = self.inputs_of(news), translate_unknowns(news)
        if not has_unknown(given.get("request")):
            request = Request.from_state(given.get("request"))
            self._announce_send(news, request, self._decide({}, given, request, None))
            return
        if component_urn(news) in self.host.created:
            desired = inputs.desired((CREATED,) if inputs.reimage_on_create else ())
        else:
            # ReimageRequest is in state and changes, so an earlier run was killed before this resource was
            # saved.
            desired = inputs.desired(self.host.due.get(component_urn(news), ()))
        context = partial(self.context_of, news, _READ_SECONDS)
        version = inputs.parameters.exact_version
        if inputs.vm_id is UNKNOWN:
            self._announce_unknown_vm(news, desired)
        elif not desired.causes and component_urn(news) in self.host.created:
            self._announce(news, ("baseline", version), lambda: preview_baseline(context(), version))
        elif desired.causes:
            self._announce(news, desired.causes, lambda: preview_reimage(context(), desired, None))

    def _announce_send(
        self,
        news: Properties,
        request: Request,
        decision: SendDecision,
        included: tuple[Cause, ...] = (),
    ) -> None:
        """Announce what happens to a known request, unless nothing does."""
        if decision == RecordOnly():
            return
        desired = self.inputs_of(news).desired(request.causes)
        context = partial(self.context_of, news, _READ_SECONDS)
        self._announce(
            news,
            (request.id, decision),
            lambda: preview_send(context(), request, desired, decision, included),
        )

    def _announce_unknown_vm(self, news: Properties, desired: DesiredReimage) -> None:
        """Announce the reimage of a VM that is being created or replaced and cannot be read yet."""
        if desired.causes:
            announced = announcement("(not known yet)", desired.as_uncertain(), None)
            self.announce(component_urn(news), announced)

    def _announce(self, news: Properties, subject: tuple[object, ...], announce: Callable[[], None]) -> None:
        urn = component_urn(news)
        if not self.host.previews.has_begun(urn, subject):
            self.host.previews.begin(urn, subject, announce)
        if self._nothing_waits(news):
            # ReimageResult, which this run leaves out, would wait for it. A refusal has been reported.
            self.report_fleet()
            with suppress(RefusedError, ConfigurationError):
                self.host.previews.wait(urn)

    def _nothing_waits(self, news: Properties) -> bool:
        return self.host.leaves_out(child_urn(component_urn(news), "ReimageResult"))

    def _send(self, olds: Properties, news: Properties, last: Operation | None) -> Operation:
        self.session.begin_update(self.host.run)
        with suppress(RefusedError, ConfigurationError):
            # The send refuses the same again, as an outcome.
            self.host.previews.wait(component_urn(news))
        request = Request.from_state(news.get("request"))
        inputs = self.inputs_of(news)
        operation = send_request(
            self.context_of(news, inputs.timeout),
            request,
            inputs.desired(request.causes),
            last,
            self._today(olds, news),
        )
        is_new = last is None or operation.record.key != last.record.key
        if is_new and not operation.record.is_baseline and self._nothing_waits(news):
            self.row(news).warn(_NOT_WAITED_FOR)
        return operation

    def _report_hooks(
        self, olds: Properties, news: Properties, last: Operation, operation: Operation
    ) -> None:
        """Report that a machine that an earlier run drained stays drained, if nothing is sent for it now."""
        given, left = translate_unknowns(news), describe_hooks(news)
        decision = self._decide(olds, given, Request.from_state(given.get("request")), last)
        was_in_doubt = isinstance(decision, Withdraw) or decision == RecordOnly(leaves=True, after_doubt=True)
        is_unsent = operation.outcome == "Withdrawn" or operation.record.is_baseline
        if left and was_in_doubt and is_unsent and operation.held is None:
            self.row(news).warn(f"Nothing was sent for VM {vm_id_of(news).name}.{left}")

    def _state(self, olds: Properties, news: Properties, operation: Operation) -> Properties:
        """Return the outputs: what was last taken and for which values, and what is in doubt."""
        is_taken = operation.outcome == "Taken" and operation.held is None
        base = news if is_taken else olds
        taken_for = {name: base[name] for name in _TAKEN_FOR if base.get(name) is not None}
        return {
            "vm_id": news["vm_id"],
            **kept_of_component(news),
            **taken_for,
            # ARM may quote what it was sent.
            "operation": operation.redacted(lambda text: redact(text, self.secrets_of(news))).to_state(),
        }


def _is_taken_back(olds: Properties, news: Properties) -> bool:
    return not has_unknown([news.get(name) for name in _TAKEN_FOR]) and all(
        canonical(olds.get(name)) == canonical(news.get(name)) for name in _TAKEN_FOR
    )

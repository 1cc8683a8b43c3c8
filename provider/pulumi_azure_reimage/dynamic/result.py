"""ReimageResult's provider: it waits for the operation that ReimageOperation sent, and keeps how it ended.

It raises what the resources before it have only kept: a refusal, or a request that was not accepted. A
failure is kept with what happened to the disk, and the next run continues from there.

| | |
|---|---|
| keeps | the key of the send that it waited for; the result; for a failure the disk, the attempt and a look |
| has changes | if the key is a different one, or one of the three keeps a refusal, a doubt or a failure |
| then | waits, raises, or continues after the failure as `decide_repeat` says |

The state keys are state format, which is frozen.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, assert_never

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..arm.client import ReadError
from ..errors import ConfigurationError, OperationStillRunningError, RefusedError
from ..inputs.changes import failed
from ..inputs.unknown import UNKNOWN, has_unknown
from ..json_reading import get
from ..redact import redact
from ..reimage.drift import describe_drift, who_can_tell
from ..reimage.finish import Broken, Ended, finish_reimage
from ..reimage.operation import Operation
from ..reimage.preview import preview_repeat
from ..reimage.record import Result, baseline_result, with_disk
from ..reimage.repeat import Failure, SendAgain, decide_repeat
from ..reimage.request import Decided, without_look
from ..reimage.wait import cannot_poll
from .engine_errors import PendingError
from .hook_rules import hooks_in_errors
from .properties import (
    Properties,
    component_urn,
    kept_of_component,
    own,
    translate_unknowns,
    vm_id_of,
    vm_key,
)
from .session_provider import SessionProvider

if TYPE_CHECKING:
    from ..arm.virtual_machine import VirtualMachine
    from ..reimage.context import VmContext

_READ_SECONDS = 60.0


class ReimageResultProvider(SessionProvider):
    """Waits for reimages."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Accept the inputs without what state has twice already, and refuse what only a preview refuses.

        In an update the request is known, and an error here would stop machines that are not sent yet. The
        engine stores the inputs that are returned here.
        """
        props = translate_unknowns(news)
        self.note_check(news)
        if has_unknown(props.get("request")) or has_unknown(props.get("operation")):
            with self.errors(news):
                # It must not pass through `errors`, which prepares a failure as the host's answer. The engine
                # shows that and the refusal as a mismatch (seen with CLI 3.274.1).
                try:
                    self._finish_previews(component_urn(news))
                except RefusedError as error:
                    refusal = redact(error.message, self.secrets_of(news))
                    return CheckResult(news, [self.failure(news, refusal)])
        # ReimageOperation has the rest of the request in state.
        needed = {name: without_look(value) if name == "request" else value for name, value in news.items()}
        return CheckResult(needed, self.refuse_other_version())

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Return whether state lacks the end of a request, or whether a refresh has just found drift."""
        with self.errors(_news):
            news = translate_unknowns(_news)
            if self.follows_read(_news):
                # The engine shows as drift what the diff after a read calls a change. A kept failure or doubt
                # is a change for the next update, and not drift.
                return DiffResult(changes=vm_key(news) in self.host.drifted)
            if self.is_excluded(_news):
                return DiffResult(changes=False)
            if news.get("vm_id") is not UNKNOWN and vm_key(news) != vm_key(_olds):
                return DiffResult(changes=True, replaces=["vm_id"])
            if has_unknown(news.get("request")) or has_unknown(news.get("operation")):
                return DiffResult(changes=True)
            request, operation = _given(news)
            failure = _failure(_olds)
            if _is_blocked(request, operation) or operation.record.key != _olds.get("key"):
                return DiffResult(changes=True)
            if failure is not None and request.current is None:
                self._announce(_news, failure)
            return DiffResult(changes=failure is not None)

    def create(self, props: Properties) -> CreateResult:
        """Wait for the operation, if one was requested."""
        with self.errors(props):
            return CreateResult(props["vm_id"], self._go_on({}, props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Wait for the operation. An error keeps the old state, so the next run waits again."""
        with self.errors(_news):
            return UpdateResult(self._go_on(_olds, _news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Show the OS disk that the VM has now. A reimage by another client is drift, and nothing is sent."""
        with self.errors(props):
            self.note_read(props)
            context = self.context_of(props, _READ_SECONDS)
            self.host.drifted.discard(context.vm_id.key)
            try:
                vm = context.read()
            except (ReadError, ConfigurationError):
                # ReimageRequest, which looks at the same VM, reports it.
                return ReadResult(id_, own(props))
            result = with_disk(props["result"], vm.disk)
            if result != props["result"]:
                self.host.drifted.add(context.vm_id.key)
                self._report_drift(context, props["result"], vm)
            return ReadResult(id_, {**own(props), "result": result})

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the result. Nothing is sent, and the VM stays as it is."""

    def _finish_previews(self, urn: str) -> None:
        """Report what the previews of all machines found, and raise what forbids the reimage of this machine.

        Raises:
            RefusedError: a rule forbids it, or more machines would be reimaged than the stack allows.
        """
        self.report_fleet()
        self.host.previews.wait(urn)
        self._require_limit()

    def _require_limit(self) -> None:
        most = self.session.limits.most_reimages
        refusal = None if most is None else self.host.fleet.refuse_announced(most)
        if refusal is not None:
            raise RefusedError(f"{refusal} Nothing was sent; no disk was touched.")

    def _report_drift(self, context: VmContext, known: Properties, vm: VirtualMachine) -> None:
        drift = describe_drift(context, known, vm)
        context.warn(drift.text)
        if drift.missing_right is not None:
            self.host.log.warn_once(who_can_tell(drift.missing_right))

    def _announce(self, news: Properties, failure: Failure) -> None:
        """Announce what is done about a failure. What forbids it is a warning, because nothing waits here."""
        # No resource of this component follows, so nothing waits to report it for many machines.
        context = replace(
            self.context_of(news, _READ_SECONDS),
            announce=partial(self.announce_at_once, component_urn(news)),
            note=self.host.log.warn_once,
        )
        try:
            desired = self.inputs_of(news).desired((failed("Failed", failure.text),))
            preview_repeat(context, desired, failure)
            if isinstance(decide_repeat(failure), SendAgain):
                self.host.fleet.decide(component_urn(news), sends=True)
        except RefusedError as error:
            context.warn(error.message)

    def _go_on(self, olds: Properties, news: Properties) -> Properties:
        self.session.begin_update(self.host.run)
        request, operation = _given(news)
        if request.refusal is not None:
            raise RefusedError(request.refusal)
        with hooks_in_errors(news):
            return self._end(olds, news, request, operation)

    def _end(self, olds: Properties, news: Properties, request: Decided, operation: Operation) -> Properties:
        if operation.held is not None and operation.holds(request.id):
            raise RefusedError(operation.held)
        if operation.in_doubt:
            raise operation.as_error()
        is_known = operation.record.key == olds.get("key")
        failure = _failure(olds) if is_known else None
        if is_known and failure is None:
            # Drift that no diff has reported, as with the engine's legacy refresh, needs no wait.
            return own(olds)
        if request.current is not None and is_known:
            # The VM is as requested by now, so the failed reimage is not repeated.
            return _state(news, operation, Result("Baseline", request.current.disk, request.current.disk))
        if operation.record.is_baseline:
            return _state(news, operation, baseline_result(operation.record))
        return self._finish(olds, news, operation, failure)

    def _finish(
        self, olds: Properties, news: Properties, operation: Operation, failure: Failure | None
    ) -> Properties:
        record = operation.record
        try:
            inputs = self.inputs_of(news)
            context = self.context_of(news, inputs.timeout, record)
            context = replace(context, last_took=_last_took(olds))
        except ConfigurationError as error:
            raise cannot_poll(vm_id_of(news).name, record, error) from error
        desired = inputs.desired((failed("Failed", failure.text),)) if failure else None
        try:
            ended = finish_reimage(context, record, failure, desired, keeps=self.host.keeps_failures())
        except OperationStillRunningError as error:
            raise PendingError(error, context.warn) from error
        match ended:
            case Ended(result):
                return _state(news, operation, result)
            case Broken(reason, result, kept):
                # ARM may quote what it was sent, and this text is kept in state.
                kept = replace(kept, text=redact(kept.text, self.secrets_of(news)))
                outputs = {**_state(news, operation, result), "failure": kept.to_state()}
                raise self.host.failing(reason, outputs, news)
            case never:  # Not covered: mypy shows that no case is left.
                assert_never(never)


def _given(news: Properties) -> tuple[Decided, Operation]:
    return Decided.from_state(news.get("request")), Operation.from_state(news.get("operation"))


def _is_blocked(request: Decided, operation: Operation) -> bool:
    """Report whether a resource before this one has kept a refusal or a doubt."""
    return request.refusal is not None or operation.in_doubt or operation.holds(request.id)


def _failure(olds: Properties) -> Failure | None:
    state = olds.get("failure")
    return None if state is None else Failure.from_state(state)


def _last_took(olds: Properties) -> float | None:
    seconds = get(olds, "result", "duration_seconds")
    return seconds if isinstance(seconds, int | float) else None


def _state(news: Properties, operation: Operation, result: Result) -> Properties:
    return {
        "vm_id": news["vm_id"],
        **kept_of_component(news),
        "key": operation.record.key,
        "result": result.to_state(),
    }

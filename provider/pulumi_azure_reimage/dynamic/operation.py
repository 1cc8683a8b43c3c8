"""ReimageOperation's provider: sends the request that ReimageRequest decided, and returns at once.

Returning before the operation ends is the point: the engine then saves the operation in the stack's state,
and a run that is killed during the wait is resumed by the next one instead of wiping the disk again.

It ends normally with each outcome, so that each is saved; ReimageResult raises.

The state keys are state format: frozen.
"""

from __future__ import annotations

from functools import partial

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..inputs.parameters import Cause
from ..inputs.triggers import canonical
from ..inputs.unknown import UNKNOWN, has_unknown
from ..reimage.decide import Nothing, decide_send
from ..reimage.operation import Operation
from ..reimage.preview import preview_send
from ..reimage.request import Request
from ..reimage.send import send_request
from .host import (
    OneLineErrors,
    Properties,
    SessionProvider,
    component_urn,
    keep_outputs,
    translate_unknowns,
    vm_id_of,
)

_READ_SECONDS = 60.0
_TAKEN_FOR = ("triggers", "exact_version")


class ReimageOperationProvider(SessionProvider):
    """Sends."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Accept the inputs, which ReimageRequest has checked."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Return whether there is something to send, and say how a doubt will be resolved."""
        with OneLineErrors(partial(self.secrets_of, _news)):
            news = translate_unknowns(_news)
            if news.get("vm_id") is not UNKNOWN and vm_id_of(news).key != vm_id_of(_olds).key:
                return DiffResult(changes=True, replaces=["vm_id"])
            if has_unknown(news.get("request")):
                return DiffResult(changes=True)
            last, request = _last(_olds), Request.from_state(news.get("request"))
            decision = decide_send(
                request,
                last,
                is_fresh=request.host_id == self.host.run.id,
                is_taken_back=_is_taken_back(_olds, news),
            )
            if isinstance(decision, Nothing):
                return DiffResult(changes=False)
            subject = (request.id, last.outcome)
            if not self.host.previews.has_begun(component_urn(news), subject):
                context = self.context_of(news, _READ_SECONDS)
                desired = self.inputs_of(_news).desired(_causes(request))
                self.host.previews.begin(
                    component_urn(news), subject, partial(preview_send, context, desired, decision)
                )
            return DiffResult(changes=True)

    def create(self, props: Properties) -> CreateResult:
        """Send what was decided on creation, or record that nothing was."""
        with OneLineErrors(partial(self.secrets_of, props)):
            operation = self._send(props, None, taken_back=False)
            return CreateResult(str(vm_id_of(props)), _state(props, props, operation))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Send what was decided, or find out what became of what an earlier run may have sent."""
        with OneLineErrors(partial(self.secrets_of, _news)):
            operation = self._send(_news, _last(_olds), taken_back=_is_taken_back(_olds, _news))
            return UpdateResult(_state(_olds, _news, operation))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Keep what is known: ReimageRequest and ReimageResult look at the VM."""
        return ReadResult(id_, keep_outputs(props))

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the operation; nothing is sent, and the VM stays as it is."""

    def _send(self, news: Properties, last: Operation | None, *, taken_back: bool) -> Operation:
        self.session.begin_update(self.host.run)
        self.host.previews.wait(component_urn(news))
        request = Request.from_state(news.get("request"))
        inputs = self.inputs_of(news)
        return send_request(
            self.context_of(news, inputs.timeout),
            request,
            inputs.desired(_causes(request)),
            last,
            is_taken_back=taken_back,
        )


def _last(olds: Properties) -> Operation:
    return Operation.from_state(olds.get("operation"))


def _causes(request: Request) -> tuple[Cause, ...]:
    """Return the causes of a request of an earlier run: guards that name causes know them by their text."""
    return tuple(Cause(text.rpartition(" ")[0] or text, text) for text in request.causes) or (
        Cause("create", "an earlier run"),
    )


def _is_taken_back(olds: Properties, news: Properties) -> bool:
    return not has_unknown([news.get(name) for name in _TAKEN_FOR]) and all(
        canonical(olds.get(name)) == canonical(news.get(name)) for name in _TAKEN_FOR
    )


def _state(olds: Properties, news: Properties, operation: Operation) -> Properties:
    """Return the outputs: what was last taken, for which values, and the doubt about what was not."""
    base = news if operation.outcome == "Taken" else olds
    taken_for = {name: base[name] for name in _TAKEN_FOR if base.get(name) is not None}
    return {
        "vm_id": news["vm_id"],
        "component_urn": component_urn(news),
        **taken_for,
        "operation": operation.to_state(),
    }

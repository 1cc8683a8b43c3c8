"""ReimageRequest's provider: looks at the VM and decides; nothing is sent or announced here.

The engine saves the decision, with the look, before ReimageOperation sends. So a run that is killed in
between leaves a trace of what it may have sent.

The state keys are state format: frozen.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..arm.client import ReadError
from ..errors import ConfigurationError, RefusedError, RequestRejectedError
from ..inputs.changes import CREATED, causes, stored
from ..inputs.unknown import UNKNOWN, Unknown
from ..inputs.validation import check
from ..redact import redact
from ..reimage.announcement import announcement
from ..reimage.begin import request_baseline, request_reimage
from ..reimage.preview import preview_reimage
from ..reimage.request import Request
from .host import (
    PROVIDER_KEY,
    OneLineErrors,
    Properties,
    SessionProvider,
    component_urn,
    keep_outputs,
    own,
    translate_unknowns,
    vm_id_of,
)

if TYPE_CHECKING:
    from ..inputs.parameters import ReimageInputs

_READ_SECONDS = 60.0

_MADE_FOR = ("vm_id", "triggers", "exact_version", "component_urn")
_OUTPUTS = ("request",)
_OURS = frozenset({"component_urn"})


class ReimageRequestProvider(SessionProvider):
    """Decides."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuse bad inputs before anything is sent; begin the preview of a reimage on creation."""
        with OneLineErrors():
            self.session.require_configuration()
        props = own(translate_unknowns(news))
        refused = [error.message for error in check(props, self.session.environ, also_allowed=_OURS)]
        if not refused:
            with OneLineErrors(partial(self.secrets_of, news)):
                inputs = self.inputs_of(news)
                self._report(_olds, props, inputs)
                self._note(_olds, news)
                if not _olds and inputs.reimage_on_create and not self._leaves(news):
                    self._preview_creation(news, inputs)
        # No property is named but in the sentence: the engine prints the value of the property that a failure
        # names, and that of a secret in the clear (seen with CLI 3.259.0).
        return CheckResult(news, [CheckFailure("", reason) for reason in refused])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Return whether there is something to decide."""
        with OneLineErrors(partial(self.secrets_of, _news)):
            inputs = self.inputs_of(_news)
            if not isinstance(inputs.vm_id, Unknown) and inputs.vm_id.key != vm_id_of(_olds).key:
                return DiffResult(changes=True, replaces=["vm_id"])
            last = Request.from_state(_olds.get("request"))
            return DiffResult(changes=bool(causes(_olds, inputs)) or last.refusal is not None)

    def create(self, props: Properties) -> CreateResult:
        """Record the baseline; decide on a reimage only if `reimage_on_create` is set for a new resource."""
        with OneLineErrors(partial(self.secrets_of, props)):
            self.host.previews.wait(component_urn(props))
            self.session.begin_update(self.host.run)
            inputs = self.inputs_of(props)
            context = self.context_of(props, inputs.timeout)
            if inputs.reimage_on_create and not self._leaves(props):
                request = request_reimage(context, inputs.desired((CREATED,)), None)
            else:
                request = request_baseline(context)
            return CreateResult(str(context.vm_id), _state(props, request))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Decide what `diff` announced. A refusal is an outcome: an error would stop other machines."""
        with OneLineErrors(partial(self.secrets_of, _news)):
            self.session.begin_update(self.host.run)
            inputs = self.inputs_of(_news)
            last = Request.from_state(_olds.get("request"))
            found = causes(_olds, inputs)
            if not found:
                return UpdateResult({**keep_outputs(_olds), "request": last.restored().to_state()})
            try:
                request = request_reimage(self.context_of(_news, inputs.timeout), inputs.desired(found), last)
            except (RefusedError, RequestRejectedError, ConfigurationError) as error:
                refused = last.refused(redact(str(error), self.secrets_of(_news)))
                return UpdateResult({**keep_outputs(_olds), "request": refused.to_state()})
            return UpdateResult(_state(_news, request))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Look at the VM and report if it is another one. State stays: it says what was decided."""
        with OneLineErrors():
            context = self.context_of(props, _READ_SECONDS)
            try:
                vm = context.read()
            except (ReadError, ConfigurationError) as error:
                context.warn(
                    f"VM {context.name} could not be read, so what was known about it is kept: {error}"
                )
            else:
                known = Request.from_state(props.get("request")).look.disk
                if vm.disk.vm_unique_id != known.vm_unique_id:
                    context.warn(
                        f"VM {context.name} was created again since its last baseline. The next change of a "
                        f"trigger reimages it, unless it was created in the same run."
                    )
            return ReadResult(id_, keep_outputs(props))

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the request; nothing is sent, and the VM stays as it is."""

    def _note(self, olds: Properties, news: Properties) -> None:
        """Note that the resource is in state, because a creation that follows then replaces it.

        The engine checks the resource with its old inputs before it checks it as a new one, in one process.
        """
        vm_id = translate_unknowns(news).get("vm_id")
        if olds and vm_id is not UNKNOWN and vm_id_of(olds).key == vm_id_of(news).key:
            self.host.known.add(component_urn(news))
        elif not olds and component_urn(news) in self.host.known:
            self.host.left.add(component_urn(news))

    def _leaves(self, props: Properties) -> bool:
        """Report whether the user replaces the resource, which leaves the VM as it is."""
        return component_urn(props) in self.host.left

    def _preview_creation(self, news: Properties, inputs: ReimageInputs) -> None:
        desired = inputs.desired((CREATED,))
        if isinstance(inputs.vm_id, Unknown):
            # The VM is being created, so there is none to look at.
            self.row(news).warn(announcement("(not known yet)", desired.as_uncertain(), None))
            return
        if not self.host.previews.has_begun(component_urn(news), inputs.vm_id):
            context = self.context_of(news, _READ_SECONDS)
            self.host.previews.begin(
                component_urn(news), inputs.vm_id, partial(preview_reimage, context, desired, None)
            )

    def _report(self, olds: Properties, news: Properties, inputs: ReimageInputs) -> None:
        """Report inputs that do nothing now: a change that waits, and a cause that no trigger has."""
        row = self.row(news)
        waiting = stored(olds, news, _OURS | {PROVIDER_KEY, *_OUTPUTS}) if olds else ()
        if waiting and not causes(olds, inputs):
            row.inform(
                f"{', '.join(waiting)} changed. The new value is stored for the next reimage and does not "
                f"trigger one."
            )
        for name in inputs.unmatched_causes:
            row.warn(f"allowed_causes names {redact(name)}, but no trigger has that key.")


def _state(news: Properties, request: Request) -> Properties:
    """Return the outputs: what the request was decided for, and the request. No secret is among them."""
    made_for = {key: news[key] for key in _MADE_FOR if news.get(key) is not None}
    return {**made_for, "request": request.to_state()}

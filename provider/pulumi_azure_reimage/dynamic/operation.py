"""ReimageOperation: looks at the VM, requests the reimage, and returns at once.

Returning before the operation ends is the point: the engine then saves the operation in the stack's state,
and a run that is killed during the wait is resumed by the next one instead of wiping the disk again.

The state keys are state format: frozen.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    UpdateResult,
)

from ..arm.client import ReadError
from ..arm.lro import Failed
from ..arm.resource_id import VirtualMachineId
from ..errors import ConfigurationError, ReimageError
from ..inputs.changes import CREATED, causes, failed, stored
from ..inputs.parameters import parse_inputs
from ..inputs.unknown import Unknown
from ..inputs.validation import check
from ..redact import redact
from ..reimage.announcement import announcement
from ..reimage.begin import begin_reimage, record_baseline
from ..reimage.preview import preview_reimage
from ..reimage.record import Record
from ..reimage.wait import poll_once
from .host import (
    PROVIDER_KEY,
    OneLineErrors,
    Properties,
    SessionProvider,
    component_urn,
    keep_outputs,
    translate_unknowns,
)

if TYPE_CHECKING:
    from ..inputs.parameters import Cause, DesiredReimage, ReimageInputs
    from ..reimage.context import VmContext

# ARM is asked for so long, once a preview, how an operation ended; later its record is gone anyway.
_POLLED_FOR_SECONDS = 24 * 3600.0
_READ_SECONDS = 60.0

_MADE_FOR = ("vm_id", "triggers", "exact_version", "component_urn")
_OUTPUTS = ("causes", "record")
_OURS = frozenset({"component_urn"})


class ReimageOperationProvider(SessionProvider):
    """Begins reimages."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuse bad inputs before anything is sent; begin the preview of a reimage on creation."""
        with OneLineErrors():
            self.session.require_configuration()
        props = _own(translate_unknowns(news))
        refused = [error.message for error in check(props, self.session.environ, also_allowed=_OURS)]
        if not refused:
            with OneLineErrors(partial(self.secrets_of, news)):
                inputs = self._inputs(news)
                self._report(_olds, props, inputs)
                if not _olds and inputs.reimage_on_create:
                    self._begin_preview(news, inputs.vm_id, inputs.desired((CREATED,)), None)
        # No property is named but in the sentence: the engine prints the value of the property that a failure
        # names, and that of a secret in the clear (seen with CLI 3.259.0).
        return CheckResult(news, [CheckFailure("", reason) for reason in refused])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Return whether the next update reimages, and begin its preview if it does."""
        with OneLineErrors(partial(self.secrets_of, _news)):
            inputs = self._inputs(_news)
            if not isinstance(inputs.vm_id, Unknown) and inputs.vm_id.key != _vm_id(_olds).key:
                return DiffResult(changes=True, replaces=["vm_id"])
            found = causes(_olds, inputs) or self._failure(_olds, _news)
            if found:
                last = Record.from_state(_olds["record"])
                self._begin_preview(_news, inputs.vm_id, inputs.desired(found), last)
            return DiffResult(changes=bool(found))

    def create(self, props: Properties) -> CreateResult:
        """Record the baseline; send a reimage only if `reimage_on_create` is set."""
        with OneLineErrors(partial(self.secrets_of, props)):
            self.host.previews.wait(component_urn(props))
            inputs = self._inputs(props)
            context = self._context(props, inputs.timeout)
            if not inputs.reimage_on_create:
                return CreateResult(str(context.vm_id), _state(props, (), record_baseline(context)))
            record = begin_reimage(context, inputs.desired((CREATED,)), None)
            found = () if record.is_baseline else (CREATED,)
            return CreateResult(str(context.vm_id), _state(props, found, record))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Request the reimage that `diff` announced."""
        with OneLineErrors(partial(self.secrets_of, _news)):
            self.host.previews.wait(component_urn(_news))
            inputs = self._inputs(_news)
            # A failure is checked again right before sending, because the preview may be hours old.
            found = causes(_olds, inputs) or self._failure(_olds, _news)
            if not found:
                return UpdateResult(keep_outputs(_olds))
            last = Record.from_state(_olds["record"])
            record = begin_reimage(self._context(_news, inputs.timeout), inputs.desired(found), last)
            if record is last:
                # Nothing was requested: the causes of the last reimage stay.
                kept = {key: value for key, value in keep_outputs(_olds).items() if key not in _MADE_FOR}
                return UpdateResult({**kept, **_made_for(_news)})
            return UpdateResult(_state(_news, found, record))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Look at the VM and report if it is another one. State stays: it says what was requested."""
        with OneLineErrors():
            context = self._context(props, _READ_SECONDS)
            try:
                vm = context.read()
            except (ReadError, ConfigurationError) as error:
                context.warn(
                    f"VM {context.name} could not be read, so what was known about it is kept: {error}"
                )
            else:
                if vm.disk.vm_unique_id != Record.from_state(props["record"]).before.vm_unique_id:
                    context.warn(
                        f"VM {context.name} was created again since its last baseline. The next change of a "
                        f"trigger records a new baseline and does not reimage it."
                    )
            return ReadResult(id_, keep_outputs(props))

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the operation; nothing is sent, and the VM stays as it is."""

    def _begin_preview(
        self,
        news: Properties,
        vm_id: VirtualMachineId | Unknown,
        desired: DesiredReimage,
        last: Record | None,
    ) -> None:
        if isinstance(vm_id, Unknown):
            # The VM is being created or replaced, so there is none to look at.
            self.row(news).warn(announcement("(not known yet)", desired.as_uncertain(), None))
            return
        subject = (vm_id, desired, last)
        if not self.host.previews.has_begun(component_urn(news), subject):
            context = self._context(news, _READ_SECONDS)
            self.host.previews.begin(
                component_urn(news), subject, partial(preview_reimage, context, desired, last)
            )

    def _failure(self, olds: Properties, news: Properties) -> tuple[Cause, ...]:
        """Check with ARM, once, whether the last operation ended badly; it is then due again."""
        record = Record.from_state(olds["record"])
        age = self.session.age(record)
        if record.link is None or age is None or age > _POLLED_FOR_SECONDS:
            return ()
        try:
            context = self.session.context(_vm_id(olds), self.row(olds), timeout=_READ_SECONDS, record=record)
            step = poll_once(context, record)
        except ReimageError as error:
            self.row(news).warn(f"Could not check how the last reimage ended: {error}")
            return ()
        if not isinstance(step, Failed):
            return ()
        # ARM may quote what it was sent, and this text is shown and kept in state.
        return (failed(step.status, redact(step.error.text or "no reason given", self.secrets_of(news))),)

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

    def _inputs(self, props: Properties) -> ReimageInputs:
        return parse_inputs(_own(translate_unknowns(props)), self.session.environ)

    def _context(self, props: Properties, timeout: float) -> VmContext:
        return self.session.context(_vm_id(props), self.row(props), timeout=timeout)


def _own(props: Properties) -> Properties:
    return {key: value for key, value in props.items() if key != PROVIDER_KEY}


def _vm_id(props: Properties) -> VirtualMachineId:
    return VirtualMachineId.parse(props.get("vm_id"))


def _made_for(news: Properties) -> Properties:
    """Return what a later change is compared with."""
    return {key: news[key] for key in _MADE_FOR if key in news}


def _state(news: Properties, found: tuple[Cause, ...], record: Record) -> Properties:
    """Return the outputs: what the record was made for, and the record. No secret is among them."""
    return {**_made_for(news), "causes": [str(cause) for cause in found], "record": record.to_state()}

"""ReimageOperation: looks at the VM, requests the reimage, and returns at once.

Returning before the operation ends is the point: the engine then saves the operation in the stack's state,
and a run that is killed during the wait is resumed by the next one instead of wiping the disk again.

The names of this module, its provider class and the state keys are state format: frozen.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from ..arm.client import ReadError
from ..arm.lro import Failed
from ..arm.resource_id import same_machine
from ..errors import ConfigurationError, ReimageError
from ..inputs import validation as inputs
from ..inputs.changes import CREATED, announcement, causes, failed, stored
from ..redact import redact
from ..reimage.preview import preview_reimage
from ..reimage.record import Record
from ..reimage.wait import begin_reimage, poll_once, record_baseline
from .host import PROVIDER_KEY, Properties, SessionProvider, is_unknown, known, one_line_errors, outputs

if TYPE_CHECKING:
    from pulumi import Output, ResourceOptions

    from ..inputs.parameters import Cause

# For so long ARM is asked, once a preview, how an operation ended; later its record is gone anyway.
_ASKED_FOR_SECONDS = 24 * 3600.0
_READ_SECONDS = 60.0

_MADE_FOR = ("vm_id", "triggers", "exact_version", "component_urn")
# The record is one output, not one for each of its parts. A preview does not know an output that is None, as
# parts of a baseline are, and would announce that the result changes; and each costs a fleet's preview time.
_OUTPUTS = ("causes", "record")
_OURS = frozenset({"component_urn"})


class ReimageOperation(Resource, module="azure-reimage", name="ReimageOperation"):
    """A request to reimage a VM, or the baseline before the first one."""

    # Pulumi resolves annotations anew for each resource, and needs none: these values are plain JSON.
    if TYPE_CHECKING:
        vm_id: Output[str]
        causes: Output[list[str]]
        record: Output[dict[str, Any]]

    def __init__(self, name: str, props: Properties, opts: ResourceOptions) -> None:
        super().__init__(
            ReimageOperationProvider(),
            name,
            # An output must be declared to be unknown, rather than absent, in a preview.
            {**props, **dict.fromkeys(_OUTPUTS)},
            opts,
        )


class ReimageOperationProvider(SessionProvider):
    """Begins reimages."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuse bad inputs before anything is sent; begin the preview of a reimage on creation."""
        with one_line_errors():
            self.session.require_configuration()
        refused = [
            error.message
            for error in inputs.check(
                {key: value for key, value in news.items() if key != PROVIDER_KEY},
                is_unknown=is_unknown,
                environ=self.session.environ,
                also_allowed=_OURS,
            )
        ]
        if not refused and not _olds and news.get("reimage_on_create") is True:
            with one_line_errors(self._secrets(news)):
                self._preview(news, (CREATED,), None)
        if not refused and _olds:
            self._tell_what_is_stored(_olds, news)
        # No property is named but in the sentence: the engine prints the value of the property that a failure
        # names, and that of a secret in the clear (seen with CLI 3.259.0).
        return CheckResult(news, [CheckFailure("", reason) for reason in refused])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Tell whether the next update reimages, and begin its preview if it does."""
        with one_line_errors(self._secrets(_news)):
            vm_id = known(_news.get("vm_id"))
            if vm_id is not None and not same_machine(vm_id, _olds["vm_id"]):
                return DiffResult(changes=True, replaces=["vm_id"])
            found = causes(_olds, _news, is_unknown) or self._failure(_olds, _news)
            if found:
                self._preview(_news, found, Record.from_state(_olds["record"]))
            return DiffResult(changes=bool(found))

    def create(self, props: Properties) -> CreateResult:
        """Record the baseline; send a reimage only if `reimage_on_create` asks for it."""
        with one_line_errors(self._secrets(props)):
            self.session.await_preview(props)
            context = self.session.context(props, timeout=inputs.parse_timeout(props.get("timeout")))
            if props.get("reimage_on_create") is not True:
                return CreateResult(str(context.vm_id), _state(props, (), record_baseline(context)))
            order = inputs.order(props, (CREATED,), self.session.environ)
            record = begin_reimage(context, order, None)
            causes_of_it = () if record.is_baseline else order.causes
            return CreateResult(str(context.vm_id), _state(props, causes_of_it, record))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Request the reimage that `diff` announced."""
        with one_line_errors(self._secrets(_news)):
            self.session.await_preview(_news)
            # A failure is asked after again right before sending: the preview may be hours old.
            found = causes(_olds, _news, is_unknown) or self._failure(_olds, _news)
            if not found:
                return UpdateResult(outputs(_olds))
            last = Record.from_state(_olds["record"])
            context = self.session.context(_news, timeout=inputs.parse_timeout(_news.get("timeout")))
            record = begin_reimage(context, inputs.order(_news, found, self.session.environ), last)
            if record is last:
                # Nothing was requested: what the last reimage was requested for stays true.
                kept = {key: value for key, value in outputs(_olds).items() if key not in _MADE_FOR}
                return UpdateResult({**kept, **_made_for(_news)})
            return UpdateResult(_state(_news, found, record))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Look at the VM; say it if it is gone or another one. State stays: it says what was requested."""
        with one_line_errors():
            context = self.session.context(props, timeout=_READ_SECONDS)
            try:
                vm = context.read()
            except (ReadError, ConfigurationError) as error:
                context.warn(f"VM {context.name} could not be looked at, so what was known is kept: {error}")
            else:
                if vm.disk.vm_unique_id != Record.from_state(props["record"]).before.vm_unique_id:
                    context.warn(
                        f"VM {context.name} was created anew since its last baseline. The next change of a "
                        f"trigger records a new baseline and does not reimage it."
                    )
            return ReadResult(id_, outputs(props))

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the operation; nothing is sent, and the VM stays as it is."""

    def _preview(self, news: Properties, found: tuple[Cause, ...], last: Record | None) -> None:
        order = inputs.order(news, found, self.session.environ, is_unknown)
        if known(news.get("vm_id")) is not None:
            context = self.session.context(news, timeout=_READ_SECONDS)
            self.session.begin_preview(news, partial(preview_reimage, context, order, last))
        else:
            # The VM is being created or replaced: there is none to look at.
            self.session.warn(announcement("(not known yet)", order.doubted(), None), news)

    def _failure(self, olds: Properties, news: Properties) -> tuple[Cause, ...]:
        """Ask ARM, once, whether the last operation ended badly; it is then due again."""
        record = Record.from_state(olds["record"])
        if record.link is None or self.session.age(record) > _ASKED_FOR_SECONDS:
            return ()
        try:
            step = poll_once(self.session.context(olds, timeout=_READ_SECONDS, record=record), record)
        except ReimageError as error:
            self.session.warn(f"The last reimage could not be asked after: {error}", news)
            return ()
        if not isinstance(step, Failed):
            return ()
        # ARM may quote what it was sent, and this text is shown and kept in state.
        return (failed(step.status, redact(step.error.text or "no reason given", self._secrets(news))),)

    def _tell_what_is_stored(self, olds: Properties, news: Properties) -> None:
        """Say it if an input has changed and that reimages nothing."""
        names = stored(olds, news, is_unknown, _OURS | {PROVIDER_KEY, *_OUTPUTS})
        if names and not causes(olds, news, is_unknown):
            self.session.tell(
                f"Changed, and stored for the next reimage: {', '.join(names)}. That reimages nothing.", news
            )

    def _secrets(self, props: Properties) -> tuple[str, ...]:
        return inputs.secrets_of(props, self.session.environ)


def _made_for(news: Properties) -> Properties:
    """Return what a later change is compared with."""
    return {key: news[key] for key in _MADE_FOR if key in news}


def _state(news: Properties, found: tuple[Cause, ...], record: Record) -> Properties:
    """Return the outputs: what the record was made for, and the record. No secret is among them."""
    return {**_made_for(news), "causes": [str(cause) for cause in found], "record": record.to_state()}

"""ReimageOperation: looks at the VM, requests the reimage, and returns at once.

Returning before the operation ends is the point: the engine then saves the operation in the stack's state,
and a run that is killed during the wait is resumed by the next one instead of wiping the disk again.

The names of this module, its provider class and the state keys are state format: frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from .. import inputs
from ..arm import ReadError
from ..errors import ConfigurationError, ReimageError
from ..lro import Failed
from ..plan import announcement, causes, creation_announcement
from ..record import RECORD_KEYS, Record
from ..redact import redact
from ..reimage import baseline, begin, status
from ..resource_id import VirtualMachineId, same_machine
from ..virtual_machine import DiskFacts
from .edge import PROVIDER_KEY, Properties, SessionProvider, is_unknown, known, one_line_errors, outputs

# For so long ARM is asked, once a preview, how an operation ended; later its record is gone anyway.
_ASKED_FOR_SECONDS = 24 * 3600.0
_READ_SECONDS = 60.0

_MADE_FOR = ("vm_id", "triggers", "exact_version", "component_urn")
_OUTPUTS = ("reason", *RECORD_KEYS)


class ReimageOperation(Resource, module="azure-reimage", name="ReimageOperation"):
    """A request to reimage a VM, or the baseline before the first one."""

    # Pulumi resolves annotations anew for each resource, and needs none: these values are plain JSON.
    if TYPE_CHECKING:
        vm_id: pulumi.Output[str]
        requested_at: pulumi.Output[str | None]
        client_request_id: pulumi.Output[str | None]
        correlation_id: pulumi.Output[str | None]
        operation_url: pulumi.Output[str | None]
        operation_header: pulumi.Output[str | None]
        retry_after: pulumi.Output[float | None]
        before: pulumi.Output[dict[str, Any]]
        recovered: pulumi.Output[bool]
        reason: pulumi.Output[list[str]]

    def __init__(self, name: str, props: Properties, opts: pulumi.ResourceOptions) -> None:
        super().__init__(
            ReimageOperationProvider(),
            name,
            # An output must be declared to be unknown, rather than absent, in a preview.
            {**props, **dict.fromkeys(_OUTPUTS)},
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hide_diffs=["operation_url"])),
        )

    @property
    def record(self) -> pulumi.Output[dict[str, Any]]:
        """What ReimageResult waits for, as one value: the state keeps the dependencies of each input."""
        rest = {key: getattr(self, key) for key in RECORD_KEYS if key != "before"}

        async def record(before: dict[str, Any]) -> dict[str, Any]:
            return {"before": before, **{key: await value.future() for key, value in rest.items()}}

        # Not `Output.all`: a preview does not know an output that is None, such as those of a baseline, and
        # would announce a change. `before` always has a value, unless this resource is about to change.
        return self.before.apply(record)


class ReimageOperationProvider(SessionProvider):
    """Begins reimages."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuse bad inputs before anything is sent."""
        with one_line_errors():
            self.session.require_configuration()
        refused = inputs.check(
            {key: value for key, value in news.items() if key != PROVIDER_KEY},
            is_unknown=is_unknown,
            also_allowed=frozenset({"component_urn"}),
        )
        if not refused and not _olds and news.get("reimage_on_create") is True:
            vm_id = known(news.get("vm_id"))
            name = VirtualMachineId.parse(vm_id).name if vm_id else "(not known yet)"
            self.session.warn(creation_announcement(name), news)
        # No property is named but in the sentence: the engine prints the value of the property that a failure
        # names, and that of a secret in the clear (seen with CLI 3.259.0).
        return CheckResult(news, [CheckFailure("", error.message) for error in refused])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Tell whether the next update reimages, and say so."""
        with one_line_errors():
            vm_id = known(_news.get("vm_id"))
            if vm_id is not None and not same_machine(vm_id, _olds["vm_id"]):
                return DiffResult(changes=True, replaces=["vm_id"])
            found = causes(_olds, _news, is_unknown)
            reasons = tuple(str(cause) for cause in found) or self._failure(_olds, _news)
            if not reasons:
                return DiffResult(changes=False)
            certain = vm_id is not None and any(cause.kind != "unknown" for cause in found)
            self.session.warn(
                announcement(
                    VirtualMachineId.parse(_olds["vm_id"]).name,
                    reasons,
                    DiskFacts.from_state(_olds.get("before")),
                    certain=certain or not found,
                ),
                _news,
            )
            return DiffResult(changes=True)

    def create(self, props: Properties) -> CreateResult:
        """Record the baseline; send a reimage only if `reimage_on_create` asks for it."""
        with one_line_errors(inputs.secrets_of(props)):
            target = self.session.target(props, timeout=inputs.parse_timeout(props.get("timeout")))
            if props.get("reimage_on_create") is True:
                record = begin(target, inputs.request_body(props), None)
                reasons = ["created"]
            else:
                record, reasons = baseline(target), []
            return CreateResult(str(target.vm_id), _state(props, reasons, record))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Request the reimage that `diff` announced."""
        with one_line_errors(inputs.secrets_of(_news)):
            last = Record.from_state(_olds)
            reasons = [str(cause) for cause in causes(_olds, _news, is_unknown)]
            if not reasons:
                # Asked again right before sending: the preview may be hours old.
                reasons = list(self._failure(_olds, _news))
                if not reasons:
                    return UpdateResult(outputs(_olds))
            target = self.session.target(_news, timeout=inputs.parse_timeout(_news.get("timeout")))
            record = begin(target, inputs.request_body(_news), last)
            return UpdateResult(_state(_news, reasons, record))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Look at the VM; say it if it is gone or another one. State stays: it says what was requested."""
        with one_line_errors():
            target = self.session.target(props, timeout=_READ_SECONDS)
            try:
                vm = target.read()
            except (ReadError, ConfigurationError) as error:
                target.warn(f"VM {target.name} could not be looked at, so what was known is kept: {error}")
            else:
                if vm.disk.vm_unique_id != DiskFacts.from_state(props.get("before")).vm_unique_id:
                    target.warn(
                        f"VM {target.name} was created anew since its last baseline. The next change of a "
                        f"trigger records a new baseline and does not reimage it."
                    )
            return ReadResult(id_, outputs(props))

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the operation; nothing is sent, and the VM stays as it is."""

    def _failure(self, olds: Properties, news: Properties) -> tuple[str, ...]:
        """Ask ARM, once, whether the last operation ended badly; it is then due again."""
        record = Record.from_state(olds)
        if record.link is None or self.session.age(record) > _ASKED_FOR_SECONDS:
            return ()
        try:
            step = status(self.session.target(olds, timeout=_READ_SECONDS, record=record), record)
        except ReimageError as error:
            self.session.warn(f"The last reimage could not be asked after: {error}", news)
            return ()
        if not isinstance(step, Failed):
            return ()
        # ARM may quote what it was sent, and this text is shown and kept in state.
        why = redact(step.error.text or "no reason given", inputs.secrets_of(news))
        return (f"the last reimage ended {step.status}: {why}",)


def _state(news: Properties, reasons: list[str], record: Record) -> Properties:
    """Return the outputs: what the record was made for, and the record. No secret is among them."""
    made_for = {key: news[key] for key in _MADE_FOR if key in news}
    return {**made_for, "reason": reasons, **record.to_state()}

"""ReimageResult: waits for the operation that ReimageOperation requested, and keeps how it ended.

The names of this module, its provider class and the state keys are state format: frozen.
"""

from __future__ import annotations

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
from ..arm.resource_id import VirtualMachineId, same_machine
from ..errors import ConfigurationError, RefusedError
from ..inputs.validation import parse_timeout
from ..reimage.record import Record, baseline_result, with_disk
from ..reimage.wait import not_followed, wait_for_reimage
from .host import Properties, SessionProvider, is_unknown, known, one_line_errors, outputs

if TYPE_CHECKING:
    from pulumi import Output, ResourceOptions

_READ_SECONDS = 60.0

# One output, not one for each of its parts: see ReimageOperation.
_OUTPUTS = ("result",)


class ReimageResult(Resource, module="azure-reimage", name="ReimageResult"):
    """The end of a reimage, or the baseline before the first one."""

    # Pulumi resolves annotations anew for each resource, and needs none: these values are plain JSON.
    if TYPE_CHECKING:
        result: Output[dict[str, Any]]

    def __init__(self, name: str, props: Properties, opts: ResourceOptions) -> None:
        super().__init__(
            ReimageResultProvider(),
            name,
            # An output must be declared to be unknown, rather than absent, in a preview.
            {**props, **dict.fromkeys(_OUTPUTS)},
            opts,
        )


class ReimageResultProvider(SessionProvider):
    """Waits for reimages."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Take the inputs, which ReimageOperation has checked; refuse what its preview refuses."""
        try:
            with one_line_errors():
                self.session.await_preview(news)
        except RefusedError as error:
            return CheckResult(news, [CheckFailure("", error.message)])
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Tell whether there is a request whose end is not in state yet, or what a refresh has just found."""
        if self.session.told_drift(_id):
            # The engine shows as drift what the diff after a read calls a change. The next update has none.
            return DiffResult(changes=True)
        vm_id = known(_news.get("vm_id"))
        if vm_id is not None and not same_machine(vm_id, _olds["vm_id"]):
            return DiffResult(changes=True, replaces=["vm_id"])
        if is_unknown(_news.get("record")):
            return DiffResult(changes=True)
        return DiffResult(changes=not _ended(_olds, _news))

    def create(self, props: Properties) -> CreateResult:
        """Wait for the operation, if one was requested."""
        with one_line_errors():
            return CreateResult(props["vm_id"], self._result(props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Wait for the operation. An error keeps the old state, so that the next run waits again."""
        with one_line_errors():
            # Drift that no diff has asked for, as with the engine's legacy refresh, is nothing to wait for.
            return UpdateResult(outputs(_olds) if _ended(_olds, _news) else self._result(_news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Show the OS disk that the VM has now: a reimage that others made is drift, and fires nothing."""
        with one_line_errors():
            context = self.session.context(props, timeout=_READ_SECONDS)
            try:
                disk = context.read().disk
            except (ReadError, ConfigurationError):
                # Said by ReimageOperation, which looks at the same VM.
                return ReadResult(id_, outputs(props))
            result = with_disk(props["result"], disk)
            if result != props["result"]:
                self.session.found_drift(id_)
                context.warn(
                    f"VM {context.name} has another OS disk or image version than this stack knew. "
                    f"A refresh shows that, and sends nothing."
                )
            return ReadResult(id_, {**outputs(props), "result": result})

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the result; nothing is sent, and the VM stays as it is."""

    def _result(self, props: Properties) -> Properties:
        record = Record.from_state(props["record"])
        if record.is_baseline:
            result = baseline_result(record)
        else:
            timeout = parse_timeout(props.get("timeout"))
            try:
                context = self.session.context(props, timeout=timeout, record=record)
            except ConfigurationError as error:
                raise not_followed(VirtualMachineId.parse(props["vm_id"]).name, record, error) from error
            result = wait_for_reimage(context, record)
        return {
            "vm_id": props["vm_id"],
            "client_request_id": record.client_request_id,
            "vm_unique_id": record.before.vm_unique_id,
            "result": result.to_state(),
        }


def _ended(olds: Properties, news: Properties) -> bool:
    """Tell whether state knows the end of the request, or of the baseline, that the record is of."""
    waited_for = (olds.get("client_request_id"), olds.get("vm_unique_id"))
    return Record.from_state(news["record"]).identity == waited_for

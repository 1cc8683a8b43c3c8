"""ReimageResult: waits for the operation that ReimageOperation requested, and keeps how it ended.

The state keys are state format: frozen.
"""

from __future__ import annotations

from functools import partial

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    UpdateResult,
)

from ..arm.client import ReadError
from ..arm.resource_id import VirtualMachineId
from ..errors import ConfigurationError, RefusedError
from ..inputs.timeout import parse_timeout
from ..inputs.unknown import UNKNOWN, has_unknown
from ..json_reading import get_str
from ..reimage.record import Record, baseline_result, with_disk
from ..reimage.wait import cannot_poll, wait_for_reimage
from .host import OneLineErrors, Properties, SessionProvider, component_urn, keep_outputs, translate_unknowns

_READ_SECONDS = 60.0


class ReimageResultProvider(SessionProvider):
    """Waits for reimages."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Accept the inputs, which ReimageOperation has checked; refuse what its preview refuses."""
        self.host.drifted.discard(_key(news))
        try:
            with OneLineErrors():
                self.host.previews.wait(component_urn(news))
        except RefusedError as error:
            return CheckResult(news, [CheckFailure("", error.message)])
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Return whether state lacks the end of a request, or whether a refresh has just found drift."""
        news = translate_unknowns(_news)
        if _key(news) in self.host.drifted:
            # The engine shows as drift what the diff after a read calls a change. The next update has none.
            return DiffResult(changes=True)
        if news.get("vm_id") is not UNKNOWN and _key(news) != _key(_olds):
            return DiffResult(changes=True, replaces=["vm_id"])
        if has_unknown(news.get("record")):
            return DiffResult(changes=True)
        return DiffResult(changes=not _ended(_olds, news))

    def create(self, props: Properties) -> CreateResult:
        """Wait for the operation, if one was requested."""
        with OneLineErrors(partial(self.secrets_of, props)):
            return CreateResult(props["vm_id"], self._result(props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Wait for the operation. An error keeps the old state, so that the next run waits again."""
        with OneLineErrors(partial(self.secrets_of, _news)):
            # Drift that no diff has reported, as with the engine's legacy refresh, is nothing to wait for.
            return UpdateResult(keep_outputs(_olds) if _ended(_olds, _news) else self._result(_news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Show the OS disk that the VM has now: a reimage by someone else is drift, and sends nothing."""
        with OneLineErrors():
            vm_id = VirtualMachineId.parse(props["vm_id"])
            context = self.session.context(vm_id, self.row(props), timeout=_READ_SECONDS)
            try:
                disk = context.read().disk
            except (ReadError, ConfigurationError):
                # ReimageOperation, which reads the same VM, reports it.
                return ReadResult(id_, keep_outputs(props))
            result = with_disk(props["result"], disk)
            if result != props["result"]:
                self.host.drifted.add(vm_id.key)
                context.warn(
                    f"VM {context.name} has a different OS disk or image version than this stack knew. "
                    f"A refresh reports that as drift, and sends nothing."
                )
            return ReadResult(id_, {**keep_outputs(props), "result": result})

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the result; nothing is sent, and the VM stays as it is."""

    def _result(self, props: Properties) -> Properties:
        record = Record.from_state(props["record"])
        if record.is_baseline:
            result = baseline_result(record)
        else:
            vm_id = VirtualMachineId.parse(props["vm_id"])
            timeout = parse_timeout(props.get("timeout"))
            try:
                context = self.session.context(vm_id, self.row(props), timeout=timeout, record=record)
            except ConfigurationError as error:
                raise cannot_poll(vm_id.name, record, error) from error
            result = wait_for_reimage(context, record)
        return {
            "vm_id": props["vm_id"],
            "client_request_id": record.client_request_id,
            "vm_unique_id": record.before.vm_unique_id,
            "result": result.to_state(),
        }


def _ended(olds: Properties, news: Properties) -> bool:
    """Return whether state knows the end of the request, or of the baseline, that the record is of."""
    waited_for = (olds.get("client_request_id"), olds.get("vm_unique_id"))
    return Record.from_state(news["record"]).identity == waited_for


def _key(props: Properties) -> str:
    """Return the same text for every spelling of the VM; empty if a preview does not know it yet."""
    vm_id = get_str(props, "vm_id")
    return VirtualMachineId.parse(vm_id).key if vm_id else ""

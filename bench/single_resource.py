"""The same job as one dynamic resource that requests the reimage and waits for it in a single call.

It is what a Python dynamic provider looks like without the split into operation and result. It looks, guards,
begins, waits and verifies with the same functions of the core, with the same client and the same pauses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.dynamic import CreateResult, DiffResult, Resource, UpdateResult

from pulumi_azure_reimage.dynamic.host import SessionProvider, is_unknown
from pulumi_azure_reimage.inputs.changes import causes
from pulumi_azure_reimage.inputs.parameters import Order
from pulumi_azure_reimage.inputs.validation import DEFAULT_TIMEOUT
from pulumi_azure_reimage.reimage.record import Record, Result, baseline_result
from pulumi_azure_reimage.reimage.wait import begin_reimage, record_baseline, wait_for_reimage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi import Input

Properties = dict[str, Any]


class SingleReimageProvider(SessionProvider):
    """Begins reimages and waits for them."""

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Tell whether a trigger changed."""
        return DiffResult(changes=bool(causes(_olds, _news, is_unknown)))

    def create(self, props: Properties) -> CreateResult:
        """Record the baseline."""
        record = record_baseline(self.session.context(props, timeout=DEFAULT_TIMEOUT))
        return CreateResult(props["vm_id"], _state(props, baseline_result(record), record))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Request the reimage and wait for its end."""
        context = self.session.context(_news, timeout=DEFAULT_TIMEOUT)
        last = Record.from_state(_olds)
        record = begin_reimage(context, Order(causes(_olds, _news, is_unknown)), last)
        result = wait_for_reimage(self.session.context(_news, timeout=DEFAULT_TIMEOUT, record=record), record)
        return UpdateResult(_state(_news, result, record))


class SingleReimage(Resource, module="bench", name="SingleReimage"):
    """A reimage that is requested and waited for by one resource."""

    def __init__(self, name: str, *, vm_id: Input[str], triggers: Mapping[str, str]) -> None:
        super().__init__(SingleReimageProvider(), name, {"vm_id": vm_id, "triggers": triggers})


def _state(news: Properties, result: Result, record: Record) -> Properties:
    made_for = {"vm_id": news["vm_id"], "triggers": news["triggers"]}
    return {**made_for, "before": record.before.to_state(), **result.to_state()}

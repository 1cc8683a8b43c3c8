"""The preview of a reimage: what an update would do, told and not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..arm.client import ReadError
from ..errors import ConfigurationError
from ..inputs.changes import announcement
from .decide import Fate, fate
from .preflight import enforce, observe, warn
from .preflight_rules import findings, guarded
from .reconcile import known_disk, report_replaced

if TYPE_CHECKING:
    from ..inputs.parameters import Order
    from .context import VmContext
    from .record import Record


def preview_reimage(context: VmContext, order: Order, last: Record | None) -> None:
    """Look at the VM and say what `begin` would do with the same order: at most three reads, and no POST.

    Args:
        context: The VM.
        order: The reimage.
        last: The record of the last request or baseline, if there is one.

    Raises:
        RefusedError: `begin` would refuse.
    """
    try:
        vm = context.read()
    except (ReadError, ConfigurationError) as error:
        context.warn(
            f"VM {context.name} cannot be looked at, so this is what the last run knew of it: {error}"
        )
        context.warn(announcement(context.name, order, last.before if last else None))
        warn(context, order, guarded(order))
        enforce(context, order, guarded(order))
        return
    report_replaced(context, known_disk(last, vm), vm)
    match fate(vm, order, last):
        case Fate.NEW_VM:
            context.warn(
                f"VM {context.name} was created anew since its last baseline: the update records a new "
                f"baseline and does not reimage it."
            )
        case Fate.CURRENT:
            context.warn(
                f"VM {context.name} already runs image version {order.exact_version} (skip_if_current): it is "
                f"not reimaged ({order.why})."
            )
        case Fate.DUE:
            context.warn(announcement(context.name, order, vm.disk))
            found = findings(observe(context, vm, order))
            warn(context, order, found)
            enforce(context, order, found)
        case other:
            assert_never(other)

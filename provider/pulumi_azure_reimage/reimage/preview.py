"""The preview of a reimage: what an update would do, told and not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..arm.client import ReadError
from ..errors import ConfigurationError
from .decide import Fate, fate
from .preflight import refuse, sighted, warn_of
from ..inputs.changes import announcement
from .preflight_rules import findings, guarded
from .reconcile import known_disk, report_replaced

if TYPE_CHECKING:
    from ..inputs.parameters import Order
    from .record import Record
    from .context import Target


def preview(target: Target, order: Order, last: Record | None) -> None:
    """Look at the VM and say what `begin` would do with the same order: at most three reads, and no POST.

    Args:
        target: The VM.
        order: The reimage.
        last: The record of the last request or baseline, if there is one.

    Raises:
        RefusedError: `begin` would refuse.
    """
    try:
        vm = target.read()
    except (ReadError, ConfigurationError) as error:
        target.warn(f"VM {target.name} cannot be looked at, so this is what the last run knew of it: {error}")
        target.warn(announcement(target.name, order, last.before if last else None))
        warn_of(target, order, guarded(order))
        refuse(target, order, guarded(order))
        return
    report_replaced(target, known_disk(last, vm), vm)
    match fate(vm, order, last):
        case Fate.NEW_VM:
            target.warn(
                f"VM {target.name} was created anew since its last baseline: the update records a new "
                f"baseline and does not reimage it."
            )
        case Fate.CURRENT:
            target.warn(
                f"VM {target.name} already runs image version {order.exact_version} (skip_if_current): it is "
                f"not reimaged ({order.why})."
            )
        case Fate.DUE:
            target.warn(announcement(target.name, order, vm.disk))
            found = findings(sighted(target, vm, order))
            warn_of(target, order, found)
            refuse(target, order, found)
        case other:
            assert_never(other)

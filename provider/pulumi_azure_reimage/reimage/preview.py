"""The preview of a reimage: what an update would do, announced and not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..arm.client import ReadError
from ..errors import ConfigurationError
from .announcement import announcement
from .decide import KeepCurrent, RecordBaseline, SendReimage, decide
from .preflight import enforce, observe, warn
from .preflight_rules import apply_guards, apply_preflight
from .reconcile import known_disk, report_replaced_disk

if TYPE_CHECKING:
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext
    from .record import Record


def preview_reimage(context: VmContext, desired: DesiredReimage, last: Record | None) -> None:
    """Read the VM and say what `begin_reimage` would do with the same inputs: three reads at most.

    Args:
        context: The VM.
        desired: The reimage.
        last: The record of the last request or baseline, if there is one.

    Raises:
        RefusedError: `begin_reimage` would refuse.
    """
    try:
        vm = context.read()
    except (ReadError, ConfigurationError) as error:
        context.warn(
            f"VM {context.name} cannot be read, so what follows is what the last run knew about it: {error}"
        )
        context.warn(announcement(context.name, desired, last.before if last else None))
        warn(context, desired, apply_guards(desired))
        enforce(context, desired, apply_guards(desired))
        return
    report_replaced_disk(context, known_disk(last, vm), vm)
    match decide(vm, desired, last):
        case RecordBaseline():
            context.warn(
                f"VM {context.name} was created again since its last baseline. The update records a new "
                f"baseline and does not reimage it."
            )
        case KeepCurrent(_, version):
            context.warn(
                f"VM {context.name} already runs image version {version} (skip_if_current), so it is not "
                f"reimaged ({desired.why})."
            )
        case SendReimage():
            context.warn(announcement(context.name, desired, vm.disk))
            found = apply_preflight(observe(context, vm, desired))
            warn(context, desired, found)
            enforce(context, desired, found)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)

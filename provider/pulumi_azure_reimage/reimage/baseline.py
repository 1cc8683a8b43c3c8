"""What is said about a new baseline, because it includes every change that is made together with it.

A baseline is the VM as it is. Later changes count from there, and a change that it already includes is never
requested. So a user who expected a reimage must read which VM was recorded, and that nothing was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ConfigurationError, RequestRejectedError
from ..redact import redact

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts
    from ..inputs.parameters import Cause
    from .context import VmContext


def report_baseline(context: VmContext, disk: DiskFacts, version: str | None) -> None:
    """Report which disk is the baseline, and that nothing is reimaged even if another version is requested.

    Args:
        context: The VM.
        disk: The VM and its OS disk.
        version: `exact_version`, if it is set.
    """
    name = (disk.os_disk_id or "").rpartition("/")[2] or "not known"
    runs = disk.image_version or "not known"
    context.inform(f"Baseline: OS disk {name}, version {runs}. Nothing is reimaged.")
    if version is not None and version != disk.image_version:
        context.warn(
            f"exact_version is {version}, and the VM runs image version {runs}. A baseline changes nothing "
            f"about that. To reimage the VM, change a trigger after this update."
        )


def preview_baseline(context: VmContext, version: str | None) -> None:
    """Look at the VM that the update records as a baseline, and report what that will be, with one read.

    A VM that cannot be read is a warning, because the program may create it, and because the update can run
    with a different identity than its preview.
    """
    try:
        vm = context.look()
    except (RequestRejectedError, ConfigurationError) as error:
        context.warn(
            f"The update fails, unless this has changed by then: {redact(str(error), context.secrets())}"
        )
        return
    report_baseline(context, vm.disk, version)


def describe_leaving(name: str, included: tuple[Cause, ...]) -> str:
    """Return what is said when a user replaces a ReimageRequest, also about other changes in the same run.

    Args:
        name: The VM.
        included: The causes that have changed in the same run.
    """
    stays = f"VM {name} stays as it is. The update records a new baseline and sends nothing."
    if not included:
        return stays
    changed = ", ".join(map(str, included))
    return (
        f"{stays} The new baseline includes what has changed ({changed}), so that is not requested any more. "
        f"To reimage the VM, change a trigger after this update."
    )

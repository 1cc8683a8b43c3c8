"""Reading what the rules need to know about a VM, and refusing what must not be sent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar, assert_never

from ..arm.client import ReadError
from ..errors import ConfigurationError, RefusedError
from .observation import Missing, Observation, Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..arm.image import Image, ImageVersion
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext
    from .rule import Finding

Found = TypeVar("Found")


def observe(context: VmContext, vm: VirtualMachine, desired: DesiredReimage) -> Observation:
    """Read what the rules need to know besides the VM itself, with at most two requests.

    With `exact_version` the second one is for the version, else for the locks. ARM also reports a lock when
    the request is sent, and nothing is lost then. A wrong version may cost the disk.
    """
    now = context.clock.now()
    permissions = _unless_unread(lambda: context.arm.permissions(context.vm_id, context.ids))
    observed = partial(Observation, vm, desired, now, permissions, api_version=context.arm.api_version)
    if desired.repeats:
        # ARM has accepted the same request within the last day.
        return observed()
    version = desired.parameters.exact_version
    if version is None or vm.image is None or vm.location is None:
        locks = _unless_unread(lambda: context.arm.locks(context.vm_id, context.ids))
        return observed(locks=locks)
    return observed(version=_version(context, vm.image, version, vm.location))


def warn(context: VmContext, desired: DesiredReimage, findings: Iterable[Finding]) -> None:
    """Show what is doubtful, and what will be refused, because the engine shows the first error only."""
    for finding in findings:
        if not finding.is_error:
            context.note(finding.text)
        elif not refuses(desired, finding):
            context.note(_overruled(finding))
        elif desired.certain:
            context.note(f"This will be refused. {finding.text}")
        else:
            context.note(f"If it is to be reimaged, this will be refused. {finding.text}")


def enforce(context: VmContext, desired: DesiredReimage, findings: Iterable[Finding]) -> None:
    """Refuse what must not be sent.

    Raises:
        RefusedError: a rule says so; nothing was sent.
    """
    refusing = [finding for finding in findings if refuses(desired, finding)]
    if refusing and desired.certain:
        reasons = " ".join(finding.text for finding in refusing)
        way_out = "" if all(finding.is_guard for finding in refusing) else f" {_WAY_OUT}"
        raise RefusedError(
            f"VM {context.name} must not be reimaged ({desired.why}). {reasons}{way_out} Nothing was sent; "
            f"no disk was touched."
        )


def refuse_unread(context: VmContext, desired: DesiredReimage, reason: str) -> None:
    """Refuse, in a preview, the reimage of a VM that the update could not read either.

    An update sends nothing without a look at the VM, regardless of `preflight`.

    Raises:
        RefusedError: nothing was sent.
    """
    if desired.certain and desired.guards.preflight == "enforce":
        raise RefusedError(
            f"VM {context.name} cannot be reimaged ({desired.why}), because it cannot be read: {reason} If "
            f"this run itself puts that right, set `preflight='warn'`, and its preview only warns. Nothing "
            f"was sent; no disk was touched."
        )


def warn_of_overruled(context: VmContext, desired: DesiredReimage, findings: Iterable[Finding]) -> None:
    """Show what would be refused if the rules about Azure were enforced."""
    for finding in findings:
        if finding.is_error and not refuses(desired, finding):
            context.note(_overruled(finding))


def _overruled(finding: Finding) -> str:
    return f"{finding.text} {_OVERRULED}"


def refuses(desired: DesiredReimage, finding: Finding) -> bool:
    """Report whether a finding forbids the reimage. A rule about Azure can be overruled."""
    if not finding.is_error:
        return False
    match desired.guards.preflight:
        case "enforce":
            return True
        case "warn":
            return finding.is_guard
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


_OVERRULED = "With `preflight='warn'`, that is only a warning."
_WAY_OUT = (
    "If that is wrong for this VM, set `preflight='warn'`, with which a rule about Azure is only a warning."
)


def _version(
    context: VmContext, image: Image, version: str, location: str
) -> ImageVersion | Missing | Unread | None:
    if not image.has_versions:
        return None
    found = _unless_unread(
        lambda: context.arm.image_version(context.vm_id, image, version, location, context.ids)
    )
    return Missing() if found is None else found


def _unless_unread(read: Callable[[], Found]) -> Found | Unread:
    """Return what was read. A missing right or a failed sign-in is no reason to stop here."""
    try:
        return read()
    except ReadError as error:
        return Unread(error.reason)
    except ConfigurationError as error:
        return Unread(error.message)

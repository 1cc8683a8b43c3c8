"""The decisions about a reimage: pure, and the same for previews and updates.

Previews and updates match on each union completely, so that a case which one of them does not handle is a
type error, and nothing is ever sent by falling through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts, VirtualMachine
    from ..inputs.parameters import DesiredReimage
    from .look import Look
    from .operation import Operation
    from .request import Request

# Where the start of the CLI cannot be read, a run is assumed to be no longer than this.
_LONGEST_RUN = 3600.0


@dataclass(frozen=True, slots=True)
class RecordBaseline:
    """The VM was created in this run, as the asked version: it becomes a new baseline, and nothing is sent.

    Attributes:
        disk: The VM as it is.
    """

    disk: DiskFacts


@dataclass(frozen=True, slots=True)
class KeepCurrent:
    """The VM already runs the version that is asked for, and `skip_if_current` is set: nothing is sent.

    Attributes:
        disk: The VM as it is.
        version: The version.
    """

    disk: DiskFacts
    version: str


@dataclass(frozen=True, slots=True)
class SendReimage:
    """The reimage is due, after guards and preflight.

    Attributes:
        vm: The VM on which that was decided.
    """

    vm: VirtualMachine


Decision = RecordBaseline | KeepCurrent | SendReimage


def decide(
    vm: VirtualMachine, desired: DesiredReimage, last: DiskFacts | None, cli_age: float | None
) -> Decision:
    """Return what becomes of a reimage that is asked for.

    A disk that someone else replaced changes nothing, because that was not done for what is asked for now.

    Args:
        vm: The VM as it is.
        desired: The reimage.
        last: The VM that state knows, if it knows one.
        cli_age: The number of seconds since the CLI of this run started, if that is known.
    """
    version = desired.parameters.exact_version
    if last is not None and last.vm_unique_id != vm.disk.vm_unique_id and is_fresh(vm, version, cli_age):
        return RecordBaseline(vm.disk)
    if desired.guards.skip_if_current and version is not None and not desired.repeats:
        is_current = vm.succeeded and vm.disk.image_version == version
        if is_current:
            return KeepCurrent(vm.disk, version)
    return SendReimage(vm)


def is_fresh(vm: VirtualMachine, version: str | None, cli_age: float | None) -> bool:
    """Return whether a VM was created since this run began, by Azure's clock, and of the asked version."""
    if vm.created_at is None or vm.read_at is None:
        return False
    began = vm.read_at - timedelta(seconds=_LONGEST_RUN if cli_age is None else cli_age)
    return vm.created_at > began and version in (None, vm.disk.image_version)


@dataclass(frozen=True, slots=True)
class Nothing:
    """ReimageOperation knows what became of the request already."""


@dataclass(frozen=True, slots=True)
class RecordOnly:
    """Nothing is to be sent for the request: it is a baseline, or the VM is current."""


@dataclass(frozen=True, slots=True)
class SendFresh:
    """This run decided the request and has not sent it yet.

    Attributes:
        after_fence: Whether a late POST of an earlier request must not be able to follow ours.
        unsure: Whether such a POST may have been taken.
    """

    after_fence: bool
    unsure: bool


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The change was taken back. Nothing is to be sent, if nothing was taken in between.

    Attributes:
        look: The VM before the one request in doubt; None if more than one is, so that nothing can tell.
        request_id: That request.
    """

    look: Look | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """The request may have been sent before: by a run that was killed, or by this one.

    Attributes:
        look: The VM before that send.
        unsure: Whether another POST of ours may have been taken.
    """

    look: Look
    unsure: bool


SendDecision = Nothing | RecordOnly | SendFresh | Withdraw | Resolve


def decide_send(  # noqa: PLR0911 - each row of the table is one.
    request: Request, last: Operation | None, *, is_fresh: bool, is_taken_back: bool
) -> SendDecision:
    """Return how ReimageOperation goes on with a request.

    Args:
        request: The request that ReimageRequest made.
        last: What ReimageOperation knows; None when it is created.
        is_fresh: Whether this run decided the request, and did not begin to send it.
        is_taken_back: Whether the request is for exactly what the last taken one was for.
    """
    is_new = last is None or last.request_id != request.id
    if (not is_new and not (last and last.in_doubt)) or request.refusal is not None:
        return Nothing()
    if request.kind != "Reimage":
        return RecordOnly()
    if last is None:
        return SendFresh(after_fence=False, unsure=False) if is_fresh else Resolve(request.look, unsure=False)
    if not is_new:
        # What is in doubt has a look.
        return Resolve(request.look if last.look is None else last.look, last.unsure)
    earlier = request.predecessor
    skipped = earlier is not None and earlier.id != last.request_id
    doubt = last.in_doubt or skipped
    if is_taken_back and doubt and earlier is not None:
        return Withdraw(_only_look_in_doubt(request, last), earlier.id)
    unsure = last.unsure or doubt
    if is_fresh:
        return SendFresh(after_fence=doubt, unsure=unsure)
    return Resolve(request.look, unsure)


def _only_look_in_doubt(request: Request, last: Operation) -> Look | None:
    """Return the look of the one request since the base that may have been taken; None if there are more."""
    earlier = request.predecessor
    if earlier is None or last.unsure:
        return None
    if last.in_doubt:
        return last.look if earlier.id == last.request_id else None
    return earlier.look if earlier.predecessor_id == last.request_id else None

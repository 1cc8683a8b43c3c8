"""The decisions about a reimage. They are pure functions, and the same for previews and updates.

Previews and updates match on each union completely. A case that one of them does not handle is a type error,
and nothing is ever sent by falling through.
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

# If the start of the CLI cannot be read, a run is assumed to be no longer than this.
_LONGEST_RUN = 3600.0
# Seconds. `Date` has whole seconds, and an answer is on its way for some time before the age of the CLI is
# read. No program creates a VM in Azure so soon after the CLI has started.
_IMPRECISION = 5.0


@dataclass(frozen=True, slots=True)
class RecordBaseline:
    """The VM was created in this run, as the requested version. It is a new baseline, and nothing is sent.

    Attributes:
        disk: The VM as it is.
    """

    disk: DiskFacts


@dataclass(frozen=True, slots=True)
class KeepCurrent:
    """The VM already runs the requested version, and `skip_if_current` is set. Nothing is sent.

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
    """Return what happens to a requested reimage.

    | the VM | then |
    |---|---|
    | is not the one in state, was created in this run, and has the requested version | `RecordBaseline` |
    | runs `exact_version` already, and `skip_if_current` is set | `KeepCurrent` |
    | anything else | `SendReimage` |

    A disk that someone else replaced changes nothing, because that was not done for the current request.

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
    """Return whether a VM was created since this run began, by Azure's clock, as the requested version."""
    if vm.created_at is None or vm.read_at is None:
        return False
    began = vm.read_at + timedelta(seconds=_IMPRECISION - (_LONGEST_RUN if cli_age is None else cli_age))
    return vm.created_at > began and version in (None, vm.disk.image_version)


@dataclass(frozen=True, slots=True)
class Nothing:
    """ReimageOperation already knows the outcome of the request, or the request was refused."""


@dataclass(frozen=True, slots=True)
class RecordOnly:
    """Nothing is to be sent for the request, because it is a baseline or the VM is current.

    Attributes:
        leaves: Whether the user has decided that the VM stays as it is, regardless of what was sent before.
        after_doubt: Whether a POST for an earlier request may still arrive.
    """

    leaves: bool = False
    after_doubt: bool = False


@dataclass(frozen=True, slots=True)
class SendFresh:
    """This run decided the request and has not sent it yet.

    Attributes:
        after_fence: Whether ours must wait until a late POST of an earlier request can no longer arrive.
        unsure: Whether such a POST may have been taken.
    """

    after_fence: bool
    unsure: bool


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The change was taken back. Nothing is to be sent if nothing was accepted in between.

    Attributes:
        look: The VM before the one request in doubt; None if several are, because then nothing can settle it.
        request_id: That request.
    """

    look: Look | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """The request may have been sent before, by a run that was killed or by this one.

    Attributes:
        look: The VM before that send.
        unsure: Whether another POST of ours may have been taken.
    """

    look: Look
    unsure: bool


@dataclass(frozen=True, slots=True)
class Today:
    """What today's inputs say about a request.

    Attributes:
        is_taken_back: Whether exactly what was last accepted is requested again.
        wants_creation: Whether `reimage_on_create` is set.
    """

    is_taken_back: bool = False
    wants_creation: bool = True


SendDecision = Nothing | RecordOnly | SendFresh | Withdraw | Resolve


def decide_send(  # noqa: PLR0911 - each row of the table is one.
    request: Request, last: Operation | None, today: Today, *, is_fresh: bool
) -> SendDecision:
    """Return how ReimageOperation proceeds with a request.

    | what state says | then |
    |---|---|
    | the request is refused, or ReimageOperation is done with it | `Nothing` |
    | `reimage_on_create` requested it, and is no longer set | `RecordOnly` |
    | a first request, decided by this host and not sent by it | `SendFresh` |
    | ReimageRequest was replaced, so the user has decided that the VM stays as it is | `RecordOnly` |
    | a baseline, or a VM that is current | `RecordOnly` |
    | its own outcome is in doubt | `Resolve`, with the look before that send |
    | exactly what was last accepted is requested again, and what came after it is in doubt | `Withdraw` |
    | decided by this host and not sent by it | `SendFresh`, behind the fence if an earlier one is in doubt |
    | decided by another host, or given twice to this one | `Resolve`, with the request's look |

    Args:
        request: The request that ReimageRequest made.
        last: What ReimageOperation knows; None when it is created.
        today: What today's inputs say about it.
        is_fresh: Whether this run decided the request, and did not begin to send it.
    """
    is_done = last is not None and last.request_id == request.id and not last.in_doubt
    if request.refusal is not None or is_done:
        return Nothing()
    if request.is_creation and not today.wants_creation:
        return RecordOnly(leaves=True, after_doubt=True)
    if last is None:
        return _decide_first(request, is_fresh=is_fresh)
    if last.request_id == request.id:
        # What is in doubt has a look.
        return Resolve(request.look if last.look is None else last.look, last.unsure)
    earlier = request.predecessor
    if earlier is None:
        return RecordOnly(leaves=True, after_doubt=True)
    doubt = last.in_doubt or earlier.id != last.request_id
    if request.kind != "Reimage":
        return RecordOnly(after_doubt=doubt)
    if today.is_taken_back and doubt:
        return Withdraw(_only_look_in_doubt(request, last), earlier.id)
    unsure = last.unsure or doubt
    return SendFresh(after_fence=doubt, unsure=unsure) if is_fresh else Resolve(request.look, unsure)


def _decide_first(request: Request, *, is_fresh: bool) -> SendDecision:
    """Return how ReimageOperation proceeds with the first request that it is given.

    If that is not the first request of ReimageRequest, an earlier run may have sent the one before it. That
    run was killed before ReimageOperation was saved, or ReimageOperation was removed from the state.
    """
    if request.kind != "Reimage":
        return RecordOnly()
    doubt = request.predecessor is not None
    return SendFresh(after_fence=doubt, unsure=doubt) if is_fresh else Resolve(request.look, unsure=doubt)


def _only_look_in_doubt(request: Request, last: Operation) -> Look | None:
    """Return the look of the only request since the base that may have been accepted; None if several may."""
    earlier = request.predecessor
    if earlier is None or last.unsure:
        return None
    if last.in_doubt:
        return last.look if earlier.id == last.request_id else None
    return earlier.look if earlier.predecessor_id == last.request_id else None

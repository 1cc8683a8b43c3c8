"""One VM that is to be reimaged: how to reach it, how much time is left, and where progress is shown."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar, Unpack

from ..arm.client import ArmClient, NotSent, ReadError, RequestIds
from ..errors import NOTHING_SENT, ConfigurationError, ReimageError, RequestRejectedError
from ..sentences import join_sentences
from .announcement import PLACE_OF_URN
from .journal import Entry, Journal, no_journal
from .run import LOOK_SECONDS, Run
from .troubleshooting import explain_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..arm.lro import PostStep
    from ..arm.resource_id import VirtualMachineId
    from ..arm.virtual_machine import VirtualMachine
    from ..clock import Clock
    from .announcement import Announcement
    from .journal import Event, Facts

_ID_LENGTH = 36

Say = Callable[[str], None]
Seen = TypeVar("Seen")


def ways_out(request_urn: str = PLACE_OF_URN) -> str:
    """Return the two ways out of a doubt, with the command."""
    return (
        f"To reimage the VM, change a trigger and run `pulumi up`. To keep the VM as it is, run "
        f"`pulumi up --replace '{request_urn}'`, which records a new baseline and sends nothing."
    )


@dataclass(frozen=True, slots=True)
class VmContext:
    """The VM, and what all steps of its reimage share.

    Attributes:
        deadline: A reading of the monotonic clock, in seconds, at which waiting ends.
        progress: Shows a short status line that the next one may replace.
        warn: Shows a sentence that stays visible.
        inform: Shows a sentence that stays visible and needs no attention.
        announce: Shows what a preview says before a reimage.
        note: Shows a sentence that can hold for many machines, once for all of them.
        forbidden: Returns why the stack allows no reimage in this run, if it does not.
        last_took: The number of seconds that the last reimage of this VM took, if that is known.
        journal: Records what people read later.
        run: The run of the engine to which this belongs.
        time_scale: The factor by which the fence is shorter than for Azure. Only a simulator may set it.
        request_urn: The URN of the VM's ReimageRequest, for messages.
        secrets: Returns what no message may show, because Azure's texts may quote it. Collecting it may read
            a file.
    """

    arm: ArmClient
    clock: Clock
    vm_id: VirtualMachineId
    ids: RequestIds
    deadline: float
    progress: Say
    warn: Say
    run: Run = field(default_factory=Run)
    time_scale: float = 1.0
    request_urn: str = PLACE_OF_URN
    inform: Say = lambda _: None
    announce: Callable[[Announcement], None] = lambda _: None
    note: Say = lambda _: None
    forbidden: Callable[[], str | None] = lambda: None
    last_took: float | None = None
    journal: Journal = no_journal
    secrets: Callable[[], Iterable[str]] = tuple

    @property
    def name(self) -> str:
        """The name of the VM."""
        return self.vm_id.name

    @property
    def ways_out(self) -> str:
        """The two ways out of a doubt, with the command."""
        return ways_out(self.request_urn)

    def record(self, event: Event, **facts: Unpack[Facts]) -> None:
        """Record in the journal that something happened in this update. A preview records nothing."""
        self.journal(Entry(self.clock.now(), event, str(self.vm_id), self.run.id, facts))

    @property
    def remaining(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - self.clock.monotonic()

    def pause(self, seconds: float) -> None:
        """Let at least `seconds` pass, but not more than remain."""
        self._pause(seconds, self.deadline)

    def wait_until(
        self,
        look: Callable[[], Seen],
        done: Callable[[Seen], bool],
        *,
        every: float,
        deadline: float | None = None,
    ) -> Seen:
        """Look until `done` accepts what was seen, or until the deadline; return the last look.

        Args:
            look: Looks once. Anything that it raises ends the wait.
            done: Returns whether the wait is over.
            every: Seconds between two looks.
            deadline: A reading of the monotonic clock in seconds; None means that of the context.
        """
        end = self.deadline if deadline is None else deadline
        while not done(seen := look()) and self.clock.monotonic() < end:
            self._pause(every, end)
        return seen

    def _pause(self, seconds: float, end: float) -> None:
        self.clock.sleep(max(0.0, min(self.clock.jitter(seconds), end - self.clock.monotonic())))

    @property
    def last_moment(self) -> float:
        """The last moment at which a POST of ours for this VM can have been sent, by the monotonic clock."""
        return self.run.last_moment(self.vm_id.key, self.clock)

    def for_send(self, beginning: str) -> VmContext:
        """Return the same VM with new ids for one send, which have a given beginning and a random end.

        No id is used twice, because some resource providers treat two requests with one id as the same.
        """
        correlation_id = f"{beginning}{uuid.uuid4().hex[: _ID_LENGTH - len(beginning)]}"
        return replace(self, ids=RequestIds(correlation_id, correlation_id))

    def read(self) -> VirtualMachine:
        """GET the VM.

        Raises:
            ReadError: it could not be read.
            ConfigurationError: signing in failed.
        """
        return self.arm.virtual_machine(self.vm_id, self.ids)

    def look(self) -> VirtualMachine:
        """GET the VM before anything is sent.

        Raises:
            RequestRejectedError: ARM refused; the message says that nothing was sent.
            ConfigurationError: signing in failed, or Azure could not be reached.
        """
        try:
            return self.read()
        except ReadError as error:
            raise self.not_looked_at(error) from error
        except ConfigurationError as error:
            raise ConfigurationError(
                join_sentences(
                    error.message.removesuffix(NOTHING_SENT), "Nothing was sent; no disk was touched."
                )
            ) from error

    def post(self, body: Mapping[str, object] | None, looked_at: float) -> PostStep | NotSent:
        """POST the reimage, once, if the engine still listens and the look at the VM is not too old.

        Args:
            body: The parameters, as ARM has them.
            looked_at: When the VM was looked at, by the monotonic clock.

        Raises:
            ConfigurationError: signing in failed; nothing was sent.
        """
        try:
            return self.arm.reimage(self.vm_id, body, self.ids, partial(self._stop, looked_at))
        except ConfigurationError as error:
            raise ConfigurationError(
                join_sentences(
                    f"The reimage of {self.name} was not sent: {error.message.removesuffix(NOTHING_SENT)}",
                    "The disk was not touched.",
                )
            ) from error

    def _stop(self, looked_at: float) -> NotSent | None:
        """Return why the request must no longer be written; if it may be, note that it is."""
        gone = self.run.engine_is_gone()
        if gone is not None:
            return NotSent(gone, final=True)
        if self.clock.monotonic() - looked_at > LOOK_SECONDS:
            return NotSent("the connection was established too late", final=False)
        self.run.note_post(self.vm_id.key, self.clock)
        return None

    def not_looked_at(self, error: ReadError) -> ReimageError:
        """Return the error for a VM that could not be read before anything was sent."""
        text = join_sentences(
            f"Cannot read VM {self.name}: {explain_read(error)}", "Nothing was sent; no disk was touched."
        )
        if error.http_status is None:
            return ConfigurationError(text)
        return RequestRejectedError(
            text,
            code=error.code,
            http_status=error.http_status,
            request_id=error.request_id,
            correlation_id=error.correlation_id,
        )

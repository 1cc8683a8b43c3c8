"""The host process of a run, as far as a story needs it: its memory, without threads or a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_azure_reimage.dynamic.host import HostProcess
from pulumi_azure_reimage.dynamic.preview_pool import PreviewPool
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.errors import ReimageError

from .azure import Azure
from .stage import START

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from pulumi_azure_reimage.arm.client import ArmClient
    from pulumi_azure_reimage.reimage.run import Run

    from .stage import Stage

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What a host process holds between two steps of its run.

    Attributes:
        run_id: The id of the run.
        sent: The requests that it began to send.
        first: When it did each thing for the first time, by the monotonic clock.
        posted: When it last sent something to each VM, by the monotonic clock.
        started: When it began, in seconds since the story began.
    """

    run_id: str
    sent: frozenset[str]
    first: tuple[tuple[str, float], ...]
    posted: tuple[tuple[str, float], ...]
    started: float

    @classmethod
    def of(cls, run: Run, started: float) -> HostMemory:
        """Return the memory of a run."""
        return cls(
            run.id,
            frozenset(run._sent),  # noqa: SLF001 - a run is kept between the steps of a story.
            tuple(sorted(run._first.items())),  # noqa: SLF001 - as above.
            tuple(sorted(run._posted.items())),  # noqa: SLF001 - as above.
            started,
        )

    def restore(self, run: Run) -> None:
        """Put this memory into a run."""
        run.id = self.run_id
        run._sent = dict.fromkeys(self.sent)  # noqa: SLF001 - as above.
        run._first, run._posted = dict(self.first), dict(self.posted)  # noqa: SLF001 - as above.


class InlinePool(PreviewPool):
    """A pool that runs each preview immediately, so that a story has one order of events."""

    def __init__(self) -> None:
        self._ended: dict[str, tuple[Hashable, BaseException | None]] = {}

    def has_begun(self, urn: str, subject: Hashable) -> bool:
        """Return whether the latest preview is that of `subject`."""
        return urn in self._ended and self._ended[urn][0] == subject

    def begin(self, urn: str, subject: Hashable, preview: Callable[[], None]) -> None:
        """Run the preview, and keep what it raises."""
        try:
            preview()
        except ReimageError as error:
            self._ended[urn] = (subject, error)
        else:
            self._ended[urn] = (subject, None)

    def finish(self) -> None:
        """Return, because every preview that has begun has ended."""

    def wait(self, urn: str) -> None:
        """Raise what the preview raised, once."""
        error = self._ended.pop(urn, (None, None))[1]
        if error is not None:
            raise error


class Host(HostProcess):
    """A host process whose engine keeps failures, or does not.

    Attributes:
        kept: What the running step asks the engine to keep.
        keeps: Whether the engine can keep it.
    """

    kept: ClassVar[list[Properties]] = []
    keeps: ClassVar[bool] = True

    def keeps_failures(self) -> bool:
        """Return whether the engine of this story keeps failures."""
        return self.keeps

    def failing(self, error: ReimageError, outputs: Properties, inputs: Properties) -> Exception:  # noqa: ARG002 - as in HostProcess.
        """Keep the outputs, if the engine can."""
        if self.keeps:
            self.kept.append(outputs)
        return error


class ModelSession(Session):
    """A session whose ARM and clock are the model's."""

    azure: Azure

    @classmethod
    def on(cls, stage: Stage, host: HostProcess, started: float | None) -> ModelSession:
        """Return the session of a host that began at a moment of the story."""
        session = cls(lambda _name: None, {}, host.log, stage)
        session.azure = Azure(stage)
        if started is not None:
            session._started_at = START + timedelta(seconds=started)
        return session

    def arm_for(self, _subscription_id: str) -> ArmClient:
        """Return the model of Azure."""
        return self.azure  # type: ignore[return-value] # It has the methods of ArmClient that are called.

    def require_configuration(self) -> None:
        """Do nothing, because no configuration is needed."""

    @property
    def _time_scale(self) -> float:
        return 1.0

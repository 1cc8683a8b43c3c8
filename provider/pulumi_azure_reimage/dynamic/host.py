"""Pulumi's dynamic provider host, and what the providers of its process share."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from ..auth.sign_ins import SignIns
from ..reimage.run import Run
from .callers import Callers, RespellingLog
from .command_line import exclusion, left_out, options
from .engine_errors import KeepingError, can_keep_outputs
from .engine_log import Log, engine_log, is_started_by_an_engine
from .fleet import Fleet
from .journal_file import Journals
from .parent import end_with_the_cli, parent_age, parent_arguments, watch_engine
from .preview_pool import PreviewPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..errors import ReimageError
    from ..inputs.parameters import Cause
    from ..reimage.request import Request
    from .properties import Properties


@dataclass(frozen=True, slots=True)
class HostProcess:
    """What the providers of one host process share.

    Pulumi creates and configures one provider object per resource class and process, so nothing else owns
    what the three resources share. A process serves one run of one engine.

    Attributes:
        log: The engine's log.
        previews: The previews that have begun.
        run: This run of the engine, in the form that the core uses.
        read: The resources that were read and not checked since, by their provider class and their VM. The
            engine calls `check` before each `diff` of an update, but not before the `diff` that follows a
            read, which only reports drift.
        drifted: The VMs in which the last read found drift.
        machines: The VMs of the program, each with the component that reimages it, by its URN.
        leaves_out: Returns, by URN, whether the command line of this run leaves out a resource.
        journals: The files to which decisions are appended.
        excludes: Returns, by URN, whether the command line excludes a component.
        fleet: What is reported about many machines at once, and how many may be reimaged.
        created: The components, by their URNs, whose ReimageRequest this run creates or replaces. If their
            ReimageOperation is in state, the ReimageRequest is replaced, which leaves the VM as it is.
        due: Why ReimageRequest is going to decide, by the component's URN. ReimageOperation announces it,
            because a preview does not pass it triggers with an unknown value.
        decided: What ReimageRequest decided last, by the component's URN. It compares the VM with that, and
            so must the announcement of ReimageOperation, which may know an older VM.
        sign_ins: The sign-ins that the three providers share.
        callers: How the program of each component spells names.
    """

    log: Log
    previews: PreviewPool = field(default_factory=PreviewPool)
    run: Run = field(default_factory=Run)
    read: set[tuple[type, str]] = field(default_factory=set)
    drifted: set[str] = field(default_factory=set)
    machines: dict[str, str] = field(default_factory=dict)
    leaves_out: Callable[[str], bool] = lambda _: False
    journals: Journals = field(default_factory=Journals)
    fleet: Fleet = field(default_factory=Fleet)
    excludes: Callable[[str], bool] = lambda _: False
    created: set[str] = field(default_factory=set)
    due: dict[str, tuple[Cause, ...]] = field(default_factory=dict)
    decided: dict[str, Request] = field(default_factory=dict)
    sign_ins: SignIns = field(default_factory=SignIns)
    callers: Callers = field(default_factory=Callers)

    def keeps_failures(self) -> bool:
        """Report whether the engine will keep what `failing` keeps. To be called inside a step."""
        return can_keep_outputs()

    def failing(self, error: ReimageError, outputs: Properties, inputs: Properties) -> Exception:
        """Return the error with which a step fails and the engine keeps `outputs`."""
        return KeepingError(error, str(inputs["vm_id"]), outputs, inputs)


@cache
def host_process() -> HostProcess:
    """Return what the providers of this process share."""
    callers = Callers()
    log = RespellingLog(engine_log(sys.argv), callers)
    if is_started_by_an_engine(sys.argv):
        end_with_the_cli()
    run, given = Run(watch_engine(log), parent_age), options(parent_arguments(), os.environ)
    return HostProcess(log, run=run, leaves_out=left_out(given), excludes=exclusion(given), callers=callers)

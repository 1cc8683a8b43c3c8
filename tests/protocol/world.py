"""Azure at one moment, as values: the VM, what is under way, and what the invariants remember."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_ATTEMPTS = 3
VERSIONS = {"A": "1.0.0", "B": "2.0.0", "C": "3.0.0", "D": "4.0.0"}


def version_of(value: str) -> str:
    """Return the image version that represents a value of the program."""
    return VERSIONS[value]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often each disturbance may still happen.

    Attributes:
        long: How often an operation may be seen running again in one step.
        dones: How often Azure answers a POST with 200.
        busys: How often an operation outlasts the timeout of a step that only looks at the VM.
        elsewhere: How often another resource of the program fails, so that later steps are skipped.
        quick_logs: How often the activity log shows events earlier than it must.
    """

    kills: int = 0
    faults: int = 0
    bads: int = 0
    strangers: int = 0
    changes: int = 0
    acts: int = 0
    lates: int = 0
    guards: int = 0
    skips: int = 0
    refreshes: int = 0
    recreations: int = 0
    leaves: int = 0
    retries: int = 0
    long: int = 0
    quick_logs: int = 0
    dones: int = 0
    busys: int = 0
    elsewhere: int = 0
    exports: int = 0

    def less(self, name: str) -> Bounds:
        """Return the bounds after one disturbance of a kind."""
        return replace(self, **{name: getattr(self, name) - 1})


@dataclass(frozen=True, slots=True)
class View:
    """What a GET of the VM shows.

    Attributes:
        vm: The number of the VM, which grows when it is deleted and created again.
        disk: The number of its OS disk.
        touched: How often its etag and the times of its statuses have moved.
        power: The power state.
        created: When it was created, in seconds since the story began.
    """

    vm: int
    disk: int
    touched: int
    busy: bool
    ok: bool
    version: str
    power: str = "running"
    created: float = -2_592_000.0


@dataclass(frozen=True, slots=True)
class Post:
    """A POST that is under way. `request` counts the decisions, and the POST is gone at `until`."""

    request: int
    value: str
    until: float
    id: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """An operation on the VM. A stranger's has the request 0.

    Attributes:
        rebuilds: Whether it is a reimage.
    """

    number: int
    request: int
    value: str
    id: str = ""
    rebuilds: bool = True
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """An event in the activity log, and whether the log has shown it.

    Attributes:
        code: The code of the error that it names, if it names one.
    """

    id: str
    status: str
    http_status: int | None
    time: float
    code: str = ""
    shown: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """Azure at one moment, and what the invariants remember of its history.

    Attributes:
        ends: How each of our operations ended, by its number, or `running`.
        makers: The request of each of these operations.
        most: How often one request may be taken, because each kill and each fault can hide an operation.
        late: The outdated view that a GET may show until `late_until`.
        effect: The value of our last request that made the disk. It is empty if the disk is half built.
        stays: Whether none of our requests was taken since then.
        well: The newest request that ended well or rebuilt the disk.
        excused: A value that counts as done by the stated exception, or because the user said to leave it.
        strange: Whether a stranger made the disk that the VM has.
        ids: The ids of every send.
        readable: Whether the identity may read the activity log.
        log: The events of the activity log. It is empty if the identity may not read them.
    """

    bounds: Bounds
    ephemeral: bool
    exact: bool
    elapsed: float = 0.0
    view: View = View(1, 1, 1, busy=False, ok=True, version="1.0.0")
    running: Running | None = None
    flight: tuple[Post, ...] = ()
    ends: tuple[str, ...] = ()
    makers: tuple[int, ...] = ()
    most: int = MOST_ATTEMPTS
    late: View | None = None
    late_until: float = 0.0
    effect: str = "A"
    stays: bool = True
    well: int = 0
    excused: str = ""
    strange: bool = False
    ids: tuple[str, ...] = ()
    readable: bool = False
    log: tuple[Noted, ...] = ()

    def with_end(self, number: int, end: str) -> tuple[str, ...]:
        """Return how the operations ended, with this end for one of them."""
        return (*self.ends[: number - 1], end, *self.ends[number:])

"""A model of Azure at the level of ArmClient, whose behaviour is chosen by the explorer.

Each transition cites a recording of Azure, a public source, or the word assumption.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pulumi_azure_reimage.arm.client import NotSent, ReadError
from pulumi_azure_reimage.arm.error import ArmError
from pulumi_azure_reimage.arm.image import Image, ImageVersion
from pulumi_azure_reimage.arm.lro import (
    Doubt,
    Failed,
    Inconclusive,
    Link,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Started,
    StillRunning,
    Succeeded,
)
from pulumi_azure_reimage.arm.permissions import Permissions
from pulumi_azure_reimage.arm.response import Response
from pulumi_azure_reimage.arm.virtual_machine import DiskFacts, VirtualMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_azure_reimage.arm.client import RequestIds
    from pulumi_azure_reimage.arm.lro import PollStep, PostStep
    from pulumi_azure_reimage.arm.resource_id import VirtualMachineId

    from .choices import Choices

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# A POST is taken or gone so long after it left: 2 s for an orphan that has passed its check, and the 60 s
# that ARM gives a resource provider (ARM RPC v1.0, "Client Request Timeout").
GONE_AFTER = 62.0
# Assumption: a view of the VM is current so long after a change.
VIEW_AFTER = 30.0
_RETRY_AFTER = 10.0
MOST_ATTEMPTS = 3
_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
_DISK = f"{_SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/disks/"
_URL = f"https://management.azure.com{_SUBSCRIPTION}/providers/Microsoft.Compute/locations/westus/operations/"
# What each bad end is called: of the first two nothing better is known than that the disk may be lost
# (learn.microsoft.com/troubleshoot/azure/virtual-machines); the third says itself that it has a new disk.
_CODES = {"untouched": "AllocationFailed", "half": "DiskProcessingError", "rebuilt": "OSProvisioningTimedOut"}


VERSIONS = {"A": "1.0.0", "B": "2.0.0", "C": "3.0.0", "D": "4.0.0"}


def version_of(value: str) -> str:
    """Return the image version that stands for a value of the program."""
    return VERSIONS[value]


class Killed(BaseException):
    """The engine and its host are killed here; no handler of the product may see this."""


class Broken(Exception):  # noqa: N818 - whatever nobody thought of.
    """The step fails by an error that is none of ours, while its POST is under way (assumption)."""


class Violation(Exception):  # noqa: N818 - it is what the exploration looks for.
    """An invariant is broken.

    Attributes:
        invariant: Its name.
    """

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often each thing that hinders may still happen.

    Attributes:
        long: How often more than once an operation is seen running in one step.
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

    def less(self, name: str) -> Bounds:
        """Return the bounds after one of them happened."""
        return replace(self, **{name: getattr(self, name) - 1})


@dataclass(frozen=True, slots=True)
class View:
    """What a GET of the VM shows."""

    vm: int
    disk: int
    touched: int
    busy: bool
    ok: bool
    version: str


@dataclass(frozen=True, slots=True)
class Post:
    """A POST that is under way; `request` counts the decisions, and `until` is when it is gone."""

    request: int
    value: str
    until: float


@dataclass(frozen=True, slots=True)
class Running:
    """An operation on the VM; a request of 0 is a stranger's."""

    number: int
    request: int
    value: str
    seen: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """Azure at one moment, and what the invariants remember of its history.

    Attributes:
        ends: How each operation of ours ended, by its number; `running` if it did not.
        makers: The request of each of them.
        most: How often one request may be taken: each kill and each fault can hide one.
        late: What a GET shows for a while, and until when.
        effect: The value of the last request of ours that made the disk; empty if it is half built.
        stays: Whether nothing of ours was taken since that came into effect.
        well: The newest request that ended well or rebuilt the disk.
        base: The value that ReimageOperation knows as taken: told by the engine's model.
        excused: A value that counts as done by the stated exception, or because the user said to leave it.
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
    forgotten: bool = False
    late: View | None = None
    late_until: float = 0.0
    effect: str = "A"
    stays: bool = True
    well: int = 0
    excused: str = ""
    ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Azure:
    """ArmClient's methods on a world, and the clock of the run.

    Attributes:
        wanted: The value of today's input; `any` where a target leaves it out.
        decided: The number and value of each request, by the beginning of its id.
        base: The value that ReimageOperation knows as taken.
        quiet: Nothing happens between two reads: for previews, which decide nothing.
    """

    world: World
    choices: Choices
    wanted: str = ""
    decided: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    base: str = ""
    phase: str = ""
    guarded: bool = False
    quiet: bool = False
    reads: int = 0
    posts: int = 0
    polls: int = 0
    adopted: bool = False
    log: list[str] = field(default_factory=list)

    # --- the clock

    def now(self) -> datetime:
        """Return Azure's time, which is ours."""
        return START + timedelta(seconds=self.world.elapsed)

    def monotonic(self) -> float:
        """Return seconds."""
        return 5000.0 + self.world.elapsed

    def sleep(self, seconds: float) -> None:
        """Let time pass; what happens in it is chosen at the next request, which is when it can be seen."""
        self._set(elapsed=self.world.elapsed + max(0.0, seconds))

    def jitter(self, seconds: float) -> float:
        """Return `seconds` as they are."""
        return seconds

    # --- ArmClient

    def virtual_machine(self, _vm_id: VirtualMachineId, _ids: RequestIds) -> VirtualMachine:
        """GET the VM: late or current, `Updating` while an operation runs (recorded)."""
        self.reads += 1
        self._happen("GET of the VM")
        may_refuse = self.phase == "R" and self.world.bounds.faults and not self.quiet
        # ARM answers 403 to an identity that has lost a right meanwhile.
        if may_refuse and self.choices.choose(["shown", "GET of the VM answers 403"]) != "shown":
            self._use("faults")
            raise ReadError("no right", _refusal(403, "AuthorizationFailed"))
        view = self._visible()
        return self._document(view)

    def permissions(self, _vm_id: VirtualMachineId, _ids: RequestIds) -> Permissions:
        """GET what is allowed: everything."""
        self.reads += 1
        return Permissions.from_body({"value": [{"actions": ["*"]}]})

    def locks(self, _vm_id: VirtualMachineId, _ids: RequestIds) -> tuple[()]:
        """GET the locks: none."""
        self.reads += 1
        return ()

    def image_version(
        self, _vm_id: VirtualMachineId, _image: Image, _version: str, _location: str, _ids: RequestIds
    ) -> ImageVersion:
        """GET a version: each exists."""
        self.reads += 1
        return ImageVersion(replicated=True)

    def reimage(
        self,
        _vm_id: VirtualMachineId,
        body: Mapping[str, object] | None,
        ids: RequestIds,
        before_write: Callable[[], str | None] | None = None,
    ) -> PostStep | NotSent:
        """POST: killed before or after, answered, or its answer lost."""
        self._happen("POST")
        gone = before_write() if before_write else None
        if gone is not None:
            return NotSent(gone, final=True)
        self.posts += 1
        post = self._post(ids, body)
        options = ["answered"]
        if self.world.bounds.kills:
            # Seen with CLI 3.259.0: after kill -9 of the CLI its host process goes on.
            options += [
                "KILLED before the POST",
                "KILLED, the orphan sends",
                "KILLED when Azure has taken it",
            ]
        if self.world.bounds.retries:
            options += ["the step breaks, a hook repeats it"]
        if self.world.bounds.faults:
            # ARM RPC v1.0: 4xx is not taken. A 504 of ARM comes after its 60 s, whatever became of the POST.
            options += ["refused (4xx)", "not written in 2 s", "answer lost, not taken", "answer lost, taken"]
            options += ["answer lost, still under way"]
        return self._answer(self.choices.choose(options), post)

    def poll(self, link: Link, _ids: RequestIds) -> PollStep:
        """GET the operation; ARM forgets it some time after its end (a recorded 404)."""
        self.polls += 1
        self._happen("poll")
        number = int(link.url.rpartition("-")[2])
        end = self.world.ends[number - 1]
        options = ["polled"]
        if self.world.bounds.faults and not self.quiet:
            options += ["poll answered 400"]
            if end != "running":
                options += ["operation forgotten"]
            else:
                options += ["timeout comes first"]
        chosen = self.choices.choose(options)
        if chosen != "polled":
            self._use("faults")
        if chosen == "poll answered 400":
            return Inconclusive(Doubt.HOPELESS, "HTTP 400", _RETRY_AFTER)
        if chosen == "operation forgotten":
            self._set(ends=_with(self.world.ends, number, f"forgotten {end}"))
            end = self.world.ends[number - 1]
        if chosen == "timeout comes first":
            self.sleep(7200.0)
            assert self.world.running is not None
            self._set(running=replace(self.world.running, seen=0))
        if end.startswith("forgotten"):
            return Inconclusive(Doubt.GONE, "HTTP 404", _RETRY_AFTER)
        if end == "running":
            return StillRunning(link, _RETRY_AFTER)
        if end == "ok":
            return Succeeded(str(number), self.now().isoformat(), self.now().isoformat())
        return Failed("Failed", ArmError(_CODES[end], f"It ended {end}"))

    # --- what happens by itself

    def between_runs(self) -> None:
        """Let things happen while no engine runs."""
        self._happen("between runs")

    def _happen(self, where: str) -> None:
        """Choose what has happened since the last request."""
        if self.quiet:
            return
        if self._kill_here(where):
            raise Killed
        while (event := self.choices.choose(self._events())) != "nothing":
            self._do(event)
            if event == "operation runs on":
                break

    def _kill_here(self, where: str) -> bool:
        # A kill at a read before the first POST leaves what a kill before the step leaves.
        if not self.world.bounds.kills or not self.posts or where in {"POST", "between runs"}:
            return False
        return self.choices.choose(["on", f"KILLED at {where}"]) != "on"

    def _events(self) -> list[str]:
        """Return what may happen now; the first is peaceful: what is under way comes to its end."""
        world, events = self.world, list[str]()
        due = [post for post in world.flight if post.until <= world.elapsed]
        if world.flight:
            events += ["a POST arrives", "a POST is dropped"]
        running = world.running
        if running is not None:
            events += ["operation ends well"]
            if world.bounds.bads and running.request:
                events += ["operation ends untouched", "operation ends half built", "operation ends rebuilt"]
        if world.bounds.strangers and running is None:
            events += ["a stranger reimages"]
        if world.bounds.acts and running is None:
            events += ["VM activity"]
        must = bool(due) or (running is not None and running.seen > world.bounds.long)
        if running is not None and not must:
            events += ["operation runs on"]
        elif not must:
            events = [*events, "nothing"] if world.flight else ["nothing", *events]
        return events

    def _do(self, event: str) -> None:
        world = self.world
        match event:
            case "a POST arrives":
                post, rest = world.flight[0], world.flight[1:]
                self._set(flight=rest)
                self._arrive(post, min(post.until, world.elapsed))
            case "a POST is dropped":
                self._set(flight=world.flight[1:])
            case "operation runs on":
                assert world.running is not None
                self._set(running=replace(world.running, seen=world.running.seen + 1))
            case "a stranger reimages":
                self._use("strangers")
                self._begin(Running(0, 0, ""))
            case "VM activity":
                # Recorded: a deallocation and a start move times, not the disk.
                self._use("acts")
                self._set(view=replace(world.view, touched=world.view.touched + 1))
            case _:
                self._end(event.rpartition("ends ")[2])

    def _arrive(self, post: Post, moment: float | None = None) -> bool:
        """Take a POST at a moment that may be over by now, or refuse it with 409.

        Recorded: one operation per VM; a second POST is refused and never queued.
        """
        if self.world.running is not None:
            return False
        world = self.world
        if post.request == world.well:
            raise Violation("once", "a request is taken again after it ended well")
        if post.request < world.well:
            raise Violation("once", "an older request is taken after a newer one ended well")
        if world.effect == post.value == self.base and world.stays:
            raise Violation("asked", "the value that is, and stayed, in effect is taken again")
        number = len(world.ends) + 1
        if world.makers.count(post.request) >= world.most:
            raise Violation("bounded", f"a request is taken more than {world.most} times")
        self._set(ends=(*world.ends, "running"), makers=(*world.makers, post.request), stays=False)
        self._begin(Running(number, post.request, post.value), moment)
        return True

    def _begin(self, running: Running, moment: float | None = None) -> None:
        view = self.world.view
        self._turn_late(self.world.elapsed if moment is None else moment)
        # Recorded: an operation moves the etag and status times when it begins and when it ends.
        self._set(running=running, view=replace(view, busy=True, touched=view.touched + 1))

    def _end(self, how: str) -> None:
        world = self.world
        running, view = world.running, world.view
        assert running is not None
        how = {"well": "ok", "half built": "half"}.get(how, how)
        ends = _with(world.ends, running.number, how) if running.number else world.ends
        if how != "ok":
            self._use("bads")
        self._turn_late(world.elapsed)
        disk = view.disk if how == "untouched" or world.ephemeral else view.disk + 1
        moves = running.value and world.exact and how != "untouched"
        version = version_of(running.value) if moves else view.version
        ok = {"ok": True, "untouched": view.ok}.get(how, False)
        after = replace(view, busy=False, touched=view.touched + 1, disk=disk, ok=ok, version=version)
        self._set(running=None, ends=ends, view=after)
        if running.request and how in {"ok", "rebuilt"}:
            well = max(world.well, running.request)
            self._set(effect=running.value, well=well, stays=True, excused="")
        elif running.request and how == "half":
            self._set(effect="", excused="")
        elif not running.request:
            # What a stranger made is in nobody's effect any more, for the rule about what is taken back.
            self._set(stays=False)

    def _turn_late(self, moment: float) -> None:
        """Let GETs show the VM as it was before a change, for a while (assumption: up to 30 s)."""
        if not self.world.bounds.lates or self.world.late is not None:
            return
        if self.choices.choose(["view is current", "view is late"]) == "view is late":
            self._use("lates")
            self._set(late=self.world.view, late_until=moment + VIEW_AFTER)

    def _visible(self) -> View:
        world = self.world
        if world.late is None:
            return world.view
        if self.quiet:
            return world.late
        options = ["view catches up", "view is still late"]
        if world.elapsed >= world.late_until or self.choices.choose(options) == options[0]:
            self._set(late=None, late_until=0.0)
            return world.view
        return world.late

    def _answer(self, how: str, post: Post) -> PostStep | NotSent:  # noqa: C901, PLR0911 - one match.
        if how.startswith("KILLED"):
            if how == "KILLED, the orphan sends":
                self._set(flight=(*self.world.flight, post))
            if how == "KILLED when Azure has taken it":
                self._arrive(post)
            raise Killed
        if how == "the step breaks, a hook repeats it":
            self._use("retries")
            self._set(flight=(*self.world.flight, post))
            raise Broken
        if how != "answered":
            self._use("faults")
        match how:
            case "refused (4xx)":
                return Rejected(_refusal(403, "AuthorizationFailed"))
            case "not written in 2 s":
                return NotSent("it could not be written within 2 s", final=True)
            case "answer lost, not taken":
                return OutcomeUnknown("no answer came back")
            case "answer lost, taken":
                self._arrive(post)
                return OutcomeUnknown("no answer came back")
            case "answer lost, still under way":
                self._set(flight=(*self.world.flight, post))
                return OutcomeUnknown("no answer came back")
            case _:
                taken = self._arrive(post)
        if not taken:
            return RetryLater(_refusal(409, "AnotherOperationInProgress"), _RETRY_AFTER)
        return Started(Link(f"{_URL}op-{len(self.world.ends)}", "Azure-AsyncOperation"), _RETRY_AFTER)

    def _post(self, ids: RequestIds, body: Mapping[str, object] | None) -> Post:
        """Return the POST for the request whose id its own ids begin with."""
        if ids.client_request_id in self.world.ids:
            raise Violation("ids", "an id is used for two sends")
        request, value = self.decided.get(ids.client_request_id[:-12], (0, ""))
        if not request:
            raise Violation("ids", "the ids of a send do not begin with those of its request")
        asked = (body or {}).get("exactVersion", version_of(value))
        if self.guarded:
            raise Violation("guarded", "a POST although prevent_reimage is set")
        if self.wanted not in {"any", value} or asked != version_of(value):
            raise Violation("asked", f"a POST for {value} ({asked}), and the input is {self.wanted}")
        self._set(ids=(*self.world.ids, ids.client_request_id))
        return Post(request, value, self.world.elapsed + GONE_AFTER)

    def _document(self, view: View) -> VirtualMachine:
        return VirtualMachine(
            name="web",
            provisioning_state="Updating" if view.busy else "Succeeded" if view.ok else "Failed",
            etag=f"etag-{view.touched}",
            disk=DiskFacts(
                f"vm-{view.vm}", f"{_DISK}disk-{view.disk}", view.version, "Detach", self.world.ephemeral
            ),
            location="westus",
            os_type="Linux",
            image=Image(marketplace=("p", "o", "s")),
            power="running",
            created_at=START - timedelta(days=30),
            status_times=(f"time-{view.touched}",),
            read_at=self.now(),
        )

    def _use(self, bound: str) -> None:
        self._set(bounds=self.world.bounds.less(bound))

    def _set(self, **changes: Any) -> None:  # noqa: ANN401 - fields of World.
        self.world = replace(self.world, **changes)


def _with(ends: tuple[str, ...], number: int, end: str) -> tuple[str, ...]:
    return (*ends[: number - 1], end, *ends[number:])


def _refusal(status: int, code: str) -> Response:
    body = f'{{"error": {{"code": "{code}", "message": "No."}}}}'
    return Response(status, {"content-type": "application/json"}, body.encode())

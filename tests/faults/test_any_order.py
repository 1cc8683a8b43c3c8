"""In any order of events, each change is reimaged once, and no stranger's reimage counts.

A random story of changed triggers, runs, faults, strangers and kill points, through the three providers and
the simulator, on a fake clock. It is judged by what Azure really did (`ledger.py`), and never by what the
providers believe. `make test ARGS="--hypothesis-profile=long tests/faults"` runs longer
stories.

The faults keep to what the protocol assumes of Azure: a request is taken or gone after 60 s, a view is
current after 30 s, and an event is in the activity log after 20 minutes.
"""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pulumi_azure_reimage.arm.client import ArmClient
from pulumi_azure_reimage.arm.tokens import PlaceholderTokenSource
from pulumi_azure_reimage.arm.transport import ArmTransport, http_client
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.errors import OutcomeUnknownError, ReimageError
from pulumi_azure_reimage.simulator import Simulator, SimulatorError, SimulatorTransport
from tests.unit.fakes import ENDPOINT, FakeClock
from tests.unit.stack import Resource, Stack

from . import ledger

PASSWORD = "correct-Horse-1"  # noqa: S105 - made up, to look for.
INVENTORY = """
operation_seconds = 75
retry_after = 10

[[machine]]
name = "web"
os_disk = "Detach"
"""
WHEN = ("", "2 ", "1-2 ", "3 ")
LOST = ("drop after send", "reset after send", "timeout after send", "500 after send", "504 after send")
NOT_CARRIED_OUT = ("drop before send", "timeout before send", "429 TooManyRequests, retry-after 30", "503")
LATE_REQUESTS = ("deliver late 30", "deliver late 58", "drop, deliver late 58")
# A change that was taken back causes a reimage if the log shows that the value in between was accepted.
ANNOUNCED = ("will be reimaged", "is sent", "sends nothing, unless")
BAD_POLLS = ("500", "404, retry-after 1", "body html", "body half", "401", "drop after send", "slow 1", "429")
BAD_LOOKS = ("500", "drop after send", "429", "body html")
LATE_VIEWS = ("stale 10", "stale 30")
BAD_LOGS = ("activity: 403 AuthorizationFailed", "activity 1-3: 500", "activity every: twice")
ENDS = (
    "fail AllocationFailed, disk untouched",
    "fail AllocationFailed",
    "fail OSProvisioningTimedOut",
    "cancel",
    "take 0",
    "take 200",
    "take 5000",
    "show late 29",
    "forget after 20",
    "fail OSProvisioningTimedOut, forget after 20",
    "take 200, show late 29",
)
# Half of the runs come after a change, and a few after one that was taken back.
CHANGES = st.sampled_from((0, 0, 0, 1, 1, 1, -1))
STRANGE_POWER = ("deallocated", "stopped", "running")
# More undisturbed runs than this would be a loop: three attempts, and what began before.
_RUNS_IN_PEACE = 5
_WAYS_OUT = ("change a trigger", "--replace")


class WrongClock(FakeClock):
    """The clock of this machine, which is wrong by some hours; Azure's is right.

    Attributes:
        hours: By how many hours it is wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hours = 0.0

    def now(self) -> datetime:
        """Return the wall-clock time that this machine shows."""
        return super().now() + timedelta(hours=self.hours)

    def azure(self) -> datetime:
        """Return Azure's time."""
        return super().now()


class SkewedStack(Stack):
    """A stack whose Azure has its own clock."""

    def __init__(self, inventory: Path, clock: WrongClock, simulator: Simulator) -> None:
        transport = ArmTransport(
            ENDPOINT, PlaceholderTokenSource(), client=http_client(SimulatorTransport(simulator))
        )
        self._arm = ArmClient(transport, clock, "2024-07-01")
        self._wrong_clock = clock
        super().__init__(inventory, clock)

    def restart(self) -> None:
        """Begin another run of Pulumi."""
        super().restart()
        for resource in self.resources:
            resource.provider.session = _Connected(self._arm, self, self._wrong_clock)

    @property
    def resources(self) -> tuple[Resource, Resource, Resource]:
        """The three resources, in their order."""
        return self.request, self.operation, self.result

    def leave_it(self, **inputs: object) -> None:
        """Run `pulumi up --replace` for ReimageRequest."""
        self.restart()
        news = self.inputs(inputs)
        self.request.provider.check({}, news)
        created = self.request.provider.create(news)
        self.request.outputs, self.request.inputs = dict(created.outs or {}), news
        self.operation.apply(self._to_operation(inputs))
        self.result.apply(self._to_result(inputs))

    def decide(self, **inputs: object) -> None:
        """Begin an `up` that is killed before anything is sent."""
        self.restart()
        self.request.apply(self.inputs(inputs))


class _Connected(Session):
    """A configured provider with a connection to the simulator of the story."""

    def __init__(self, arm: ArmClient, stack: Stack, clock: WrongClock) -> None:
        super().__init__({"azure-reimage:simulator": "not opened"}.get, {}, stack.log, clock)
        self._connection = arm

    def arm_for(self, _subscription_id: str) -> ArmClient:
        """The connection to ARM."""
        return self._connection

    def require_configuration(self) -> None:
        """Accept the configuration, which is not used."""


class Story(RuleBasedStateMachine):
    """One VM, one stack, and what happens to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = WrongClock()
        self.release = 1
        self.said: list[str] = []
        self.is_calm = False

    @initialize()
    def baseline(self) -> None:
        """The first `up` sends nothing."""
        inventory = Path(self.folder.name) / "machines.toml"
        inventory.write_text(INVENTORY)
        self.simulator = Simulator.open(inventory, now=self.clock.azure, in_memory=True)
        self.stack = SkewedStack(inventory, self.clock, self.simulator)
        self.stack.up(**self.inputs)
        assert self.simulator.reimage_requests() == []

    @property
    def inputs(self) -> dict[str, Any]:
        """What the program says."""
        return {
            "triggers": {"release": self.release},
            "os_profile": {"admin_password": PASSWORD},
            "timeout": "30m",
        }

    @property
    def posts(self) -> int:
        """How many requests for a reimage reached Azure."""
        return len(self.simulator.reimage_requests())

    # What the user does

    @rule(step=CHANGES)
    def up(self, step: int) -> None:
        """Run to the end, good or bad. After a success, a preview has nothing to do and sends nothing."""
        self._change(step)
        if self._run(lambda: self.stack.up(**self.inputs)) is None:
            self._check_success()

    @rule()
    def preview(self) -> None:
        """A preview sends nothing."""
        posts = self.posts
        self._tell(lambda: self.stack.preview(**self.inputs))
        assert self.posts == posts

    @rule(step=CHANGES)
    def up_after_its_preview(self, step: int) -> None:
        """What neither the preview nor the update itself announces is not reimaged."""
        self._change(step)
        posts = self.posts
        self._tell(lambda: self.stack.preview(**self.inputs))
        said = self.stack.log.warnings
        self._run(lambda: self.stack.up(**self.inputs))
        announced = any(word in text for text in said + self.stack.log.warnings for word in ANNOUNCED)
        assert announced or self.posts == posts

    @rule()
    def refresh(self) -> None:
        """A refresh sends nothing."""
        posts = self.posts
        self._tell(self.stack.refresh)
        assert self.posts == posts

    @rule()
    def leave_it(self) -> None:
        """The user leaves the VM as it is, and nothing is sent."""
        posts = self.posts
        self._run(lambda: self.stack.leave_it(**self.inputs))
        assert self.posts == posts

    # What is killed

    @rule(step=CHANGES)
    def up_killed_before_it_sends(self, step: int) -> None:
        """What was decided is saved."""
        self._change(step)
        self._run(lambda: self.stack.decide(**self.inputs))

    @rule(step=CHANGES)
    def up_killed_in_the_wait(self, step: int) -> None:
        """The request is saved, its end is not."""
        self._change(step)
        self._run(lambda: self.stack.begin(**self.inputs))

    @rule(step=CHANGES)
    def up_killed_before_the_request_was_saved(self, step: int) -> None:
        """ARM may have taken it, and state knows only that it was decided."""
        self._change(step)
        with self._unsaved(self.stack.operation):
            self._run(lambda: self.stack.begin(**self.inputs))

    @rule(step=CHANGES)
    def up_killed_before_the_end_was_saved(self, step: int) -> None:
        """ReimageResult has waited, or repeated what failed, and state has nothing of that."""
        self._change(step)
        with self._unsaved(self.stack.result):
            self._run(lambda: self.stack.up(**self.inputs))

    # What Azure does

    @rule(when=st.sampled_from(WHEN), effect=st.sampled_from(LOST + NOT_CARRIED_OUT + LATE_REQUESTS))
    def break_a_request(self, when: str, effect: str) -> None:
        """The answer to a POST will be lost, or the POST will be carried out late or not at all."""
        self.simulator.script(f"POST {when}web: {effect}")

    @rule(when=st.sampled_from(WHEN), effect=st.sampled_from(BAD_POLLS))
    def break_a_poll(self, when: str, effect: str) -> None:
        """A poll of the operation will have a bad answer."""
        self.simulator.script(f"poll {when}web: {effect}")

    @rule(when=st.sampled_from(WHEN), effect=st.sampled_from(BAD_LOOKS + LATE_VIEWS))
    def break_a_look(self, when: str, effect: str) -> None:
        """A look at the VM will have a bad answer, or one that is half a minute old."""
        self.simulator.script(f"GET {when}web: {effect}")

    @rule(effect=st.sampled_from(ENDS))
    def decide_an_end(self, effect: str) -> None:
        """The next operation will end badly, or late, or be forgotten, or be shown late."""
        self.simulator.script(f"reimage web: {effect}")

    @rule(line=st.sampled_from(BAD_LOGS))
    def break_the_log(self, line: str) -> None:
        """The activity log will not be readable, or will show each event twice."""
        self.simulator.script(line)

    @rule(seconds=st.sampled_from((0, 200, 1200)))
    def delay_the_log(self, seconds: float) -> None:
        """Events will come this late."""
        self.simulator.set_activity_log_seconds(seconds)

    @rule(seconds=st.sampled_from((1, 40, 100, 1300, 7200)))
    def time_passes(self, seconds: float) -> None:
        """Nothing happens."""
        self.clock.elapsed += seconds

    @rule(hours=st.sampled_from((-5.0, 0.0, 3.0)))
    def our_clock_is_wrong(self, hours: float) -> None:
        """By hours, from now on."""
        self.clock.hours = hours

    # What strangers do

    @rule()
    def somebody_reimages(self) -> None:
        """It is never an answer to our request, and never a reason for one."""
        with suppress(SimulatorError):
            self.simulator.reimage("web")

    @rule(power=st.sampled_from(STRANGE_POWER))
    def somebody_switches_the_vm(self, power: str) -> None:
        """It is switched off or on."""
        if self._is_idle:
            self.simulator.change("web", power=power)

    @rule()
    def somebody_changes_an_extension(self) -> None:
        """It changes the times of the instance view, but not the disk."""
        if self._is_idle:
            self.simulator.change_extension("web")

    @rule()
    def somebody_recreates_the_vm(self) -> None:
        """Another VM is behind the same id."""
        if self._is_idle:
            self.simulator.recreate("web")

    # When nothing disturbs it

    @rule(leave=st.booleans())
    def peace(self, *, leave: bool) -> None:
        """A few runs succeed, or reach an error that names both ways out, and each way out works."""
        self._make_peace()
        for _ in range(_RUNS_IN_PEACE):
            error = self._run(lambda: self.stack.up(**self.inputs))
            if error is None:
                self._check_success()
                return
        assert all(word in str(error) for word in _WAYS_OUT), f"It never ends: {error}"
        if leave:
            self._run_well(lambda: self.stack.leave_it(**self.inputs))
        else:
            self.release += 10
            self._run_well(lambda: self.stack.up(**self.inputs))

    # What is always true

    @invariant()
    def nothing_is_reimaged_again(self) -> None:
        """For one request no reimage is taken after one that ended well, or rebuilt the disk."""
        enough: set[str] = set()
        for reimage in ledger.taken(self.simulator) if self.said else ():
            assert reimage.request not in enough, "It was reimaged again."
            if reimage.request is not None and reimage.is_enough:
                enough.add(reimage.request)

    @invariant()
    def no_secret_is_told_or_kept(self) -> None:
        """No secret is in a message or in state, and no operation URL is in a message."""
        state = str([resource.outputs for resource in self.stack.resources]) if self.said else ""
        assert PASSWORD not in state
        assert not any(PASSWORD in text or "/operations/" in text for text in self.said)

    @invariant()
    def the_state_is_one_that_users_know(self) -> None:
        """It is `Baseline`, `Succeeded` or `Failed`, and never anything in between."""
        if self.said:
            assert self.stack.told["status"] in {"Baseline", "Succeeded", "Failed"}

    # How the story is played

    def _change(self, step: int) -> None:
        """Change the trigger to a new value, or take the last change back, or neither."""
        self.release = max(1, self.release + step)
        self.is_calm = self.is_calm and step == 0

    @property
    def _is_idle(self) -> bool:
        return self.simulator.machine("web").provisioning_state in {"Succeeded", "Failed"}

    def _make_peace(self) -> None:
        self.clock.hours = 0.0
        self.clock.elapsed += 2 * 3600
        self.simulator.clear_script()
        self.simulator.set_activity_log_seconds(0)
        self.simulator.change("web", power="running")

    def _run_well(self, run: Callable[[], object]) -> None:
        error = self._run(run)
        assert error is None, f"A way out did not work: {error}"

    def _check_success(self) -> None:
        """Check what a success promises: a reimage that was taken for this change, and a quiet preview."""
        request, operation = self._known
        if request["kind"] == "Reimage" and operation["outcome"] != "Withdrawn":
            reimages = ledger.taken(self.simulator)
            last = [reimage for reimage in reimages if reimage.request is not None][-1]
            assert last.request == ledger.beginning(request["id"]), "An older request was taken after it."
            assert last.is_enough
        asked = len(self.simulator.requests())
        assert self.stack.preview(**self.inputs) == "same"
        assert len(self.simulator.requests()) == asked
        self.is_calm = True

    @property
    def _known(self) -> tuple[dict[str, Any], dict[str, Any]]:
        request, operation = self.stack.request.outputs or {}, self.stack.operation.outputs or {}
        return request["request"], operation["operation"]

    def _run(self, run: Callable[[], object]) -> ReimageError | None:
        """Run, and return the error that it ended with."""
        self.clock.slept.clear()
        posts, was_calm = self.posts, self.is_calm
        self.is_calm = False
        error = self._tell(run)
        assert not was_calm or self.posts == posts, "Nothing had changed, except by strangers."
        new = self.simulator.reimage_requests()[posts:]
        wanted = ledger.beginning(self._known[0]["id"])
        assert {ledger.beginning(post.correlation_id or "") for post in new} <= {wanted}
        return error

    def _unsaved(self, resource: Resource) -> "_Unsaved":
        return _Unsaved(resource)

    def _tell(self, run: Callable[[], object]) -> ReimageError | None:
        error: ReimageError | None = None
        try:
            run()
        except ReimageError as raised:
            error = raised
        if error is not None:
            self.said.append(str(error))
        assert not isinstance(error, OutcomeUnknownError) or all(word in str(error) for word in _WAYS_OUT)
        self.said += self.stack.log.warnings + self.stack.log.progressed
        return error

    def teardown(self) -> None:
        """Close the files."""
        self.simulator.close()
        self.folder.cleanup()


class _Unsaved:
    """What a resource learned in a run that was killed before it was saved."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._kept = resource.id, resource.inputs, resource.outputs

    def __enter__(self) -> None:
        """Begin the run."""

    def __exit__(self, *_: object) -> None:
        """Forget the outputs."""
        self._resource.id, self._resource.inputs, self._resource.outputs = self._kept


TestAnyOrder = Story.TestCase


def test_a_change_that_is_taken_back_through_two_kills_is_reimaged_once_for_each_value() -> None:
    """A random story found this: a killed run had sent the value that was restored, and it was sent again."""
    story = Story()
    story.baseline()

    story.up_killed_before_the_request_was_saved(step=1)
    story.up_killed_before_the_request_was_saved(step=-1)
    story.up(step=0)

    story.nothing_is_reimaged_again()
    assert [reimage.ended for reimage in ledger.taken(story.simulator)] == ["Succeeded", "Succeeded"]
    story.teardown()


def test_a_preview_compares_the_vm_with_what_a_killed_run_has_decided() -> None:
    """The VM whose new baseline it recorded is reimaged for the next change, and the preview says so."""
    story = Story()
    story.baseline()
    story.somebody_recreates_the_vm()
    story.up_killed_before_it_sends(step=1)

    story.up_after_its_preview(step=1)

    assert story.posts == 1
    story.teardown()

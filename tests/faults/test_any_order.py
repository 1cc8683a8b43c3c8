"""Whatever Azure does: a changed trigger wipes the disk at most once, also if a run is killed in its wait.

One window is open: a run that is killed between Azure's acceptance and Pulumi's save is followed by another.

A random story of changed triggers, runs, faults and kill points, through both providers and the simulator, on
one clock that nobody waits for. `make test ARGS="--hypothesis-profile=long tests/faults"` tells longer ones.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.simulator import Simulator
from tests.unit.fakes import FakeClock
from tests.unit.stack import Stack

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
ANNOUNCED = "will be reimaged"
BAD_POLLS = ("500", "404, retry-after 1", "body html", "body half", "401", "drop after send", "slow 1", "429")
# A failure leaves the old disk here, because an old disk that was let go of is how a wipe is counted.
ENDS = (
    "fail AllocationFailed, disk untouched",
    "fail OSProvisioningTimedOut, disk untouched",
    "cancel",
    "take 0",
    "take 200",
    "take 5000",
)


class Story(RuleBasedStateMachine):
    """One VM, one stack, and what happens to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.release = 1
        self.said: list[str] = []
        self.wipes: Counter[int] = Counter()
        self.unsaved: Counter[int] = Counter()

    @initialize()
    def baseline(self) -> None:
        """The first `up` sends nothing."""
        inventory = Path(self.folder.name) / "machines.toml"
        inventory.write_text(INVENTORY)
        self.simulator = Simulator.open(inventory, now=self.clock.now)
        self.stack = Stack(inventory, self.clock)
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

    @rule()
    def change(self) -> None:
        """Somebody changes the trigger."""
        self.release += 1

    @rule(when=st.sampled_from(WHEN), effect=st.sampled_from(LOST + NOT_CARRIED_OUT))
    def break_a_request(self, when: str, effect: str) -> None:
        """The answer to a POST will be lost, or it will not be carried out."""
        self.simulator.script(f"POST {when}web: {effect}")

    @rule(when=st.sampled_from(WHEN), effect=st.sampled_from(BAD_POLLS))
    def break_a_poll(self, when: str, effect: str) -> None:
        """A question after the operation will have a bad answer."""
        self.simulator.script(f"poll {when}web: {effect}")

    @rule(when=st.sampled_from(WHEN), effect=st.sampled_from(("500", "drop after send", "429", "body html")))
    def break_a_look(self, when: str, effect: str) -> None:
        """A look at the VM will have a bad answer."""
        self.simulator.script(f"GET {when}web: {effect}")

    @rule(effect=st.sampled_from(ENDS))
    def decide_an_end(self, effect: str) -> None:
        """The next operation will end badly, or late."""
        self.simulator.script(f"reimage web: {effect}")

    @rule()
    def up(self) -> None:
        """Run to the end, good or bad; only what ARM certainly did not carry out is sent again."""
        self._run(lambda: self.stack.up(**self.inputs))

    @rule()
    def up_killed_in_the_wait(self) -> None:
        """The request is saved, its end is not."""
        self._run(lambda: self.stack.begin(**self.inputs))

    @rule()
    def up_killed_before_the_request_was_saved(self) -> None:
        """ARM may have taken it; the state knows nothing, so that it is sent again."""
        kept = self.stack.operation.id, self.stack.operation.outputs
        before = self.wipes.total()
        self._run(lambda: self.stack.begin(**self.inputs))
        self.unsaved[self.release] += self.wipes.total() - before
        self.stack.operation.id, self.stack.operation.outputs = kept

    @rule()
    def preview(self) -> None:
        """A preview sends nothing."""
        posts = len(self.simulator.reimage_requests())
        self._tell(lambda: self.stack.preview(**self.inputs))
        assert len(self.simulator.reimage_requests()) == posts

    @rule()
    def up_after_its_preview(self) -> None:
        """What neither the preview nor the update itself announces is not reimaged."""
        posts = len(self.simulator.reimage_requests())
        self._tell(lambda: self.stack.preview(**self.inputs))
        said = self.stack.log.warnings
        self._run(lambda: self.stack.up(**self.inputs))
        announced = any(ANNOUNCED in text for text in said + self.stack.log.warnings)
        assert announced or len(self.simulator.reimage_requests()) == posts

    @rule()
    def refresh(self) -> None:
        """A refresh sends nothing."""
        posts = len(self.simulator.reimage_requests())
        self._tell(self.stack.refresh)
        assert len(self.simulator.reimage_requests()) == posts

    @invariant()
    def one_reimage_for_each_change(self) -> None:
        """An old disk that Azure kept is the trace of one; those of runs that saved nothing come on top."""
        saved = {release: times - self.unsaved[release] for release, times in self.wipes.items()}
        assert all(times <= 1 for times in saved.values()), (self.wipes, self.unsaved)

    @invariant()
    def no_secret_is_told_or_kept(self) -> None:
        """Neither in a message nor in state; and no address of an operation in a message."""
        state = f"{self.stack.operation.outputs} {self.stack.result.outputs}" if self.said else ""
        assert PASSWORD not in state
        assert not any(PASSWORD in text or "/operations/" in text for text in self.said)

    @invariant()
    def the_state_is_one_that_users_know(self) -> None:
        """`Baseline` or `Succeeded`, never anything in between."""
        if self.said:
            assert self.stack.told["status"] in {"Baseline", "Succeeded"}

    def _run(self, run: Callable[[], object]) -> None:
        earlier = len(self.simulator.reimage_requests())
        self._tell(run)
        answers = [post.status for post in self.simulator.reimage_requests()[earlier:]]
        assert all(answer in {409, 429} for answer in answers[:-1]), f"sent again after one of {answers}"
        # By then every operation has ended, so that its wipe is counted for the change that asked for it.
        self.clock.elapsed += 2 * 3600
        self.simulator.machine("web")
        self.wipes[self.release] += len(self.simulator.disks()) - 1 - self.wipes.total()

    def _tell(self, run: Callable[[], object]) -> None:
        try:
            run()
        except ReimageError as error:
            self.said.append(str(error))
        self.said += self.stack.log.warnings + self.stack.log.progressed

    def teardown(self) -> None:
        """Close the files."""
        self.simulator.close()
        self.folder.cleanup()


TestAnyOrder = Story.TestCase

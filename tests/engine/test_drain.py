"""`examples/drain` on the real engine: drained before each request, in service after each success."""

import json
import os
import runpy
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging, vm_id

EXAMPLE = Path(__file__).parents[2] / "examples" / "drain"
NAMES = ("web-01", "web-02")


class Balanced:
    """The example's stack, and the load balancer of its folder."""

    def __init__(self, new_stack: NewStack) -> None:
        """Serve the load balancer, and make the stack."""
        self.balancer = runpy.run_path(os.fspath(EXAMPLE / "load_balancer.py"))["LoadBalancer"]()
        threading.Thread(target=self.balancer.serve_forever, daemon=True).start()
        fleet = Reimaging.start(new_stack, {name: {} for name in NAMES}, seconds=0)
        self.stack, self.simulator = fleet.stack, fleet.simulator
        self.stack.program = self._program
        self.stack.set_config("loadBalancer", f"http://127.0.0.1:{self.balancer.server_port}")
        self.stack.set_config("vmIds", json.dumps({name: vm_id(name) for name in NAMES}))

    def up(self, release: str) -> bool:
        """Deploy a release, and report whether that succeeded."""
        self.stack.set_config("release", release)
        return self.stack.up().ok

    @property
    def posts(self) -> list[str]:
        """The machines whose reimage was requested."""
        return sorted(post.name or "" for post in self.simulator.reimage_requests())

    def end(self) -> None:
        """Stop serving."""
        self.balancer.shutdown()
        self.balancer.server_close()

    def _program(self) -> None:
        runpy.run_path(os.fspath(EXAMPLE / "__main__.py"), run_name="__main__")


@pytest.fixture
def balanced(new_stack: NewStack) -> Iterator[Balanced]:
    """The example, with a baseline of two machines."""
    balanced = Balanced(new_stack)
    assert balanced.up("1")
    yield balanced
    balanced.end()


def test_each_machine_is_drained_before_its_reimage_and_in_service_after_it(balanced: Balanced) -> None:
    """A baseline touches neither. The request comes after the drain, and the return after the end."""
    after_the_baseline = list(balanced.balancer.history)

    assert balanced.up("2")

    assert after_the_baseline == []
    assert balanced.posts == sorted(NAMES)
    for name in NAMES:
        assert [set_ for machine, set_ in balanced.balancer.history if machine == name] == [False, True]


def test_a_reimage_that_is_refused_or_fails_to_be_drained_is_not_sent(balanced: Balanced) -> None:
    """A refusal drains nothing, and a load balancer that does not answer stops the request."""
    balanced.stack.set_config("freeze", "true")
    refused = balanced.up("2")
    after_the_refusal = list(balanced.balancer.history)
    balanced.stack.set_config("freeze", "false")
    balanced.end()
    unreachable = balanced.up("2")

    assert not refused
    assert after_the_refusal == []
    assert not unreachable
    assert balanced.posts == []


def test_a_machine_whose_reimage_fails_stays_out_of_service(balanced: Balanced) -> None:
    """It stays out of service until a later run has reimaged it."""
    balanced.simulator.fail("web-01", "AllocationFailed")
    failed = balanced.up("2")
    after_the_failure = dict(balanced.balancer.history)

    repeated = balanced.up("2")

    assert not failed
    assert after_the_failure["web-01"] is False
    assert repeated
    assert dict(balanced.balancer.history) == dict.fromkeys(NAMES, True)

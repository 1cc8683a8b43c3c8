"""How long a step can take beyond its timeout if nothing answers. These are the promised numbers."""

from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

from pulumi_azure_reimage.arm.client import ArmClient
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.arm.transport import DEFAULT_LIMITS, ArmTransport, http_client
from pulumi_azure_reimage.errors import ConfigurationError, OperationStillRunningError, ReimageError
from pulumi_azure_reimage.reimage.begin import request_reimage
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from pulumi_azure_reimage.reimage.wait import wait_for_reimage

from ..fakes import (
    ENDPOINT,
    IDS,
    VM_ID,
    FakeClock,
    FakeTokens,
    Reply,
    desired,
    requested,
    succeeded,
    vm_reply,
)
from .steps import send

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT = 5.0
ALLOWED, NO_LOCKS = Reply(body={"value": [{"actions": ["*"]}]}), Reply(body={"value": []})
GET, POST = DEFAULT_LIMITS.get, DEFAULT_LIMITS.post


class SilentNetwork(httpx.BaseTransport):
    """A network that gives a few answers, and then lets the time limit of each request pass."""

    def __init__(self, clock: FakeClock, *answers: Reply) -> None:
        self._clock = clock
        self._answers: Iterator[Reply] = iter(answers)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or let the time limit pass."""
        if "trace" in request.extensions:
            request.extensions["trace"]("fake.send_request_headers.started", {})
        answer = next(self._answers, None)
        if answer is not None:
            return answer.response(self._clock)
        self._clock.elapsed += request.extensions["timeout"]["read"]
        raise httpx.ReadTimeout("timed out")


class Silence(NamedTuple):
    """A machine behind a network that stops answering."""

    clock: FakeClock
    context: VmContext


def silent_after(*answers: Reply, timeout: float = TIMEOUT) -> Silence:
    """Return a machine that gives only these answers."""
    clock = FakeClock()
    transport = ArmTransport(ENDPOINT, FakeTokens(), client=http_client(SilentNetwork(clock, *answers)))
    deadline = clock.monotonic() + timeout
    context = VmContext(
        arm=ArmClient(transport, clock, "2024-07-01").until(deadline),
        clock=clock,
        vm_id=VirtualMachineId.parse(VM_ID),
        ids=IDS,
        deadline=deadline,
        progress=lambda _: None,
        warn=lambda _: None,
    )
    return Silence(clock, context)


def test_a_decision_outlasts_its_timeout_by_one_request() -> None:
    """The VM cannot be read."""
    silence = silent_after()

    with pytest.raises(ConfigurationError):
        request_reimage(silence.context, desired(), None)

    assert silence.clock.elapsed <= TIMEOUT + GET


def test_what_the_preflight_reads_is_asked_once_after_the_timeout() -> None:
    """It reads permissions and locks, which may forbid the reimage."""
    silence = silent_after(vm_reply())

    request_reimage(silence.context, desired(), None)

    assert silence.clock.elapsed <= TIMEOUT + 2 * GET


def test_a_look_before_a_send_outlasts_its_timeout_by_one_request() -> None:
    """In that case nothing is sent."""
    silence = silent_after()

    with pytest.raises(ReimageError):
        send(silence.context, desired(), None)

    assert silence.clock.elapsed <= TIMEOUT + GET


def test_a_lost_answer_is_watched_for_one_fence_with_any_timeout() -> None:
    """After a shorter watch, the user would have to find out what the VM shows by then."""
    silence = silent_after(vm_reply(), ALLOWED, NO_LOCKS)

    with pytest.raises(ReimageError, match="may have started"):
        send(silence.context, desired(), None)

    assert POST + FENCE_SECONDS <= silence.clock.elapsed <= POST + FENCE_SECONDS + GET


def test_a_wait_outlasts_its_timeout_by_one_request() -> None:
    """The last poll gets no answer, like all others."""
    silence = silent_after()

    with pytest.raises(OperationStillRunningError):
        wait_for_reimage(silence.context, requested())

    assert silence.clock.elapsed <= TIMEOUT + GET


def test_a_success_that_cannot_be_verified_outlasts_its_timeout_by_a_minute_and_one_request() -> None:
    """The VM may show its new disk late, and an error would be wrong."""
    silence = silent_after(succeeded())

    with pytest.raises(OperationStillRunningError):
        wait_for_reimage(silence.context, requested())

    assert silence.clock.elapsed <= TIMEOUT + 60.0 + GET


@pytest.mark.parametrize("timeout", [0.0, 120.0, 3600.0])
def test_no_wait_for_anything_silent_is_longer_than_any_timeout_allows(timeout: float) -> None:
    """The same bound applies to each wait."""
    silence = silent_after(timeout=timeout)

    with pytest.raises(OperationStillRunningError):
        wait_for_reimage(silence.context, requested())

    assert timeout <= silence.clock.elapsed <= timeout + GET

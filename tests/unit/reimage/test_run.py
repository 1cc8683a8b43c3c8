"""One run of the engine: since when our POSTs may have left, and how often a request is sent."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pulumi_azure_reimage.reimage.run import FENCE_SECONDS, LOG_SECONDS, Run

from ..fakes import FakeClock

VM = "the key of a VM"


def test_the_update_begins_with_its_first_resource(clock: FakeClock) -> None:
    """All machines share that moment, so a fleet waits for a single fence."""
    run = Run()
    clock.elapsed = 10.0
    run.begin_update(clock)
    began = clock.monotonic()
    clock.elapsed = 20.0
    run.begin_update(clock)

    assert run.last_moment(VM, clock) == began


def test_a_run_is_an_update_once_one_of_its_resources_is_updated(clock: FakeClock) -> None:
    """Before that it may be a preview, which counts the machines of the fleet."""
    run = Run()
    before = run.is_updating
    run.begin_update(clock)

    assert (before, run.is_updating) == (False, True)


def test_without_an_update_another_host_may_have_sent_until_now(clock: FakeClock) -> None:
    """The whole fence is then waited for."""
    assert Run().last_moment(VM, clock) == clock.monotonic()


def test_a_post_of_this_run_begins_the_fence_of_its_vm_again(clock: FakeClock) -> None:
    """The POST can still be under way when the engine repeats the step. Other VMs are not affected."""
    run = Run()
    run.begin_update(clock)
    began = clock.monotonic()
    clock.elapsed = 300.0
    run.note_post(VM, clock)
    posted = clock.monotonic()
    clock.elapsed = 400.0

    assert run.last_moment(VM, clock) == posted
    assert run.last_moment("another", clock) == began


def test_a_request_is_sent_once_in_a_run(clock: FakeClock) -> None:
    """The second time it is in doubt, so the doubt is resolved first. Another run starts with no sends."""
    run = Run()

    assert [run.send_once("r-1"), run.send_once("r-1"), run.send_once("r-2")] == [True, False, True]
    assert Run().send_once("r-1")
    assert clock.slept == []


def test_only_one_of_many_threads_sends() -> None:
    """The host has four threads."""
    run = Run()

    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(lambda _: run.send_once("r-1"), range(64)))

    assert sent.count(True) == 1


@pytest.mark.parametrize(
    ("later", "seconds"),
    [
        pytest.param(0.0, FENCE_SECONDS, id="the first"),
        pytest.param(20.0, FENCE_SECONDS, id="soon after"),
        pytest.param(60.0, 1.4 * FENCE_SECONDS - 60.0, id="later"),
        pytest.param(1.4 * FENCE_SECONDS, 0.0, id="at the end"),
    ],
)
def test_lost_answers_are_watched_for_1_4_fences_after_the_first(
    clock: FakeClock, later: float, seconds: float
) -> None:
    """Otherwise fifty lost answers would queue for four threads."""
    run = Run()
    run.watched_until(clock, FENCE_SECONDS)
    clock.elapsed += later

    assert run.watched_until(clock, FENCE_SECONDS) - clock.monotonic() == pytest.approx(seconds)


def test_each_run_has_its_own_random_id() -> None:
    """A process id can be used again, and then another run's request would count as fresh."""
    one, other = Run(), Run()

    assert one.id != other.id
    assert replace(one).id == one.id


def test_an_event_may_be_missing_from_the_log_for_longer_than_a_post_may_arrive() -> None:
    """The log's 20 minutes begin when the last POST that can arrive has arrived."""
    assert LOG_SECONDS == FENCE_SECONDS + 20 * 60

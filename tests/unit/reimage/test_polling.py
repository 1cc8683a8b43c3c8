"""Polling an operation: what ends the polling, and what does not."""

from collections.abc import Mapping, Sequence

import httpx
import pytest

from pulumi_azure_reimage.arm.lro import Doubt, Inconclusive, Link, PollStep, StillRunning, Succeeded
from pulumi_azure_reimage.reimage.polling import (
    FOR_AN_EARLIER_ONE,
    WHILE_WAITING,
    GivenUp,
    Patience,
    poll_until_done,
)

from ..fakes import LINK, OPERATION_URL, POLL, Answer, Azure, Question, Reply, running, succeeded

GONE = Reply(404)
FORBIDDEN = Reply(403)
UNREADABLE = Reply(200, b"<html>")
TRANSIENT = Reply(503)
HOPELESS = Reply(400)
AT_ONCE = {"Retry-After": "0"}


def poll(
    azure: Azure,
    timeout: float = 3600.0,
    *,
    delay: float = 0.0,
    patience: Mapping[Doubt, Patience] = WHILE_WAITING,
) -> tuple[PollStep | GivenUp, list[StillRunning | Inconclusive]]:
    """Poll the operation, and return how it ended and what was said."""
    said: list[StillRunning | Inconclusive] = []
    end = poll_until_done(
        azure.context(timeout), LINK, StillRunning(LINK, delay), patience, on_update=said.append
    )
    return end, said


def given_up(end: PollStep | GivenUp) -> Doubt | None:
    """Return why polling was given up, if it was."""
    return end.doubt if isinstance(end, GivenUp) else None


def test_the_first_poll_waits_as_long_as_arm_asked(azure: Azure) -> None:
    """Each later poll waits as long as the answer before it asked for."""
    azure.script((POLL, running(retry_after="20")), (POLL, running()), (POLL, succeeded()))

    end, said = poll(azure, delay=30.0)

    assert isinstance(end, Succeeded)
    assert azure.clock.slept == [30.0, 20.0, 10.0]
    assert len(said) == 3


@pytest.mark.parametrize(
    ("answers", "doubt"),
    [
        pytest.param([UNREADABLE] * 5, Doubt.UNREADABLE, id="5 unreadable"),
        pytest.param([FORBIDDEN] * 4, Doubt.FORBIDDEN, id="4 forbidden, which is as many as 30 s have"),
        pytest.param([Reply(302)] * 4, Doubt.FORBIDDEN, id="4 redirects"),
        pytest.param([HOPELESS] * 4, Doubt.HOPELESS, id="4 hopeless"),
        pytest.param([Reply(200, b"<html>", AT_ONCE)] * 6, Doubt.UNREADABLE, id="6 unreadable at once"),
        pytest.param([Reply(400, headers=AT_ONCE)] * 6, Doubt.HOPELESS, id="6 hopeless at once"),
        pytest.param([Reply(403, headers=AT_ONCE)] * 6, Doubt.FORBIDDEN, id="6 forbidden at once"),
        pytest.param(
            [UNREADABLE, TRANSIENT, UNREADABLE, TRANSIENT, *[UNREADABLE] * 3],
            Doubt.UNREADABLE,
            id="no answer in between resets nothing",
        ),
        pytest.param(
            [*[UNREADABLE] * 4, running(), *[UNREADABLE] * 5], Doubt.UNREADABLE, id="a good answer does"
        ),
        pytest.param([FORBIDDEN, FORBIDDEN, running(), *[FORBIDDEN] * 4], Doubt.FORBIDDEN, id="here too"),
    ],
)
def test_polling_is_given_up_after_some_answers_of_one_kind(
    azure: Azure, answers: Sequence[Answer], doubt: Doubt
) -> None:
    """They come in a row, which only a good answer interrupts."""
    azure.script(*((POLL, answer) for answer in answers))

    end, _ = poll(azure)

    assert given_up(end) is doubt


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([UNREADABLE] * 4, id="4 unreadable"),
        pytest.param([FORBIDDEN] * 3, id="3 forbidden within 20 s"),
        pytest.param([Reply(302)] * 3, id="3 redirects within 20 s"),
        pytest.param([Reply(204)] * 4, id="4 without content"),
        pytest.param([Reply(200, b"<html>", AT_ONCE)] * 5, id="5 unreadable within 15 s"),
        *(
            pytest.param([Reply(status, headers=AT_ONCE)] * 5, id=f"5 times {status} within 15 s")
            for status in (302, 400, 404, 405, 410, 423, 425, 499)
        ),
        pytest.param([HOPELESS] * 3, id="3 hopeless within 20 s"),
        pytest.param([GONE] * 8, id="8 unknown within 116 s"),
        pytest.param([TRANSIENT] * 100, id="100 without an answer"),
        pytest.param([Reply(429)] * 100, id="throttled 100 times"),
        pytest.param([httpx.ConnectError(""), httpx.ReadError(""), httpx.ReadTimeout("")] * 30, id="network"),
    ],
)
def test_a_few_bad_answers_end_nothing(azure: Azure, answers: Sequence[Answer]) -> None:
    """The operation continues, no matter what happens to the polls."""
    azure.script(*((POLL, answer) for answer in answers), (POLL, succeeded()))

    end, _ = poll(azure)

    assert isinstance(end, Succeeded)


@pytest.mark.parametrize(
    ("retry_after", "questions"), [("0", 9), ("1", 9), ("10", 9), ("50", 4), ("200", 2)], ids=str
)
@pytest.mark.parametrize("status", [404, 410])
def test_an_unknown_operation_is_polled_for_two_minutes(
    azure: Azure, status: int, retry_after: str, questions: int
) -> None:
    """The pauses in the answers do not matter. It may be unknown only to the servers that were polled."""
    azure.http.forever(POLL, Reply(status, headers={"Retry-After": retry_after}))

    end, _ = poll(azure)

    assert given_up(end) is Doubt.GONE
    assert azure.clock.elapsed >= 120
    assert len(azure.http.sent) == questions


def test_the_two_minutes_begin_again_after_a_good_answer(azure: Azure) -> None:
    """ARM knew the operation in between."""
    azure.script(*[(POLL, GONE)] * 8, (POLL, running()), *[(POLL, GONE)] * 8, (POLL, succeeded()))

    end, _ = poll(azure)

    assert isinstance(end, Succeeded)


@pytest.mark.parametrize("answer", [GONE, Reply(410)], ids=["404", "410"])
def test_an_old_operation_that_arm_does_not_know_is_not_waited_for(azure: Azure, answer: Reply) -> None:
    """It ended long ago, and every new reimage would lose two minutes."""
    azure.script((POLL, answer))

    end, _ = poll(azure, patience=FOR_AN_EARLIER_ONE)

    assert isinstance(end, GivenUp)


@pytest.mark.parametrize("status", [302, 400, 403, 405, 423, 425, 499])
def test_one_bad_answer_does_not_end_the_wait_for_an_old_operation(azure: Azure, status: int) -> None:
    """It may still run, and then no new request may be sent."""
    azure.script((POLL, Reply(status)), (POLL, running()), (POLL, succeeded()))

    end, _ = poll(azure, patience=FOR_AN_EARLIER_ONE)

    assert isinstance(end, Succeeded)


@pytest.mark.parametrize("patience", [WHILE_WAITING, FOR_AN_EARLIER_ONE], ids=["waiting", "earlier"])
def test_an_address_that_is_not_polled_ends_the_wait_at_once(
    azure: Azure, patience: Mapping[Doubt, Patience]
) -> None:
    """The state was edited, or the stack moved to another cloud, and no number of polls would change that."""
    foreign = Link("https://evil.example/subscriptions/1", "Location")
    step = StillRunning(foreign, 0.0)

    end = poll_until_done(azure.context(), foreign, step, patience, on_update=lambda _: None)

    assert given_up(end) is Doubt.ELSEWHERE
    assert azure.http.sent == []
    assert azure.clock.elapsed == 0.0


THROTTLED = [
    pytest.param({"Retry-After": "0"}, id="at once"),
    pytest.param({"retry-after-ms": "1"}, id="in a millisecond"),
    pytest.param({"Retry-After": "-5"}, id="negative"),
    pytest.param(
        {"Date": "Mon, 23 Nov 2026 12:00:00 GMT", "Retry-After": "Mon, 23 Nov 2026 11:00:00 GMT"},
        id="an hour ago",
    ),
    pytest.param({"Retry-After": "99999999999999"}, id="huge"),
    pytest.param({}, id="without a word"),
]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("headers", THROTTLED)
def test_a_client_that_stays_throttled_polls_less_and_less(
    azure: Azure, status: int, headers: Mapping[str, str]
) -> None:
    """The pauses grow beyond what the answers ask for, but never beyond ten minutes."""
    azure.http.forever(POLL, Reply(status, headers=headers))

    end, _ = poll(azure, 300.0)

    assert isinstance(end, Inconclusive)
    assert 2 <= len(azure.http.sent) <= 15
    assert azure.clock.elapsed == 300.0


def test_an_operation_that_runs_is_polled_as_often_as_its_bucket_allows(azure: Azure) -> None:
    """Each pause is a tenth of the time waited so far, up to the usual interval, if ARM allows it."""
    azure.http.forever(POLL, running(retry_after="0"))

    poll(azure, 3600.0)

    assert max(azure.clock.slept) == 10.0
    assert azure.clock.slept[1:11] == [1.0] * 10
    assert len(azure.http.sent) < 400


def test_a_wait_of_years_without_an_answer_continues(azure: Azure) -> None:
    """The pauses stop growing."""
    azure.http.forever(POLL, Reply(503))

    poll(azure, 29_000.0)

    assert azure.clock.slept[-2] == 30.0
    assert azure.clock.elapsed == 29_000.0


def test_an_old_operation_that_arm_is_silent_about_is_waited_for(azure: Azure) -> None:
    """It may still run, so no new request may be sent after a 503."""
    azure.script(*[(POLL, TRANSIENT)] * 20, (POLL, running()), (POLL, succeeded()))

    end, _ = poll(azure, patience=FOR_AN_EARLIER_ONE)

    assert isinstance(end, Succeeded)


@pytest.mark.parametrize(
    ("timeout", "slept"),
    [
        pytest.param(25.0, [0.0, 10.0, 10.0, 5.0], id="in the middle of a pause"),
        pytest.param(20.0, [0.0, 10.0, 10.0], id="at its end"),
        pytest.param(0.0, [0.0], id="at once"),
        pytest.param(-100.0, [0.0], id="it is past"),
    ],
)
@pytest.mark.parametrize("answer", [running(), TRANSIENT], ids=["running", "silent"])
def test_there_is_one_last_poll_at_the_deadline(
    azure: Azure, timeout: float, slept: list[float], answer: Reply
) -> None:
    """The last answer is then returned."""
    azure.http.forever(POLL, answer)

    end, _ = poll(azure, timeout)

    assert isinstance(end, StillRunning | Inconclusive)
    assert azure.clock.slept == slept


def test_the_last_poll_may_have_a_good_answer(azure: Azure) -> None:
    """The operation may have ended in the last pause."""
    azure.script((POLL, running(retry_after="600")), (POLL, succeeded()))

    end, _ = poll(azure, 30.0)

    assert isinstance(end, Succeeded)
    assert azure.clock.elapsed == 30.0


def test_a_renewed_link_is_followed(azure: Azure) -> None:
    """It is kept if a later poll fails."""
    new = f"{OPERATION_URL}&renewed=1"
    path = Question("GET", new.removeprefix("https://management.azure.com"))
    headers = {"Azure-AsyncOperation": new}
    azure.script((POLL, Reply(200, {"status": "InProgress"}, headers)))
    azure.script((path, TRANSIENT), (path, succeeded()))

    end, said = poll(azure)

    assert isinstance(end, Succeeded)
    assert said[1] == StillRunning(Link(new, LINK.header), 10.0)


def test_an_operation_that_has_ended_is_not_polled(azure: Azure) -> None:
    """The first answer may be the final one."""
    said: list[StillRunning | Inconclusive] = []

    end = poll_until_done(azure.context(), LINK, Succeeded("a"), WHILE_WAITING, on_update=said.append)

    assert (end, said) == (Succeeded("a"), [])

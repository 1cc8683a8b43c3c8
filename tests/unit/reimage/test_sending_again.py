"""One step that sends while ARM is busy or throttles: when it sends again, and when it gives up."""

import pytest

from pulumi_azure_reimage.errors import (
    ConfigurationError,
    RequestRejectedError,
)
from pulumi_azure_reimage.inputs.parameters import Guards
from pulumi_azure_reimage.reimage.record import Record

from ..fakes import (
    LINK,
    LOOK,
    POST,
    Azure,
    Reply,
    accepted,
    desired,
    disk,
    refused,
    vm_reply,
    with_password,
)
from . import steps

BUSY = refused(409, "AnotherOperationInProgress", "Another operation is in progress.")
PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.
PARAMETERS = with_password(PASSWORD)


def send(azure: Azure, timeout: float = 3600.0) -> Record:
    """Send a reimage with a password to the machine that has its old disk."""
    azure.http.expect_first((LOOK, vm_reply("old")))
    return steps.send(azure.context(timeout), desired(parameters=PARAMETERS), None)


def test_a_refusal_says_what_arm_says(azure: Azure) -> None:
    """A redirect has no other text."""
    azure.script((POST, refused(400, "InvalidParameter", "The parameter x is bad.")))

    with pytest.raises(RequestRejectedError, match=r"refused to reimage web: .*The parameter x is bad\."):
        send(azure)


def test_a_refusal_that_is_not_known_says_what_to_do_too(azure: Azure) -> None:
    """Every error says what to do, and a refusal for a while says when instead."""
    azure.script((POST, refused(400, "Unheard", "No.")))

    with pytest.raises(RequestRejectedError) as caught:
        send(azure)

    assert caught.value.message == (
        "Azure refused to reimage web: No. Correct the cause, then run `pulumi up` again, which sends the "
        "request again. The disk was not touched. (Unheard, HTTP 400)"
    )


# Again, because it was not executed


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "TooManyRequests", "message": "Slow down."}},
        {"code": "OperationNotAllowed", "message": "Slow down.", "details": [{"code": "TooManyRequests"}]},
        b"<html>",
        b"",
    ],
)
def test_a_throttled_request_is_sent_when_arm_accepts_it(azure: Azure, body: object) -> None:
    """It was refused before its execution. The VM is looked at again, because the pause may be long."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, Reply(429, body, {"Retry-After": "30"})), (POST, accepted()))

    assert send(azure).link == LINK
    assert azure.clock.slept == [30.0]
    assert azure.progress == ["throttled by Azure, sending in 30 s", "accepted 12:00:30, running in Azure"]


def test_each_throttle_without_a_pause_is_waited_for_twice_as_long(azure: Azure) -> None:
    """If ARM asks for a longer pause, the step waits that long."""
    azure.http.forever(LOOK, vm_reply())
    seconds = ("0", "0", "0", "30", "0")
    throttles = [refused(429, "TooManyRequests", Retry_After=pause) for pause in seconds]
    azure.script(*((POST, throttle) for throttle in throttles), (POST, accepted()))

    send(azure)

    assert azure.clock.slept == [1.0, 2.0, 4.0, 30.0, 16.0]


@pytest.mark.parametrize("timeout", [3600.0, 601.0])
def test_a_long_throttle_is_waited_for_as_long_as_it_says(azure: Azure, timeout: float) -> None:
    """A cut to ten minutes would only cost another refused request."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, refused(429, "TooManyRequests", Retry_After="601")), (POST, accepted()))

    send(azure, timeout)

    assert azure.clock.slept == [601.0]


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        pytest.param(refused(429, "TooManyRequests", Retry_After="3600"), 3600, id="throttled"),
        pytest.param(
            refused(409, "AnotherOperationInProgress", Retry_After="3600"), 3600, id="busy for an hour"
        ),
        pytest.param(BUSY, 20, id="busy"),
    ],
)
def test_a_pause_that_is_longer_than_the_time_left_fails_at_once(
    azure: Azure, reply: Reply, seconds: int
) -> None:
    """The error says when to try again, and there is no useless wait."""
    azure.script((POST, reply))

    with pytest.raises(RequestRejectedError, match=f"in {seconds} s, after the timeout") as caught:
        send(azure, timeout=15.0)

    assert "The disk was not touched." in caught.value.message
    assert "Correct the cause" not in caught.value.message
    assert azure.clock.slept == []


def test_a_busy_vm_is_waited_for(azure: Azure) -> None:
    """It is sent once ARM has finished. The pauses leave room in the throttling bucket of four per minute."""
    azure.script(
        (POST, BUSY),
        (LOOK, vm_reply(state="Updating")),
        (LOOK, vm_reply()),
        (POST, BUSY),
        (LOOK, vm_reply()),
        (POST, accepted()),
    )

    assert send(azure).link == LINK
    assert azure.clock.slept == [20.0, 10.0, 20.0]


def test_a_busy_arm_that_names_a_pause_gets_it(azure: Azure) -> None:
    """The pause is used if it is longer than ours."""
    azure.script(
        (POST, refused(409, "AnotherOperationInProgress", Retry_After="90")),
        (LOOK, vm_reply()),
        (POST, accepted()),
    )

    send(azure)

    assert azure.clock.slept == [90.0]


def test_what_kept_the_vm_busy_is_never_taken_for_its_reimage(azure: Azure) -> None:
    """Its new disk is reported and ours is sent. Later checks compare with the disk that ours replaces."""
    azure.script((POST, BUSY), (LOOK, vm_reply("theirs")), (POST, accepted()))

    record = send(azure)

    assert (record.link, record.recovered, record.before) == (LINK, False, disk("theirs"))
    assert azure.http.posts == 2
    (said,) = azure.warnings
    assert "The disk was old, and is now theirs." in said


def test_a_lost_answer_after_a_busy_vm_is_about_the_vm_as_it_was_left(azure: Azure) -> None:
    """The disk of the other operation is not a sign of ours."""
    azure.script((POST, BUSY), (LOOK, vm_reply("theirs")), (POST, Reply(504)))
    azure.http.forever(LOOK, vm_reply("theirs"))
    azure.http.forever(POST, accepted())

    assert send(azure).recovered is False
    assert azure.http.posts == 3


def test_a_vm_that_was_busy_is_guarded_again(azure: Azure) -> None:
    """The guards are applied to the VM as it is then."""
    azure.script((LOOK, vm_reply()), (POST, BUSY), (LOOK, vm_reply("theirs", delete_option="Delete")))
    guards = Guards(require_delete_option="Detach")

    with pytest.raises(ConfigurationError, match="require_delete_option is Detach"):
        steps.send(azure.context(), desired(parameters=PARAMETERS, guards=guards), None)

    assert azure.http.posts == 1


def test_a_vm_that_stays_busy_ends_at_the_deadline(azure: Azure) -> None:
    """There are at most three requests per minute, and all of them are refused."""
    azure.http.forever(POST, BUSY)
    azure.http.forever(LOOK, vm_reply())

    with pytest.raises(RequestRejectedError):
        send(azure, timeout=600.0)

    assert azure.clock.elapsed <= 600
    assert azure.http.posts <= 31

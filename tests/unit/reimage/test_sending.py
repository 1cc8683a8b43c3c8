"""One step that sends: how often it sends, and what an answer means. tests/faults has every fault."""

import ssl
from dataclasses import replace

import httpx
import pytest

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    RequestRejectedError,
)
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS

from ..fakes import (
    LINK,
    LOOK,
    PERMISSIONS,
    POST,
    Answer,
    Azure,
    Reply,
    accepted,
    desired,
    disk,
    requested,
    vm_reply,
    with_password,
)
from . import steps

PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.
PARAMETERS = with_password(PASSWORD)


_NAMES = {"web": "look", "permissions": "rights", "locks": "locks", "reimage": "POST"}


def asked(azure: Azure) -> list[str]:
    """Return the requests that ARM got, in order."""
    return [_NAMES[request.url.path.rpartition("/")[2]] for request in azure.http.sent]


def send(azure: Azure, timeout: float = 3600.0) -> Record:
    """Send a reimage with a password to the machine that has its old disk."""
    azure.http.expect_first((LOOK, vm_reply("old")))
    return steps.send(azure.context(timeout), desired(parameters=PARAMETERS), None)


def test_an_accepted_reimage_is_recorded_with_its_link(azure: Azure) -> None:
    """It also has the time at which it was accepted."""
    azure.clock.elapsed = 5.0
    azure.script((POST, accepted(retry_after="20")))

    record = send(azure)

    assert (record.link, record.retry_after, record.recovered) == (LINK, 20.0, False)
    assert record.requested_at == azure.clock.now()
    assert record.client_request_id == azure.http.sent[-1].headers["x-ms-client-request-id"]


@pytest.mark.parametrize("status", [200, 204])
def test_a_reimage_may_be_done_at_once(azure: Azure, status: int) -> None:
    """There is then nothing to poll."""
    azure.script((POST, Reply(status)))

    record = send(azure)

    assert (record.link, record.recovered, record.is_baseline) == (None, False, False)
    assert record.ended_well


# Again, because it was not executed


def test_a_connection_that_comes_about_later_is_used(azure: Azure) -> None:
    """Only a request that certainly did not reach ARM is sent again, each time after another look."""
    failures: list[Answer] = [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout(""),
        httpx.ProxyError("502"),
    ]
    azure.http.forever(LOOK, vm_reply())
    azure.script(*((POST, failure) for failure in failures), (POST, accepted()))

    assert send(azure).link == LINK
    assert azure.clock.slept == [1.0, 2.0, 4.0]
    assert asked(azure) == ["look", "rights", "locks", "POST", *["look", "POST"] * 3]


def test_a_connection_that_does_not_come_about_is_given_up_after_two_minutes(azure: Azure) -> None:
    """The message says that nothing was sent."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, httpx.ConnectError("refused"))

    with pytest.raises(ConfigurationError, match=r"was not sent: .*refused.*The disk was not touched"):
        send(azure)

    assert 60 < azure.clock.elapsed <= 120


@pytest.mark.parametrize("timeout", [0.0, 0.5, 5.0])
def test_a_short_timeout_ends_the_attempts_to_connect(azure: Azure, timeout: float) -> None:
    """There is always one attempt, and no further one without a pause before it."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, httpx.ConnectError("refused"))

    with pytest.raises(ConfigurationError):
        send(azure, timeout)

    assert azure.clock.elapsed <= timeout
    assert azure.http.posts == 1 + len(azure.clock.slept)
    assert 0.0 not in azure.clock.slept


def test_an_untrusted_certificate_is_not_tried_again(azure: Azure) -> None:
    """Another server is answering."""
    failure = httpx.ConnectError("certificate verify failed")
    failure.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    azure.script((POST, failure))

    with pytest.raises(ConfigurationError, match="certificate verify failed"):
        send(azure)


def test_a_request_that_was_lost_is_sent_again_when_the_vm_proves_that_it_was_not_taken(
    azure: Azure,
) -> None:
    """It is sent behind the fence with new ids. The attempt that never left does not use up its ids."""
    azure.script((POST, httpx.ConnectError("refused")), (POST, httpx.ReadTimeout("")))
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, accepted())

    record = send(azure)

    ids = [sent.headers["x-ms-client-request-id"] for sent in azure.http.sent if sent.method == "POST"]
    assert record.link == LINK
    assert azure.clock.elapsed >= FENCE_SECONDS
    assert ids[0] == ids[1] != ids[2]
    assert len(ids) == 3


def test_a_request_that_was_lost_is_sent_again_only_if_it_is_still_allowed(azure: Azure) -> None:
    """The decision for the first request is too old for the second."""
    last = Operation(steps.EARLIER_ID, "Taken", replace(requested(link=None), ended_well=True))
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, Reply(504))
    azure.http.forever(PERMISSIONS, Reply(body={"value": [{"actions": ["*/read"]}]}))

    kept = steps.of_this_run(azure, last)

    assert "The identity may not perform" in (kept.held or "")
    assert azure.http.posts == 1


def test_a_second_request_that_is_lost_is_left_to_the_next_run(azure: Azure) -> None:
    """The first is watched for one fence, and all lost answers of a run for 1.4 fences together."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, Reply(504))

    with pytest.raises(OutcomeUnknownError, match=r"does not show it yet.*The next `pulumi up` finds out"):
        send(azure)

    assert azure.http.posts == 2
    assert azure.clock.elapsed == pytest.approx(1.4 * FENCE_SECONDS)


def test_a_simulator_without_a_fence_does_not_let_a_request_be_sent_forever(azure: Azure) -> None:
    """Each answer is lost, and each time the VM immediately proves that nothing was accepted."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, Reply(504))
    hurried = replace(azure.context(), time_scale=0.0)

    with pytest.raises(OutcomeUnknownError, match="The VM shows no sign that it started"):
        steps.send(hurried, desired(), None)

    assert azure.http.posts == 3


@pytest.mark.parametrize("after", [vm_reply(state="Updating"), vm_reply("new")], ids=["busy", "new disk"])
def test_a_request_whose_answer_was_lost_counts_as_taken_if_the_vm_moved_at_once(
    azure: Azure, after: Reply
) -> None:
    """This is the one exception, because the VM was idle seconds before."""
    azure.script((POST, Reply(504)))
    azure.http.forever(LOOK, after)

    record = send(azure)

    assert (record.link, record.recovered, record.before) == (None, True, disk())
    assert azure.http.posts == 1
    lost, taken, *_ = azure.warnings
    assert lost.startswith("The answer to the reimage request of web was lost (")
    assert taken.endswith("so the request counts as accepted.")


def test_a_request_whose_answer_was_lost_is_in_doubt_if_nothing_shows_the_outcome(azure: Azure) -> None:
    """An ephemeral disk changed and the VM was never seen busy, so any client may have changed it."""
    azure.script((LOOK, vm_reply(ephemeral=True)), (POST, Reply(504)))
    azure.http.forever(LOOK, vm_reply(ephemeral=True, etag='"2"'))
    before = Look.at(VirtualMachine.from_body(vm_reply(ephemeral=True).body))

    with pytest.raises(OutcomeUnknownError, match="does not show what changed it") as caught:
        steps.send(azure.context(), desired(), None, before)

    assert "pulumi up --replace '" in caught.value.message
    assert azure.http.posts == 1
    assert not any("counts as accepted" in said for said in azure.warnings)


# A look that is too old


def test_a_request_is_not_written_on_a_look_that_is_too_old(azure: Azure) -> None:
    """The connection took longer than a look is valid, so the VM is looked at again."""
    slow = Reply(body={"value": [{"actions": ["*"]}]}, seconds=6.0)
    azure.script((LOOK, vm_reply()), (PERMISSIONS, slow))
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, accepted()))

    record = steps.send(azure.context(), desired(), None)

    assert record.link == LINK
    assert asked(azure)[-2:] == ["look", "POST"]
    assert azure.clock.slept == [1.0]
    assert azure.http.posts == 1


def test_while_the_vm_cannot_be_looked_at_again_nothing_is_sent_on_the_old_look(azure: Azure) -> None:
    """The connection may have come back only for the POST, and then the look is too old for it."""
    azure.script(
        (LOOK, vm_reply()),
        (POST, httpx.ConnectError("refused")),
        *[(LOOK, httpx.ConnectError("refused"))] * 6,
        (LOOK, vm_reply()),
        (POST, accepted()),
    )
    azure.http.forever(POST, httpx.ConnectError("refused"))

    record = steps.send(azure.context(), desired(), None)

    assert record.link == LINK
    assert asked(azure)[-2:] == ["look", "POST"]


def test_a_connection_that_comes_back_to_another_vm_sends_nothing(azure: Azure) -> None:
    """Each look before a POST is compared with the decision."""
    azure.script((LOOK, vm_reply()), (POST, httpx.ConnectError("refused")), (LOOK, vm_reply(vm="vm-2")))

    with pytest.raises(
        ConfigurationError, match="was deleted and created again after its reimage was decided"
    ):
        steps.send(azure.context(), desired(), None)


def test_a_redirect_is_a_refusal_that_is_never_followed(azure: Azure) -> None:
    """Following it would send the password to another host."""
    azure.script((POST, Reply(307, headers={"Location": "https://evil.example/"})))

    with pytest.raises(RequestRejectedError, match="an unexpected redirect, which is never followed"):
        send(azure)

"""The activity log as a witness: how it is queried, and what is said if it does not decide."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpx
import pytest

from pulumi_azure_reimage.arm.activity_log import Event
from pulumi_azure_reimage.arm.log_evidence import LogAnswer, NotSeen, Taken, Unclear
from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.reimage.log_witness import NoWitness, ask_log, describe

from ..fakes import LOG, START, VM_ID, Answer, Azure, Reply, refused
from .steps import NOTHING_LOGGED, logged

BEGINNING = "00000000-0000-0000-0000-1"


def ask(azure: Azure, answer: Answer) -> LogAnswer | NoWitness:
    """Query a log that answers in this way."""
    azure.http.forever(LOG, answer)
    return ask_log(azure.context(), BEGINNING, START, START)


def test_the_log_is_queried_for_this_vm_from_the_look_before_to_the_last_look(azure: Azure) -> None:
    """The times are Azure's, with five minutes on both sides because its servers have different clocks."""
    azure.script((LOG, NOTHING_LOGGED))

    ask_log(azure.context(), BEGINNING, START, START + timedelta(hours=2))

    asked = unquote(azure.http.sent[-1].url.query.decode())
    assert "eventTimestamp ge '2026-11-23T11:55:00.000000Z'" in asked
    assert "eventTimestamp le '2026-11-23T14:05:00.000000Z'" in asked
    assert f"resourceUri eq '{VM_ID}'" in asked


def test_a_request_is_found_by_the_beginning_of_its_ids(azure: Azure) -> None:
    """Each send has its own id, and a stranger's id begins differently."""
    ours = ask(azure, logged("Accepted", correlation=f"{BEGINNING}ffff"))
    theirs = ask(azure, logged("Accepted", correlation="11111111-1111"))

    assert isinstance(ours, Taken)
    assert theirs == NotSeen()


@pytest.mark.parametrize(
    ("since", "until"), [(None, START), (START, None), (None, None)], ids=["before", "after", "neither"]
)
def test_a_log_whose_period_is_not_known_is_no_witness(
    azure: Azure, since: datetime | None, until: datetime | None
) -> None:
    """The local clock never decides what is searched."""
    found = ask_log(azure.context(), BEGINNING, since, until)

    assert found == NoWitness(
        "The activity log could not be searched, because Azure's answers carry no date."
    )
    assert azure.http.sent == []


def test_a_log_that_may_not_be_read_is_no_witness_and_the_right_is_named(azure: Azure) -> None:
    """Waiting would not change that, but a role assignment does."""
    found = ask(azure, refused(403, "AuthorizationFailed"))

    assert isinstance(found, NoWitness)
    assert "(Microsoft.Insights/eventtypes/values/read)" in found.why


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(refused(400, "BadRequest", "Not now."), "(Not now)", id="400"),
        pytest.param(Reply(503), "HTTP 503", id="503"),
        pytest.param(httpx.ConnectError("no route"), "no route", id="no network"),
    ],
)
def test_a_log_that_cannot_be_read_now_is_unclear(azure: Azure, answer: Answer, words: str) -> None:
    """The next read may succeed."""
    found = ask(azure, answer)

    assert isinstance(found, Unclear)
    assert words in found.reason


def test_signing_in_that_fails_is_a_separate_error(azure: Azure) -> None:
    """Nothing was sent, and the next run tries again."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")

    with pytest.raises(ConfigurationError, match="expired"):
        ask(azure, NOTHING_LOGGED)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (NoWitness("It has no date."), "It has no date."),
        (Unclear("it broke"), "The activity log does not decide it: it broke."),
        (NotSeen(), "The activity log shows no end of it yet."),
        (Taken(Event(time=datetime(2026, 11, 23, tzinfo=UTC))), "The activity log shows no end of it yet."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_why_the_log_did_not_decide_is_a_sentence(answer: LogAnswer | NoWitness, sentence: str) -> None:
    """The sentence follows what was seen of the VM."""
    assert describe(answer) == sentence

"""ArmClient's requests, and when each of them is repeated."""

import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpx
import pytest

from pulumi_azure_reimage.arm.activity_log import ActivityLog, Event, NotReadable
from pulumi_azure_reimage.arm.client import NotSent, ReadError, RequestIds
from pulumi_azure_reimage.arm.image import Image
from pulumi_azure_reimage.arm.lro import (
    DEFAULT_INTERVAL,
    Doubt,
    HeaderName,
    Inconclusive,
    Link,
    OutcomeUnknown,
    Started,
    StillRunning,
    Succeeded,
)
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.errors import ConfigurationError

from ..fakes import (
    IDS,
    LINK,
    LOOK,
    OPERATION_ID,
    POLL,
    POST,
    VM_ID,
    Answer,
    Azure,
    Question,
    Reply,
    accepted,
    disk,
    refused,
    running,
    succeeded,
    vm_reply,
)

VM = VirtualMachineId.parse(VM_ID)


def untrusted_certificate() -> httpx.ConnectError:
    """Return what httpx raises for a certificate that is not trusted."""
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    return error


# The VM

NOT_A_VM: tuple[object, ...] = (b"", b"<html>", b"null", {"properties": {}}, {"error": {"code": "Busy"}}, [])


def test_a_vm_is_read(azure: Azure) -> None:
    """The request has the configured api-version."""
    azure.script((LOOK, vm_reply()))

    vm = azure.arm.virtual_machine(VM, IDS)

    assert vm.disk == disk()
    assert azure.http.sent[0].url.query == b"$expand=instanceView&api-version=2024-07-01"
    assert azure.clock.slept == []


def test_every_request_carries_both_ids(azure: Azure) -> None:
    """With both, Azure's logs show which requests belong together."""
    azure.script((LOOK, vm_reply()), (POST, accepted()), (POLL, running()))

    azure.arm.virtual_machine(VM, IDS)
    azure.arm.reimage(VM, None, IDS)
    azure.arm.poll(LINK, IDS)

    ids = {
        (request.headers["x-ms-client-request-id"], request.headers["x-ms-correlation-request-id"])
        for request in azure.http.sent
    }
    assert ids == {(IDS.client_request_id, IDS.correlation_id)}
    assert len(azure.http.sent) == 3


def test_what_rarely_changes_is_read_once_and_kept_for_a_bounded_number_of_machines(azure: Azure) -> None:
    """The oldest of 501 machines is read again, and the newest is not."""
    first, *_, last = machines = [replace(VM, name=f"web-{number}") for number in range(501)]
    for vm in machines:
        question = Question("GET", f"{vm}/providers/Microsoft.Authorization/locks")
        azure.http.forever(question, Reply(body={"value": []}))

    for vm in (*machines, last, first):
        azure.arm.locks(vm, IDS)

    assert len(azure.http.sent) == 502
    assert str(first) in azure.http.sent[-1].url.path


def test_a_client_hides_texts_that_it_is_given_in_its_errors(azure: Azure) -> None:
    """ARM may quote what it was sent. Other holders of the client keep one that hides nothing."""
    password = "correct-Horse-1"  # noqa: S105 - a password to look for.
    azure.http.forever(LOOK, refused(403, "AuthorizationFailed", f"The value {password} is bad."))

    for arm, shown in ((azure.arm.hiding(lambda: [password]), "[secret]"), (azure.arm, password)):
        with pytest.raises(ReadError, match=re.escape(f"The value {shown} is bad.")):
            arm.virtual_machine(VM, IDS)


def test_no_header_promises_what_arm_does_not_keep(azure: Azure) -> None:
    """Reimage declares no idempotency key, and a service without one may answer 501 to it."""
    azure.script((POST, accepted()))

    azure.arm.reimage(VM, None, IDS)

    sent = set(azure.http.sent[0].headers)
    assert not sent & {"repeatability-request-id", "operation-id", "idempotency-key"}


@pytest.mark.parametrize("group", ["rg", "rg.with(brackets)-and_more", "gruppe-\u00fc"])
def test_a_name_reaches_arm_as_it_is(azure: Azure, group: str) -> None:
    """Azure allows brackets and letters of all scripts in the name of a group."""
    vm = VirtualMachineId.parse(VM_ID.replace("/rg/", f"/{group}/"))
    azure.http.forever(Question("GET", f"{str(vm).replace(chr(252), '%C3%BC')}"), vm_reply())

    azure.arm.virtual_machine(vm, IDS)

    assert (
        unquote(azure.http.sent[0].url.raw_path.decode())
        == f"{vm}?$expand=instanceView&api-version=2024-07-01"
    )


@pytest.mark.parametrize(
    "failure",
    [
        *(pytest.param(Reply(status), id=str(status)) for status in (408, 429, 500, 502, 503, 504)),
        pytest.param(httpx.ConnectError("refused"), id="not sent"),
        pytest.param(httpx.ReadTimeout(""), id="no answer"),
        *(pytest.param(Reply(status), id=str(status)) for status in (423, 425, 499, 203, 204, 206)),
        *(pytest.param(Reply(200, body), id=f"200 {body!r}") for body in NOT_A_VM),
        pytest.param(Reply(200, vm_reply().body, cut=httpx.ReadError("")), id="cut behind its last byte"),
        pytest.param(Reply(200, b'{"properties": {"vmI', cut=httpx.ReadError("")), id="cut"),
        pytest.param(Reply(200, b"x" * 10, {"Content-Encoding": "gzip"}), id="no gzip"),
    ],
)
def test_a_read_is_repeated(azure: Azure, failure: Answer) -> None:
    """A read changes nothing, so repeating it is safe. The pauses grow."""
    azure.script((LOOK, failure), (LOOK, failure), (LOOK, failure), (LOOK, vm_reply()))

    vm = azure.arm.virtual_machine(VM, IDS)

    assert vm.disk == disk()
    assert azure.clock.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("failure", "reason", "status"),
    [
        pytest.param(refused(503, "Busy", "Try later."), "Try later.", 503, id="503"),
        pytest.param(Reply(502), "Azure answered HTTP 502", 502, id="502 without a word"),
        pytest.param(
            httpx.ConnectError("no route"), "could not be reached: ConnectError: no route", None, id="-"
        ),
        pytest.param(httpx.ReadTimeout("slow"), "did not answer: ReadTimeout: slow", None, id="lost"),
    ],
)
def test_a_read_is_given_up(azure: Azure, failure: Answer, reason: str, status: int | None) -> None:
    """It is given up after four tries."""
    azure.http.forever(LOOK, failure)

    with pytest.raises(ReadError) as caught:
        azure.arm.virtual_machine(VM, IDS)

    assert reason in caught.value.reason
    assert caught.value.http_status == status
    assert len(azure.http.sent) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 301, 302, 307])
def test_a_refused_read_is_not_repeated(azure: Azure, status: int) -> None:
    """Repeating it would not help. ARM's message is kept."""
    headers = {"x-ms-correlation-request-id": "1f3"}
    azure.http.forever(LOOK, refused(status, "TheCode", "The sentence.", **headers))

    with pytest.raises(ReadError) as caught:
        azure.arm.virtual_machine(VM, IDS)

    error = caught.value
    assert (error.reason, error.code, error.http_status) == ("The sentence.", "TheCode", status)
    assert error.correlation_id == "1f3"
    # The first answer to a 401 is a new token.
    assert len(azure.http.sent) == (2 if status == 401 else 1)


def test_an_untrusted_certificate_is_not_tried_again(azure: Azure) -> None:
    """Waiting does not make it trusted."""
    azure.script((LOOK, untrusted_certificate()))

    with pytest.raises(ReadError, match="certificate verify failed"):
        azure.arm.virtual_machine(VM, IDS)


@pytest.mark.parametrize(("asked", "slept"), [("5", 5.0), ("3600", 20.0), ("soon", 10.0)])
def test_a_read_waits_as_long_as_arm_asks_within_reason(azure: Azure, asked: str, slept: float) -> None:
    """The pause is limited, because a user may be waiting for a preview."""
    azure.script((LOOK, Reply(429, headers={"Retry-After": asked})), (LOOK, vm_reply()))

    azure.arm.virtual_machine(VM, IDS)

    assert azure.clock.slept == [slept]


@pytest.mark.parametrize("body", NOT_A_VM)
def test_an_answer_that_is_not_a_vm_is_an_error(azure: Azure, body: object) -> None:
    """Nothing is guessed about a disk, however often the VM is read."""
    azure.http.forever(LOOK, Reply(200, body))

    with pytest.raises(ReadError, match="Azure's answer could not be read: ") as caught:
        azure.arm.virtual_machine(VM, IDS)

    assert (caught.value.http_status, caught.value.passes) == (200, True)
    assert len(azure.http.sent) == 4


@pytest.mark.parametrize("kind", ["permissions", "locks"])
def test_a_page_of_a_proxy_grants_no_right_and_no_freedom_from_locks(azure: Azure, kind: str) -> None:
    """Its list would be empty. So the read is repeated, and such a page is never cached."""
    question = Question("GET", f"{VM}/providers/Microsoft.Authorization/{kind}")
    page = Reply(200, b"<html>Sign in</html>")
    azure.script((question, page), (question, page), (question, Reply(body={"value": []})))
    read = azure.arm.permissions if kind == "permissions" else azure.arm.locks

    read(VM, IDS)
    read(VM, IDS)

    assert len(azure.http.sent) == 3


@pytest.mark.parametrize(("seconds", "slept"), [(0.9, []), (2.9, [1.0]), (3.0, [1.0, 2.0])])
def test_no_read_is_repeated_after_the_deadline(azure: Azure, seconds: float, slept: list[float]) -> None:
    """The first repeat comes after a second, and the next one 2 s later."""
    azure.http.forever(LOOK, Reply(503))
    arm = azure.arm.until(azure.clock.monotonic() + seconds)

    with pytest.raises(ReadError, match="HTTP 503"):
        arm.virtual_machine(VM, IDS)

    assert azure.clock.slept == slept


@pytest.mark.parametrize(
    ("failure", "passes"),
    [
        (Reply(503), True),
        (Reply(429), True),
        (httpx.ReadError(""), True),
        (httpx.ConnectError(""), True),
        (Reply(302), False),
        (Reply(404), False),
        (untrusted_certificate(), False),
    ],
)
def test_a_failed_read_says_whether_it_is_temporary(azure: Azure, failure: Answer, *, passes: bool) -> None:
    """If it is temporary, a wait continues."""
    azure.http.forever(LOOK, failure)

    with pytest.raises(ReadError) as caught:
        azure.arm.virtual_machine(VM, IDS)

    assert caught.value.passes is passes


def test_an_image_without_a_url_for_its_versions_is_not_queried(azure: Azure) -> None:
    """An image that is shared with the tenant has none. Nothing is sent, and the preview reports the gap."""
    shared = Image(id="/SharedGalleries/1a2b/Images/web")

    with pytest.raises(ReadError, match="does not list the versions of this kind of image"):
        azure.arm.image_version(VM, shared, "1.0", "westus", IDS)

    assert azure.http.sent == []


# The POST


def test_a_reimage_is_posted_with_its_parameters(azure: Azure) -> None:
    """They go to the VM's own path."""
    azure.script((POST, accepted(retry_after="20")))

    step = azure.arm.reimage(VM, {"tempDisk": True}, IDS)

    assert step == Started(LINK, 20.0)
    assert azure.http.sent[0].content == b'{"tempDisk":true}'
    assert azure.http.sent[0].url.query == b"api-version=2024-07-01"


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        pytest.param(httpx.ConnectError("refused"), NotSent("ConnectError: refused", final=False), id="-"),
        pytest.param(
            untrusted_certificate(), NotSent("ConnectError: certificate verify failed", final=True), id="TLS"
        ),
        pytest.param(
            httpx.ReadTimeout("slow"), OutcomeUnknown("no answer came back (ReadTimeout: slow)"), id="lost"
        ),
        pytest.param(Reply(504), OutcomeUnknown("ARM answered 504"), id="504"),
        pytest.param(
            Reply(202), OutcomeUnknown("ARM answered 202 without a link to the operation"), id="no link"
        ),
        pytest.param(Reply(204), Succeeded(), id="done"),
    ],
)
def test_a_post_is_sent_once_in_any_case(azure: Azure, failure: Answer, expected: object) -> None:
    """The client does not decide whether to send again."""
    azure.script((POST, failure))

    assert azure.arm.reimage(VM, None, IDS) == expected
    assert azure.http.posts == 1


@pytest.mark.parametrize("name", ["Azure-AsyncOperation", "Location"])
@pytest.mark.parametrize("start", ["https://management.azure.com", ""], ids=["absolute", "relative"])
def test_a_link_without_an_api_version_is_polled_with_that_of_the_request(
    azure: Azure, name: HeaderName, start: str
) -> None:
    """ARM answers 400 to a poll without one. The stored link has it, so the next run can poll that link."""
    link = Link(f"https://management.azure.com{POLL.path}?api-version=2024-07-01", name)
    azure.script((POST, Reply(202, headers={name: f"{start}{POLL.path}"})), (POLL, Reply(202)))

    step = azure.arm.reimage(VM, None, IDS)
    azure.arm.poll(link, IDS)

    assert step == Started(link, DEFAULT_INTERVAL)
    assert azure.http.sent[1].url.query == b"api-version=2024-07-01"


def test_a_link_without_an_api_version_from_the_state_of_an_older_version_gets_one(azure: Azure) -> None:
    """The poll adds it."""
    azure.script((POLL, running()))

    azure.arm.poll(Link(f"https://management.azure.com{POLL.path}?", "Azure-AsyncOperation"), IDS)

    assert azure.http.sent[0].url.query == b"api-version=2024-07-01"


def test_a_link_with_a_host_that_cannot_be_decoded_does_not_break_us(azure: Azure) -> None:
    """An exception here would lose track of an accepted reimage."""
    headers = {"Azure-AsyncOperation": "https://xn--a/subscriptions/1", "Location": LINK.url}
    azure.script((POST, Reply(202, headers=headers)))

    assert azure.arm.reimage(VM, None, IDS) == Started(Link(LINK.url, "Location"), DEFAULT_INTERVAL)


def test_signing_in_that_fails_passes_through(azure: Azure) -> None:
    """It is not the outcome of a request, because nothing was sent."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: no.")

    with pytest.raises(ConfigurationError):
        azure.arm.reimage(VM, None, IDS)


# The operation


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(running(retry_after="20"), StillRunning(LINK, 20.0), id="running"),
        pytest.param(
            succeeded(),
            Succeeded(OPERATION_ID, "2026-11-23T12:00:01.1234567+00:00", "2026-11-23T12:01:16.1234567+00:00"),
            id="succeeded",
        ),
        pytest.param(Reply(503), Inconclusive(Doubt.TRANSIENT, "HTTP 503", DEFAULT_INTERVAL), id="503"),
        pytest.param(
            httpx.ConnectError("refused"),
            Inconclusive(Doubt.TRANSIENT, "ConnectError: refused", DEFAULT_INTERVAL),
            id="not sent",
        ),
        pytest.param(
            httpx.ReadTimeout("slow"),
            Inconclusive(Doubt.TRANSIENT, "ReadTimeout: slow", DEFAULT_INTERVAL),
            id="no answer",
        ),
        pytest.param(
            untrusted_certificate(),
            Inconclusive(Doubt.FORBIDDEN, "ConnectError: certificate verify failed", DEFAULT_INTERVAL),
            id="TLS",
        ),
    ],
)
def test_a_poll_is_one_request(azure: Azure, reply: Answer, expected: object) -> None:
    """The client does not decide whether to poll again."""
    azure.script((POLL, reply))

    assert azure.arm.poll(LINK, IDS) == expected


@pytest.mark.parametrize(
    "url", ["https://evil.example/subscriptions/1", "http://localhost:8080/x", "\x00", ""]
)
def test_a_stored_link_that_is_not_ours_is_never_polled(azure: Azure, url: str) -> None:
    """State can be edited, or moved to another cloud. Not even a token is requested."""
    step = azure.arm.poll(Link(url, "Azure-AsyncOperation"), IDS)

    assert isinstance(step, Inconclusive)
    assert step.doubt is Doubt.ELSEWHERE
    assert (azure.http.sent, azure.tokens.asked) == ([], [])


def test_ids_become_headers() -> None:
    """They have the names that ARM logs."""
    assert RequestIds("a", "b").headers == {"x-ms-client-request-id": "a", "x-ms-correlation-request-id": "b"}


# The activity log

LOG = Question(
    "GET", f"/subscriptions/{VM.subscription_id}/providers/Microsoft.Insights/eventtypes/management/values"
)
MORE = Question("GET", f"{LOG.path}?more&api-version=2015-04-01")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def page(*callers: str, more: str | None = None) -> Reply:
    """Return a page of the activity log with one event for each caller."""
    return Reply(
        body={"value": [{"caller": caller, "eventDataId": caller} for caller in callers], "nextLink": more}
    )


def test_the_activity_log_is_read_to_its_last_page(azure: Azure) -> None:
    """The link to the next page is used as ARM wrote it."""
    azure.script(
        (LOG, page("a", "b", more=f"https://management.azure.com{MORE.path}")), (MORE, page("b", "c"))
    )

    log = azure.arm.activity_log(VM, NOON - HOUR, NOON, IDS)

    assert log == ActivityLog(tuple(Event(caller=caller, event_id=caller) for caller in "abc"))
    azure.http.assert_used()


@pytest.mark.parametrize(
    ("answer", "callers"),
    [
        (page("a", more="https://evil.example/subscriptions/s"), "a"),
        (Reply(body=b"<html>Sign in</html>"), ""),
        (Reply(body={"value": ["?"]}), ""),
    ],
)
def test_a_log_that_cannot_be_read_to_its_end_is_incomplete(
    azure: Azure, answer: Reply, callers: str
) -> None:
    """The next page is on another host, which never gets the token, or is not a page of the log."""
    azure.http.forever(LOG, answer)

    log = azure.arm.activity_log(VM, NOON - HOUR, NOON, IDS)

    assert log == ActivityLog(
        tuple(Event(caller=caller, event_id=caller) for caller in callers), complete=False
    )


@pytest.mark.parametrize("failure", [Reply(200, b"<html>"), Reply(503), httpx.ReadError("")])
def test_what_the_first_pages_of_a_log_show_is_kept(azure: Azure, failure: Answer) -> None:
    """An event that was seen is proof, even if the next page cannot be read."""
    azure.script((LOG, page("a", more=MORE.path)), *[(MORE, failure)] * 4)

    log = azure.arm.activity_log(VM, NOON - HOUR, NOON, IDS)

    assert log == ActivityLog((Event(caller="a", event_id="a"),), complete=False)


def test_a_next_page_without_an_api_version_gets_that_of_the_log(azure: Azure) -> None:
    """A link to an operation gets its version in the same way."""
    azure.script((LOG, page("a", more=f"{LOG.path}?more")), (MORE, page("b")))

    log = azure.arm.activity_log(VM, NOON - HOUR, NOON, IDS)

    assert isinstance(log, ActivityLog)
    assert log.complete


def test_a_log_without_an_end_is_read_for_twenty_pages(azure: Azure) -> None:
    """A loop of links comes to an end, and the log counts as incomplete."""
    azure.http.forever(LOG, page("a", more=LOG.path))

    log = azure.arm.activity_log(VM, NOON - HOUR, NOON, IDS)

    assert isinstance(log, ActivityLog)
    assert not log.complete
    assert len(azure.http.sent) == 20


def test_a_log_that_no_longer_covers_the_period_is_incomplete(azure: Azure) -> None:
    """The requested period begins where the log does, because ARM refuses an earlier start."""
    azure.script((LOG, page("a")))

    log = azure.arm.activity_log(VM, NOON - timedelta(days=100), NOON, IDS)

    assert isinstance(log, ActivityLog)
    assert not log.complete
    assert "eventTimestamp ge '2026-08-28T12:00:00" in unquote(str(azure.http.sent[0].url))


def test_a_missing_right_is_named(azure: Azure) -> None:
    """Virtual Machine Contributor does not include it."""
    azure.script((LOG, refused(403, "AuthorizationFailed", "The client may not.")))

    log = azure.arm.activity_log(VM, NOON - HOUR, NOON, IDS)

    assert log == NotReadable("The client may not.", "Microsoft.Insights/eventtypes/values/read")


def test_the_recorded_refusal_of_the_log_is_read(azure: Azure) -> None:
    """It has no `error` around it (recorded in Azure/azure-cli, test_activity_log_list_scenario.yaml)."""
    body = b'{"Code":"BadRequest","Message":"The start time cannot be more than 90 days in the past."}'
    azure.script((LOG, Reply(400, body)))

    with pytest.raises(
        ReadError, match=r"^The start time cannot be more than 90 days in the past\.$"
    ) as caught:
        azure.arm.activity_log(VM, NOON - HOUR, NOON, IDS)

    assert caught.value.code == "BadRequest"

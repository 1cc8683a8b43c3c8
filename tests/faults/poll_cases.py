"""The column of a poll: how a wait for an accepted reimage ends in each row."""

from dataclasses import replace

from tests.unit import fakes

from . import answers
from .answers import BUSY, BUSY_TOO, CLAIMS_NEEDED, UNAUTHORIZED, error
from .behaviour import Answer, Bomb, Drip, Flood, Interim, Part, Raw
from .scene import IMPATIENT, OPERATION_PATH, Way
from .table import Case, Outcome, Row

RUNNING, DONE = Answer.from_reply(fakes.running()), Answer.from_reply(fakes.succeeded())
SUCCEEDED = b'{"status": "Succeeded"}'
# A thousand bytes. Cases send a part of them.
BODY = Answer(200, b"x" * 1000)


def ended(status: str, code: str, message: str) -> Answer:
    """Return the status of an operation that failed."""
    return Answer.from_reply(fakes.ended(status, code, message))


def _no_connection() -> list[Case]:
    kept = Case(Row.NO_CONNECTION, "", (DONE,), Outcome.STILL_RUNNING, 0)
    return [
        Case(Row.NO_CONNECTION, "refused at first", (DONE,), Outcome.SUCCEEDED, way=Way.REFUSED_AT_FIRST),
        *(replace(kept, name=name, timeout=35.0, way=way) for name, way in answers.UNREACHABLE.items()),
        *(replace(kept, name=name, way=way) for name, way in answers.CLOSED.items()),
        *(
            replace(kept, row=Row.TLS, name=name, says=("certificate verify failed",), way=way)
            for name, way in answers.UNTRUSTED.items()
        ),
    ]


def _passing() -> list[Case]:
    """Return answers that say nothing about the operation, however often they come: polling continues."""
    good, kept = Outcome.SUCCEEDED, Outcome.STILL_RUNNING
    throttled = error(429, "TooManyRequests", Retry_After="30")
    faults = [
        *((Row.LOST, name, fault) for name, fault in answers.lost(DONE).items()),
        (Row.TOO_LARGE, "headers", Answer(200, b"{}", {"X-Padding": "x" * 200_000})),
        (Row.BUSY, "409", BUSY),
        (Row.BUSY, "409 with other words", BUSY_TOO),
        (Row.NO_LINK, "101", answers.UPGRADE),
        (Row.REQUEST_TIMEOUT, "408", error(408, "RequestTimeout")),
        (Row.THROTTLED, "429", throttled),
        (Row.THROTTLED, "429 without a word", Answer(429)),
        *((Row.SERVER_ERROR, name, answer) for name, answer in answers.SERVER_ERRORS.items()),
    ]
    much_later = {
        status: error(status, code, Retry_After="3600")
        for status, code in ((429, "TooManyRequests"), (409, "OperationInProgress"), (503, "ServerBusy"))
    }
    down = error(503, "ServerBusy")
    return [
        *(Case(row, name, (*[fault] * 9, DONE), good, 10) for row, name, fault in faults),
        *(
            Case(Row.LOST, name, (fault, DONE), good, None, limits=IMPATIENT)
            for name, fault in answers.silent(DONE).items()
        ),
        Case(Row.LOST, "to the end", (Raw(),), kept, 4, timeout=35.0),
        Case(Row.SERVER_ERROR, "503 to the end", (down,), kept, 4, ("HTTP 503",), timeout=35.0),
        *(
            Case(Row.MUCH_LATER, f"{status}, then well", (answer, DONE), good, 2)
            for status, answer in much_later.items()
        ),
        Case(Row.MUCH_LATER, "past the deadline", (much_later[429],), kept, 2, timeout=60.0),
    ]


def _unreadable() -> list[Case]:
    """Return answers of which a few mean nothing. After five in a row, the VM is read instead."""
    good = Outcome.SUCCEEDED
    faults = (
        (Row.BODY_CUT, "hung up", Answer(200, b'{"status": "Succ', length=1000)),
        (Row.BODY_CUT, "reset", Part(BODY, -500, "reset")),
        (Row.BODY_CUT, "within a chunk", Raw(answers.CHUNKED + b'40\r\n{"status": "Succ')),
        (Row.BODY_CUT, "not gzip", Answer(200, DONE.body, {"Content-Encoding": "gzip"})),
        (Row.TOO_LARGE, "bomb", Bomb()),
        (Row.UNREADABLE, "HTML", Answer(200, b"<html><title>Sign in</title>")),
        (Row.UNREADABLE, "empty", Answer(200)),
        (Row.UNREADABLE, "no content", Answer(204)),
        (Row.UNREADABLE, "null", Answer(200, b"null")),
        (Row.UNREADABLE, "blank status", Answer(200, {"status": " "})),
        (Row.UNREADABLE, "status is null", Answer(200, {"status": None})),
        (
            Row.UNREADABLE,
            "a state elsewhere",
            Answer(200, {"properties": {"provisioningState": "Succeeded"}}),
        ),
        (Row.UNREADABLE, "another encoding", Answer(200, b"\x0b\x02\x80", {"Content-Encoding": "br"})),
        (Row.UNREADABLE, "UTF-16", Answer(200, '{"status": "Succeeded"}'.encode("utf-16"))),
        (Row.UNREADABLE, "cut JSON", Answer(200, b'{"status": "Succeeded"')),
        (Row.UNREADABLE, "a list", Answer(200, [])),
        (Row.UNREADABLE, "no status", Answer(200, {"name": "0e2a"})),
        (Row.UNREADABLE, "status without a word", Answer(200, {"status": ""})),
        (Row.UNREADABLE, "status that is not a string", Answer(200, {"status": 1})),
        (Row.NO_LINK, "202", Answer(202)),
        (Row.NO_LINK, "206", Answer(206, DONE.body)),
        (Row.NO_LINK, "299", Answer(299, DONE.body)),
    )
    slow = (
        (Row.BODY_CUT, "silence", Part(BODY, -500, "silence")),
        (Row.DRIP, "body", Drip()),
        (Row.DRIP, "headers", Drip(dripping_headers=True)),
        (Row.NO_LINK, "1xx forever", Interim()),
    )
    as_html = Answer(200, DONE.body, {"Content-Type": "text/html"})
    twice = Answer(200, b'{"status": "InProgress", "status": "Succeeded"}')
    whole_chunk = Raw(answers.CHUNKED + b"%x\r\n%b\r\n" % (len(SUCCEEDED), SUCCEEDED))
    marked = Answer(200, b'\xef\xbb\xbf{"status": "sUCCEEDED"}')
    return [
        *(Case(row, f"{name}, then well", (*[fault] * 4, DONE), good, 5) for row, name, fault in faults),
        *(Case(row, f"{name}, 5 times", (fault,), Outcome.RECONCILED, 5) for row, name, fault in faults),
        *(Case(row, name, (fault, DONE), good, None, limits=IMPATIENT) for row, name, fault in slow),
        Case(Row.TOO_LARGE, "no end", (Flood(), DONE), good, 2),
        Case(Row.UNREADABLE, "JSON under another name", (as_html,), good),
        Case(Row.UNREADABLE, "byte order mark", (marked,), good),
        Case(Row.UNREADABLE, "blanks around the word", (Answer(200, {"status": " Succeeded\r\n"}),), good),
        Case(Row.UNREADABLE, "a member twice", (twice,), good),
        Case(Row.BODY_CUT, "after the last byte of a chunk", (whole_chunk,), good),
        Case(Row.BODY_CUT, "HTTP/1.0", (Raw(b"HTTP/1.0 200 OK\r\n\r\n" + SUCCEEDED),), good),
        *(
            Case(Row.UNREADABLE, f"{name}, five times at once", (*[answer] * 5, DONE), good, 6)
            for name, answer in {
                "HTML": Answer(200, b"<html>", {"Retry-After": "0"}),
                "no content": Answer(204, headers={"Retry-After": "0"}),
            }.items()
        ),
    ]


def _location() -> list[Case]:
    """Return the same for ARM's other contract, whose HTTP status says whether the operation has ended."""
    faults = (
        (Row.BODY_CUT, "before the first byte", Answer(200, b"", length=1000)),
        (Row.BODY_CUT, "in the middle", Answer(200, b'{"status": "Fai', length=1000)),
        (Row.BODY_CUT, "not gzip", Answer(200, b"{}", {"Content-Encoding": "gzip"})),
        (Row.TOO_LARGE, "bomb", Bomb()),
        (Row.UNREADABLE, "HTML", Answer(200, b"<html><title>Sign in</title>")),
        (Row.UNREADABLE, "a list", Answer(200, [])),
        (Row.NO_LINK, "206", Answer(206)),
    )
    good, end = Outcome.SUCCEEDED, Answer(200)
    goes_on = Answer(202, b"", {"Location": f"{{arm}}{OPERATION_PATH}&monitor=true"})
    failed = error(200, "OSProvisioningTimedOut", "OS Provisioning did not finish.")
    cases = [
        *((row, f"{name}, then well", (fault, fault, end), good, 3) for row, name, fault in faults),
        *((row, f"{name}, 5 times", (fault,), Outcome.RECONCILED, 5) for row, name, fault in faults),
        (Row.NO_LINK, "202 without a link", (Answer(202), Answer(202), end), good, 3),
        (Row.FAILED, "200 with an error", (goes_on, failed), Outcome.FAILED, 2),
        (Row.CANCELED, "200 with the word", (Answer(200, {"status": "Canceled"}),), Outcome.FAILED, 1),
        (Row.SERVER_ERROR, "503", (error(503, "ServerBusy"), Answer(204)), good, 2),
    ]
    return [
        Case(row, f"Location, {name}", replies, outcome, asked, header="Location")
        for row, name, replies, outcome, asked in cases
    ]


def _links() -> list[Case]:
    row, good = Row.FOREIGN_LINK, Outcome.SUCCEEDED
    stored = Case(row, "", (DONE,), Outcome.RECONCILED, 0)
    renewed = {
        name: Answer(200, RUNNING.body, {"Azure-AsyncOperation": url, "Location": url})
        for name, url in answers.FOREIGN_LINKS.items()
    }
    relative = Answer(200, RUNNING.body, {"Azure-AsyncOperation": f"{OPERATION_PATH}&new=1"})
    insecure = f"http://{{arm_host}}{OPERATION_PATH}"
    spelling = Row.LINK_SPELLING
    path = OPERATION_PATH.partition("?")[0]
    unversioned = Answer(200, RUNNING.body, {"Azure-AsyncOperation": f"{{arm}}{path}?a=%2B"})
    twice = Answer(200, RUNNING.body, {"Azure-AsyncOperation": f"{{arm}}{path}, {{arm}}{path}"})
    return [
        *(
            Case(spelling, f"{name}, in state", (DONE,), good, link=url)
            for name, url in {
                "no api-version": f"{{arm}}{path}",
                "an empty api-version": f"{{arm}}{path}?api-version=",
                "an empty query": f"{{arm}}{path}?",
            }.items()
        ),
        Case(spelling, "no api-version, renewed", (unversioned, DONE), good, 2),
        Case(spelling, "twice, renewed", (twice, DONE), good, 2),
        *(Case(row, f"{name}, renewed", (answer, DONE), good, 2) for name, answer in renewed.items()),
        *(replace(stored, name=f"{name}, in state", link=url) for name, url in answers.FOREIGN_LINKS.items()),
        replace(stored, name="http below https, in state", way=Way.SECURE, link=insecure),
        Case(row, "relative, renewed", (relative, DONE), good, 2),
    ]


def _no_entry() -> list[Case]:
    """Return answers that, if they last half a minute, leave the operation to the next run."""
    good, kept = Outcome.SUCCEEDED, Outcome.STILL_RUNNING
    says, expired = ("ARM refused to answer",), ("AADSTS700024",)
    faults = (
        (Row.REDIRECT, "another host", Answer(307, headers={"Location": "{elsewhere}/subscriptions/1"})),
        (Row.REDIRECT, "circle", Answer(302, headers={"Location": ""})),
        (Row.REDIRECT, "300 without a target", Answer(300)),
        (Row.FORBIDDEN, "403", error(403, "AuthorizationFailed")),
        (Row.CONFLICT, "409", error(409, "Conflict", "No.")),
    )
    return [
        *(Case(row, f"{name}, then well", (fault, fault, DONE), good, 3) for row, name, fault in faults),
        *(Case(row, f"{name}, 4 times", (fault,), kept, 4, says) for row, name, fault in faults),
        Case(Row.CLAIMS, "answered", (CLAIMS_NEEDED, DONE), good, 2),
        # Each of the four polls is sent twice.
        Case(Row.CLAIMS, "again and again", (CLAIMS_NEEDED,), kept, 8, says),
        Case(Row.UNAUTHORIZED, "accepted again", (UNAUTHORIZED, DONE), good, 2),
        Case(Row.UNAUTHORIZED, "again and again", (UNAUTHORIZED,), kept, 8, says),
        Case(Row.NO_TOKEN, "at once", (DONE,), kept, 0, expired, tokens=0),
        Case(Row.NO_TOKEN, "in the middle", (RUNNING,), kept, 3, expired, tokens=3),
    ]


def _gone() -> list[Case]:
    row, reconciled, good = Row.UNKNOWN_OPERATION, Outcome.RECONCILED, Outcome.SUCCEEDED
    refusals = {**answers.REFUSALS, **answers.REFUSALS_OF_GATEWAYS}
    at_once = {
        name: Answer(answer.status, answer.body, {"Retry-After": "0"}) for name, answer in refusals.items()
    }
    forgotten = {"404": error(404, "NotFound", "The entity was not found."), "410": refusals.pop("410")}
    return [
        *(Case(Row.REFUSED, name, (answer,), reconciled, 4) for name, answer in refusals.items()),
        *(
            Case(Row.REFUSED, f"{name}, then well", (answer, answer, DONE), good, 3)
            for name, answer in refusals.items()
        ),
        *(
            Case(Row.REFUSED, f"{name}, five times at once, then well", (*[answer] * 5, DONE), good, 6)
            for name, answer in at_once.items()
        ),
        *(
            Case(row, f"{name} for two minutes", (*[answer] * 8, DONE), good, 9)
            for name, answer in forgotten.items()
        ),
        *(Case(row, f"{name} for longer", (answer,), reconciled, 9) for name, answer in forgotten.items()),
    ]


def _ended() -> list[Case]:
    failed = ended("Failed", "OSProvisioningTimedOut", "OS Provisioning for VM 'web' did not finish.")
    # Azure/azure-sdk-for-java#1783
    said = "The operation has been preempted by a more recent operation."
    preempted = ended("Canceled", "OperationPreempted", said)
    wordless, british = Answer(200, {"status": "Failed"}), Answer(200, {"status": "Cancelled"})
    rebuilt, not_known = "The OS disk was rebuilt", "It is not known whether the OS disk was rebuilt."
    in_doubt = ("The OS disk may be lost or half built.",)
    says = ("OS Provisioning for VM 'web' did not finish.", "OSProvisioningTimedOut", "with Failed", rebuilt)
    replaced = ("with Canceled", "OperationPreempted", "preempted", not_known)
    bad, kept, good = Outcome.FAILED, Outcome.STILL_RUNNING, Outcome.SUCCEEDED
    row, odd, last = Row.STILL_RUNNING, Answer(200, {"status": "Odd"}), (RUNNING, RUNNING, RUNNING, DONE)
    return [
        Case(Row.FAILED, "at once", (failed,), bad, 1, says),
        Case(Row.FAILED, "later", (RUNNING, failed), bad, 2, says),
        Case(Row.FAILED, "without a word", (wordless,), bad, 1, in_doubt),
        Case(Row.CANCELED, "replaced", (preempted,), bad, 1, replaced),
        Case(Row.CANCELED, "British spelling", (british,), bad),
        Case(row, "to the end", (RUNNING,), kept, 4, ("still running",), timeout=35.0),
        Case(row, "an unknown word", (odd,), kept, 4, timeout=35.0),
        Case(row, "done at the last poll", last, good, 4, timeout=35.0),
    ]


CASES: tuple[Case, ...] = (
    *_no_connection(),
    *_passing(),
    *_unreadable(),
    *_location(),
    *_links(),
    *_no_entry(),
    *_gone(),
    *_ended(),
)

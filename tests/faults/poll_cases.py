"""The column of a poll: what becomes of a wait for an accepted reimage in each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .behaviour import Answer, Bomb, Drip, Flood, Interim, Part, Raw, Silence
from .post_cases import BUSY, BUSY_TOO, CLAIMS_NEEDED, UNAUTHORIZED, error
from .scene import IMPATIENT, OPERATION_PATH, Way
from .table import Case, Outcome, Row

if TYPE_CHECKING:
    from .server import Behaviour

RUNNING = Answer(200, {"startTime": "2026-11-23T12:00:01Z", "status": "InProgress", "name": "0e2a"})
DONE = Answer(
    200,
    {
        "startTime": "2026-11-23T12:00:01Z",
        "endTime": "2026-11-23T12:01:16Z",
        "status": "Succeeded",
        "name": "0e2a",
    },
)


def ended(status: str, code: str, message: str) -> Answer:
    """Return the status of an operation that ended badly."""
    return Answer(200, {"status": status, "error": {"code": code, "message": message}})


def _no_connection() -> list[Case]:
    row, kept = Row.NO_CONNECTION, Outcome.STILL_RUNNING
    ways = {
        "refused": Way.REFUSED,
        "no address": Way.NO_NAME,
        "no answer": Way.BLACK_HOLE,
        "hung up on the handshake": Way.NO_HANDSHAKE,
        "proxy down": Way.PROXY_DOWN,
        "proxy refuses": Way.PROXY_REFUSES,
    }
    return [
        Case(row, "refused at first", (DONE,), Outcome.SUCCEEDED, way=Way.REFUSED_AT_FIRST),
        *(Case(row, name, (DONE,), kept, 0, timeout=35.0, way=way) for name, way in ways.items()),
        *(
            Case(Row.TLS, name, (DONE,), kept, 0, ("certificate verify failed",), way=way)
            for name, way in {
                "unknown authority": Way.UNKNOWN_AUTHORITY,
                "another host": Way.WRONG_NAME,
            }.items()
        ),
    ]


def _passing() -> list[Case]:
    """Return what says nothing about the operation, however often it comes: asking goes on."""
    good = Outcome.SUCCEEDED
    lost: dict[str, Behaviour] = {
        "hung up": Raw(),
        "reset": Raw(then="reset"),
        "headers cut": Part(DONE, 25),
        "headers cut by a reset": Part(DONE, 25, "reset"),
        "not HTTP": Raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "no status": Raw(b"HTTP/1.1 yes\r\n\r\n"),
        "two lengths": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"),
    }
    silent: dict[str, Behaviour] = {
        "silence": Silence(),
        "silence in the headers": Part(DONE, 25, "silence"),
    }
    throttled = error(429, "TooManyRequests", Retry_After="30")
    return [
        *(Case(Row.LOST, name, (*[fault] * 9, DONE), good, 10) for name, fault in lost.items()),
        *(
            Case(Row.LOST, name, (fault, DONE), good, None, limits=IMPATIENT)
            for name, fault in silent.items()
        ),
        Case(Row.LOST, "to the end", (Raw(),), Outcome.STILL_RUNNING, 4, timeout=35.0),
        *(
            Case(row, name, (*[fault] * 9, DONE), good, 10)
            for row, name, fault in (
                (Row.TOO_LARGE, "headers", Answer(200, b"{}", {"X-Padding": "x" * 200_000})),
                (Row.BUSY, "409", BUSY),
                (Row.BUSY, "409 in other words", BUSY_TOO),
                (Row.NO_LINK, "101", Answer(101, headers={"Upgrade": "x", "Connection": "upgrade"})),
                (Row.REQUEST_TIMEOUT, "408", error(408, "RequestTimeout")),
                (Row.THROTTLED, "429", throttled),
                (Row.THROTTLED, "429 without a word", Answer(429)),
                *(
                    (Row.SERVER_ERROR, str(status), error(status, "InternalServerError"))
                    for status in (500, 501, 502, 503, 504, 507, 599)
                ),
            )
        ),
        Case(
            Row.SERVER_ERROR,
            "503 to the end",
            (error(503, "ServerBusy"),),
            Outcome.STILL_RUNNING,
            4,
            ("HTTP 503",),
            timeout=35.0,
        ),
        *(
            Case(
                Row.MUCH_LATER,
                f"{status}, then well",
                (error(status, code, Retry_After="3600"), DONE),
                good,
                2,
            )
            for status, code in ((429, "TooManyRequests"), (409, "OperationInProgress"), (503, "ServerBusy"))
        ),
        Case(
            Row.MUCH_LATER,
            "past the deadline",
            (error(429, "TooManyRequests", Retry_After="3600"),),
            Outcome.STILL_RUNNING,
            2,
            timeout=60.0,
        ),
    ]


def _unreadable() -> list[Case]:
    """Return answers of which a few mean nothing, and five in a row that the VM is asked instead."""
    good = Outcome.SUCCEEDED
    body = Answer(200, b"x" * 1000)
    faults = (
        (Row.BODY_CUT, "hung up", Answer(200, b'{"status": "Succ', length=1000)),
        (Row.BODY_CUT, "reset", Part(body, -500, "reset")),
        (Row.BODY_CUT, "no gzip", Answer(200, DONE.body, {"Content-Encoding": "gzip"})),
        (Row.TOO_LARGE, "bomb", Bomb()),
        (Row.UNREADABLE, "HTML", Answer(200, b"<html><title>Sign in</title>")),
        (Row.UNREADABLE, "empty", Answer(200)),
        (Row.UNREADABLE, "cut JSON", Answer(200, b'{"status": "Succeeded"')),
        (Row.UNREADABLE, "a list", Answer(200, [])),
        (Row.UNREADABLE, "no status", Answer(200, {"name": "0e2a"})),
        (Row.UNREADABLE, "status without a word", Answer(200, {"status": ""})),
        (Row.UNREADABLE, "status that is no text", Answer(200, {"status": 1})),
        (Row.NO_LINK, "202", Answer(202)),
        (Row.NO_LINK, "206", Answer(206, DONE.body)),
        (Row.NO_LINK, "299", Answer(299, DONE.body)),
    )
    return [
        *(Case(row, f"{name}, then well", (*[fault] * 4, DONE), good, 5) for row, name, fault in faults),
        *(Case(row, f"{name}, 5 times", (fault,), Outcome.RECONCILED, 5) for row, name, fault in faults),
        *(
            Case(row, name, (fault, DONE), good, None, limits=IMPATIENT)
            for row, name, fault in (
                (Row.BODY_CUT, "silence", Part(body, -500, "silence")),
                (Row.DRIP, "body", Drip()),
                (Row.DRIP, "headers", Drip(dripping_headers=True)),
                (Row.NO_LINK, "1xx for ever", Interim()),
            )
        ),
        Case(Row.TOO_LARGE, "no end", (Flood(), DONE), good, 2),
        Case(
            Row.UNREADABLE,
            "JSON under another name",
            (Answer(200, DONE.body, {"Content-Type": "text/html"}),),
            good,
        ),
        Case(
            Row.UNREADABLE,
            "byte order mark",
            (Answer(200, b'\xef\xbb\xbf{"status": "sUCCEEDED"}'),),
            good,
        ),
    ]


def _location() -> list[Case]:
    """Return the same for ARM's other contract, in which the status says whether it has ended."""
    faults = (
        (Row.BODY_CUT, "before the first byte", Answer(200, b"", length=1000)),
        (Row.BODY_CUT, "in the middle", Answer(200, b'{"status": "Fai', length=1000)),
        (Row.BODY_CUT, "no gzip", Answer(200, b"{}", {"Content-Encoding": "gzip"})),
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
        Case(row, f"Location, {name}", answers, outcome, asked, header="Location")
        for row, name, answers, outcome, asked in cases
    ]


def _links() -> list[Case]:
    row = Row.FOREIGN_LINK
    foreign = {
        "another host": f"{{elsewhere}}{OPERATION_PATH}",
        "without a scheme": f"//{{elsewhere_host}}{OPERATION_PATH}",
        "user info": f"http://user@{{arm_host}}{OPERATION_PATH}",
        "host in the user info": f"http://{{arm_host}}@{{elsewhere_host}}{OPERATION_PATH}",
        "backslash": f"http://{{arm_host}}\\@{{elsewhere_host}}{OPERATION_PATH}",
        "another scheme": f"https://{{arm_host}}{OPERATION_PATH}",
        "another path": "{arm}/other",
        "no URL": "http://[::1",
    }
    return [
        *(
            Case(
                row,
                f"{name}, renewed",
                (Answer(200, RUNNING.body, {"Azure-AsyncOperation": url, "Location": url}), DONE),
                Outcome.SUCCEEDED,
                2,
            )
            for name, url in foreign.items()
        ),
        *(
            Case(row, f"{name}, in state", (DONE,), Outcome.RECONCILED, 0, link=url)
            for name, url in foreign.items()
        ),
        Case(
            row,
            "http below https, in state",
            (DONE,),
            Outcome.RECONCILED,
            0,
            way=Way.SECURE,
            link=f"http://{{arm_host}}{OPERATION_PATH}",
        ),
        Case(
            row,
            "relative, renewed",
            (Answer(200, RUNNING.body, {"Azure-AsyncOperation": f"{OPERATION_PATH}&new=1"}), DONE),
            Outcome.SUCCEEDED,
            2,
        ),
    ]


def _no_entry() -> list[Case]:
    """Return what three times in a row means that the operation is left for the next run."""
    good, kept = Outcome.SUCCEEDED, Outcome.STILL_RUNNING
    moved = Answer(307, headers={"Location": "{elsewhere}/subscriptions/1"})
    circle = Answer(302, headers={"Location": ""})
    forbidden = error(403, "AuthorizationFailed")
    conflict = error(409, "Conflict", "No.")
    says = ("ARM refused to tell",)
    return [
        *(
            case
            for row, name, fault in (
                (Row.REDIRECT, "another host", moved),
                (Row.REDIRECT, "circle", circle),
                (Row.REDIRECT, "300 without a target", Answer(300)),
                (Row.FORBIDDEN, "403", forbidden),
                (Row.CONFLICT, "409", conflict),
            )
            for case in (
                Case(row, f"{name}, then well", (fault, fault, DONE), good, 3),
                Case(row, f"{name}, 3 times", (fault,), kept, 3, says),
            )
        ),
        Case(Row.CLAIMS, "answered", (CLAIMS_NEEDED, DONE), good, 2),
        # Each of the three polls is sent twice.
        Case(Row.CLAIMS, "again and again", (CLAIMS_NEEDED,), kept, 6, says),
        Case(Row.UNAUTHORIZED, "mended", (UNAUTHORIZED, DONE), good, 2),
        Case(Row.UNAUTHORIZED, "again and again", (UNAUTHORIZED,), kept, 6, says),
        Case(Row.NO_TOKEN, "at once", (DONE,), kept, 0, ("AADSTS700024",), tokens=0),
        Case(Row.NO_TOKEN, "in the middle", (RUNNING,), kept, 3, ("AADSTS700024",), tokens=3),
    ]


def _gone() -> list[Case]:
    unknown = error(404, "NotFound", "The entity was not found.")
    return [
        *(
            Case(Row.REFUSED, str(status), (error(status, "TheCode"),), Outcome.RECONCILED)
            for status in (400, 405, 410, 412, 413, 415, 422)
        ),
        Case(Row.UNKNOWN_OPERATION, "for two minutes", (*[unknown] * 12, DONE), Outcome.SUCCEEDED, 13),
        Case(Row.UNKNOWN_OPERATION, "for longer", (unknown,), Outcome.RECONCILED, 13),
    ]


def _ended() -> list[Case]:
    failed = ended("Failed", "OSProvisioningTimedOut", "OS Provisioning for VM 'web' did not finish.")
    # Azure/azure-sdk-for-java#1783
    preempted = ended(
        "Canceled",
        "OperationPreempted",
        "The operation has been preempted by a more recent operation.",
    )
    rebuilt = "The OS disk was rebuilt"
    in_doubt = ("The OS disk may be lost or half built.",)
    says = ("OS Provisioning for VM 'web' did not finish.", "OSProvisioningTimedOut", "with Failed", rebuilt)
    kept = Outcome.STILL_RUNNING
    return [
        Case(Row.FAILED, "at once", (failed,), Outcome.FAILED, 1, says),
        Case(Row.FAILED, "later", (RUNNING, failed), Outcome.FAILED, 2, says),
        Case(Row.FAILED, "without a word", (Answer(200, {"status": "Failed"}),), Outcome.FAILED, 1, in_doubt),
        Case(
            Row.CANCELED,
            "replaced",
            (preempted,),
            Outcome.FAILED,
            1,
            (
                "with Canceled",
                "OperationPreempted",
                "preempted",
                "Whether the OS disk was rebuilt is not known.",
            ),
        ),
        Case(Row.CANCELED, "in British", (Answer(200, {"status": "Cancelled"}),), Outcome.FAILED),
        Case(Row.STILL_RUNNING, "to the end", (RUNNING,), kept, 4, ("still running",), timeout=35.0),
        Case(Row.STILL_RUNNING, "an unknown word", (Answer(200, {"status": "Odd"}),), kept, 4, timeout=35.0),
        Case(
            Row.STILL_RUNNING,
            "done at the last question",
            (RUNNING, RUNNING, RUNNING, DONE),
            Outcome.SUCCEEDED,
            4,
            timeout=35.0,
        ),
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

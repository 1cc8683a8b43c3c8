"""The column of the POST: what becomes of a request for a reimage in each row."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from .behaviour import Answer, Bomb, Drip, Flood, Interim, Part, Raw, Silence
from .scene import IMPATIENT, OPERATION_PATH, Way
from .table import LINKS, Case, Outcome, Row

if TYPE_CHECKING:
    from .server import Behaviour

ACCEPTED = Answer(202, headers=LINKS)
CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1764000000"}}}'
# https://learn.microsoft.com/entra/identity-platform/claims-challenge
CHALLENGE = (
    'Bearer authorization_uri="https://login.microsoftonline.com/", error="insufficient_claims", '
    f'claims="{urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("=")}"'
)
CLAIMS_NEEDED = Answer(401, headers={"WWW-Authenticate": CHALLENGE})
UNAUTHORIZED = Answer(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def error(status: int, code: str, message: str = "The sentence of ARM.", **headers: str) -> Answer:
    """Return ARM's envelope of an error; `retry_after="20"` becomes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"error": {"code": code, "message": message}}, named)


BUSY = error(409, "AnotherOperationInProgress", "Another operation is in progress.")
# MicrosoftDocs/SupportArticles-docs, windows/error-messages.md.
BUSY_TOO = error(
    409,
    "OperationNotAllowed",
    "Operation 'reimage' is not allowed on VM 'web' since another operation is in progress.",
)


def _no_connection() -> list[Case]:
    row, outcome = Row.NO_CONNECTION, Outcome.NOT_SENT
    ways = {
        "refused": Way.REFUSED,
        "no address": Way.NO_NAME,
        "no answer": Way.BLACK_HOLE,
        "hung up on the handshake": Way.NO_HANDSHAKE,
        "proxy down": Way.PROXY_DOWN,
        "proxy refuses": Way.PROXY_REFUSES,
    }
    says = ("Azure could not be reached", "when the connection works")
    return [
        Case(row, "refused at first", (ACCEPTED,), Outcome.ACCEPTED, way=Way.REFUSED_AT_FIRST),
        *(Case(row, name, (ACCEPTED,), outcome, 0, says, way=way) for name, way in ways.items()),
    ]


def _lost() -> list[Case]:
    row, outcome, says = Row.LOST, Outcome.UNKNOWN, ("no answer came back",)
    answers: dict[str, Behaviour] = {
        "hung up": Raw(),
        "reset": Raw(then="reset"),
        "headers cut": Part(ACCEPTED, 25),
        "headers cut by a reset": Part(ACCEPTED, 25, "reset"),
        "not HTTP": Raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "no status": Raw(b"HTTP/1.1 yes\r\n\r\n"),
        "two lengths": Raw(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"),
    }
    silent: dict[str, Behaviour] = {
        "silence": Silence(),
        "silence in the headers": Part(ACCEPTED, 25, "silence"),
    }
    return [
        *(Case(row, name, (answer,), outcome, says=says) for name, answer in answers.items()),
        *(
            Case(row, name, (answer,), outcome, says=says, limits=IMPATIENT)
            for name, answer in silent.items()
        ),
    ]


def _accepted_whatever_the_body() -> list[Case]:
    outcome = Outcome.ACCEPTED
    body = Answer(202, b"x" * 1000, LINKS)
    return [
        Case(Row.BODY_CUT, "hung up", (Answer(202, b"half", LINKS, length=1000),), outcome),
        Case(Row.BODY_CUT, "reset", (Part(body, -500, "reset"),), outcome),
        Case(Row.BODY_CUT, "silence", (Part(body, -500, "silence"),), outcome, limits=IMPATIENT),
        Case(
            Row.BODY_CUT,
            "no gzip",
            (Answer(202, b"no gzip", {**LINKS, "Content-Encoding": "gzip"}),),
            outcome,
        ),
        Case(Row.DRIP, "body", (Drip(202, LINKS),), outcome, limits=IMPATIENT),
        Case(
            Row.DRIP,
            "headers",
            (Drip(202, LINKS, dripping_headers=True),),
            Outcome.UNKNOWN,
            limits=IMPATIENT,
        ),
        Case(Row.TOO_LARGE, "no end", (Flood(202, LINKS),), outcome),
        Case(Row.TOO_LARGE, "bomb", (Bomb(202, LINKS),), outcome),
        Case(
            Row.TOO_LARGE,
            "headers",
            (Answer(202, headers={"X-Padding": "x" * 200_000, **LINKS}),),
            Outcome.UNKNOWN,
        ),
        *(
            Case(Row.UNREADABLE, name, (Answer(202, content, LINKS),), outcome)
            for name, content in {
                "HTML": b"<html><title>Welcome</title>",
                "empty": b"",
                "cut JSON": b'{"status": "Fai',
                "a list": b"[]",
                "byte order mark": b"\xef\xbb\xbf{}",
                "not UTF-8": b"\xff\xfe\xfd",
            }.items()
        ),
    ]


def _redirects() -> list[Case]:
    row, outcome, says = Row.REDIRECT, Outcome.REJECTED, ("unexpected redirect", "never followed")
    return [
        *(
            Case(
                row,
                f"{status} to another host",
                (Answer(status, headers={"Location": "{elsewhere}/subscriptions/1"}),),
                outcome,
                says=says,
            )
            for status in (300, 301, 302, 303, 307, 308)
        ),
        Case(row, "circle", (Answer(307, headers={"Location": ""}),), outcome, says=says),
        Case(row, "without a target", (Answer(307),), outcome, says=says),
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
                f"{name}, both",
                (Answer(202, headers={"Azure-AsyncOperation": url, "Location": url}),),
                Outcome.UNKNOWN,
                says=("without a link to the operation",),
            )
            for name, url in foreign.items()
        ),
        *(
            Case(
                row,
                f"{name}, the other is good",
                (Answer(202, headers={**LINKS, "Azure-AsyncOperation": url}),),
                Outcome.ACCEPTED,
            )
            for name, url in foreign.items()
        ),
        Case(
            row,
            "http below https",
            (Answer(202, headers={"Location": f"http://{{arm_host}}{OPERATION_PATH}"}),),
            Outcome.UNKNOWN,
            way=Way.SECURE,
        ),
        Case(
            row,
            "relative",
            (Answer(202, headers={"Azure-AsyncOperation": OPERATION_PATH}),),
            Outcome.ACCEPTED,
        ),
    ]


def _signing_in() -> list[Case]:
    accepted, rejected = Outcome.ACCEPTED, Outcome.REJECTED
    says = ("A new token did not help",)
    return [
        Case(Row.CLAIMS, "answered", (CLAIMS_NEEDED, ACCEPTED), accepted, 2),
        Case(Row.CLAIMS, "again and again", (CLAIMS_NEEDED,), rejected, 2, says),
        Case(Row.CLAIMS, "another 401 then", (CLAIMS_NEEDED, UNAUTHORIZED), rejected, 2, says),
        Case(Row.CLAIMS, "then lost", (CLAIMS_NEEDED, Raw()), Outcome.UNKNOWN, 2),
        Case(Row.UNAUTHORIZED, "mended", (UNAUTHORIZED, ACCEPTED), accepted, 2),
        Case(Row.UNAUTHORIZED, "again and again", (UNAUTHORIZED,), rejected, 2, says),
        Case(Row.UNAUTHORIZED, "then lost", (UNAUTHORIZED, Raw(then="reset")), Outcome.UNKNOWN, 2),
        Case(Row.NO_TOKEN, "at once", (ACCEPTED,), Outcome.NOT_SENT, 0, ("AADSTS700024",), tokens=0),
        Case(Row.NO_TOKEN, "after a 401", (UNAUTHORIZED,), Outcome.NOT_SENT, 1, ("AADSTS700024",), tokens=1),
    ]


def _refused() -> list[Case]:
    rejected, says = Outcome.REJECTED, ("The sentence of ARM.",)
    stopped = "The operation requires the VM to be running (or set to run)."
    return [
        *(
            Case(Row.REFUSED, str(status), (error(status, "TheCode"),), rejected, says=(*says, "TheCode"))
            for status in (400, 404, 405, 410, 412, 413, 415, 422)
        ),
        Case(Row.REFUSED, "without a word", (Answer(400),), rejected, says=("no reason given",)),
        Case(
            Row.FORBIDDEN,
            "no role",
            (error(403, "AuthorizationFailed"),),
            rejected,
            says=("Microsoft.Compute/virtualMachines/reimage/action",),
        ),
        Case(
            Row.CONFLICT, "stopped", (error(409, "OperationNotAllowed", stopped),), rejected, says=(stopped,)
        ),
        Case(Row.CONFLICT, "locked", (error(409, "ScopeLocked"),), rejected, says=says),
        Case(Row.CONFLICT, "without a word", (Answer(409),), rejected),
    ]


def _again() -> list[Case]:
    accepted, rejected = Outcome.ACCEPTED, Outcome.REJECTED
    wait = error(429, "TooManyRequests", Retry_After="30")
    # The throttling limits of compute, Microsoft Learn: an envelope without `error`.
    bare = Answer(
        429,
        {"code": "OperationNotAllowed", "message": "Slow down.", "details": [{"code": "TooManyRequests"}]},
        {"x-ms-retry-after-ms": "500"},
    )
    hour = {"Retry_After": "3600"}
    says = ("3600 s", "after the timeout", "run `pulumi up` again")
    return [
        Case(Row.BUSY, "once", (BUSY, ACCEPTED), accepted, 2),
        Case(Row.BUSY, "in other words", (BUSY_TOO, ACCEPTED), accepted, 2),
        Case(Row.BUSY, "to the end", (BUSY,), rejected, 4, ("after the timeout",), timeout=70.0),
        Case(Row.BUSY, "then lost", (BUSY, Raw()), Outcome.UNKNOWN, 2),
        Case(Row.THROTTLED, "once", (wait, ACCEPTED), accepted, 2),
        Case(Row.THROTTLED, "bare, in milliseconds", (bare, ACCEPTED), accepted, 2),
        Case(Row.THROTTLED, "HTML", (Answer(429, b"<html>", {"Retry-After": "1"}), ACCEPTED), accepted, 2),
        Case(Row.THROTTLED, "to the end", (wait,), rejected, 3, ("after the timeout",), timeout=70.0),
        Case(Row.THROTTLED, "then lost", (wait, Raw()), Outcome.UNKNOWN, 2),
        Case(
            Row.MUCH_LATER,
            "429",
            (error(429, "TooManyRequests", **hour),),
            rejected,
            says=says,
            timeout=600.0,
        ),
        Case(
            Row.MUCH_LATER,
            "409",
            (error(409, "AnotherOperationInProgress", **hour),),
            rejected,
            says=says,
            timeout=600.0,
        ),
        Case(Row.MUCH_LATER, "503", (error(503, "ServerBusy", **hour),), Outcome.UNKNOWN),
    ]


def _unknown() -> list[Case]:
    unknown = Outcome.UNKNOWN
    answers = {
        "202 without a link": Answer(202),
        "201": Answer(201),
        "206": Answer(206, headers=LINKS),
        "299": Answer(299, headers=LINKS),
        "101": Answer(101, headers={"Upgrade": "x", "Connection": "upgrade"}),
    }
    return [
        Case(Row.REQUEST_TIMEOUT, "408", (error(408, "RequestTimeout", Retry_After="1"),), unknown),
        *(
            Case(Row.SERVER_ERROR, str(status), (error(status, "InternalServerError"),), unknown)
            for status in (500, 501, 502, 503, 504, 507, 599)
        ),
        *(
            Case(
                Row.SERVER_ERROR,
                f"{status} with Retry-After",
                (error(status, "ServerBusy", Retry_After="1"),),
                unknown,
            )
            for status in (500, 503, 504)
        ),
        *(Case(Row.NO_LINK, name, (answer,), unknown) for name, answer in answers.items()),
        Case(Row.NO_LINK, "1xx for ever", (Interim(),), unknown, limits=IMPATIENT),
    ]


CASES: tuple[Case, ...] = (
    *_no_connection(),
    Case(
        Row.TLS,
        "unknown authority",
        (ACCEPTED,),
        Outcome.NOT_SENT,
        0,
        ("certificate verify failed",),
        way=Way.UNKNOWN_AUTHORITY,
    ),
    Case(
        Row.TLS,
        "another host",
        (ACCEPTED,),
        Outcome.NOT_SENT,
        0,
        ("certificate verify failed",),
        way=Way.WRONG_NAME,
    ),
    *_lost(),
    *_accepted_whatever_the_body(),
    *_redirects(),
    *_links(),
    *_signing_in(),
    *_refused(),
    *_again(),
    *_unknown(),
)

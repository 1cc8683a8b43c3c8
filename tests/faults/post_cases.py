"""The column of the POST: how a request for a reimage ends in each row."""

from dataclasses import replace

from . import answers
from .answers import BUSY, BUSY_TOO, CLAIMS_NEEDED, LINKS, UNAUTHORIZED, error
from .behaviour import Answer, Bomb, Drip, Flood, Interim, Part, Raw
from .scene import IMPATIENT, OPERATION_PATH, Way
from .table import Case, Outcome, Row

ACCEPTED = Answer(202, headers=LINKS)


def _no_connection() -> list[Case]:
    says, untrusted = (
        ("Azure could not be reached", "when the connection works"),
        ("certificate verify failed",),
    )
    not_sent = Case(Row.NO_CONNECTION, "", (ACCEPTED,), Outcome.NOT_SENT, 0, says)
    return [
        Case(Row.NO_CONNECTION, "refused at first", (ACCEPTED,), Outcome.ACCEPTED, way=Way.REFUSED_AT_FIRST),
        *(
            replace(not_sent, name=name, way=way)
            for name, way in {**answers.UNREACHABLE, **answers.CLOSED}.items()
        ),
        *(
            replace(not_sent, row=Row.TLS, name=name, way=way, says=untrusted)
            for name, way in answers.UNTRUSTED.items()
        ),
    ]


def _lost() -> list[Case]:
    row, outcome, says = Row.LOST, Outcome.UNKNOWN, ("no answer came back",)
    silent = answers.silent(ACCEPTED)
    return [
        *(Case(row, name, (lost,), outcome, says=says) for name, lost in answers.lost(ACCEPTED).items()),
        *(Case(row, name, (late,), outcome, says=says, limits=IMPATIENT) for name, late in silent.items()),
    ]


def _accepted_whatever_the_body() -> list[Case]:
    outcome = Outcome.ACCEPTED
    body = Answer(202, b"x" * 1000, LINKS)
    drip, dripping = Drip(202, LINKS), Drip(202, LINKS, dripping_headers=True)
    no_gzip = Answer(202, b"no gzip", {**LINKS, "Content-Encoding": "gzip"})
    long_headers = Answer(202, headers={"X-Padding": "x" * 200_000, **LINKS})
    return [
        Case(Row.BODY_CUT, "hung up", (Answer(202, b"half", LINKS, length=1000),), outcome),
        Case(Row.BODY_CUT, "reset", (Part(body, -500, "reset"),), outcome),
        Case(Row.BODY_CUT, "silence", (Part(body, -500, "silence"),), outcome, limits=IMPATIENT),
        Case(Row.BODY_CUT, "not gzip", (no_gzip,), outcome),
        Case(Row.DRIP, "body", (drip,), outcome, limits=IMPATIENT),
        Case(Row.DRIP, "headers", (dripping,), Outcome.UNKNOWN, limits=IMPATIENT),
        Case(Row.TOO_LARGE, "no end", (Flood(202, LINKS),), outcome),
        Case(Row.TOO_LARGE, "bomb", (Bomb(202, LINKS),), outcome),
        Case(Row.TOO_LARGE, "headers", (long_headers,), Outcome.UNKNOWN),
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
    away = {
        f"{status} to another host": Answer(status, headers={"Location": "{elsewhere}/subscriptions/1"})
        for status in (300, 301, 302, 307, 308)
    }
    others = {
        "circle": Answer(307, headers={"Location": ""}),
        "without a target": Answer(307),
        "to sign in": Answer(302, b"<html><title>Sign in</title>"),
    }
    says = ("unexpected redirect", "never followed")
    return [
        Case(Row.REDIRECT, name, (answer,), Outcome.REJECTED, says=says)
        for name, answer in {**away, **others}.items()
    ]


def _links() -> list[Case]:
    row, unknown, accepted = Row.FOREIGN_LINK, Outcome.UNKNOWN, Outcome.ACCEPTED
    says = ("without a link to the operation",)
    both = {
        name: Answer(202, headers={"Azure-AsyncOperation": url, "Location": url})
        for name, url in answers.FOREIGN_LINKS.items()
    }
    one = {
        name: Answer(202, headers={**LINKS, "Azure-AsyncOperation": url})
        for name, url in answers.FOREIGN_LINKS.items()
    }
    insecure = Answer(202, headers={"Location": f"http://{{arm_host}}{OPERATION_PATH}"})
    relative = Answer(202, headers={"Azure-AsyncOperation": OPERATION_PATH})
    return [
        *(Case(row, f"{name}, both", (answer,), unknown, says=says) for name, answer in both.items()),
        *(Case(row, f"{name}, the other is good", (answer,), accepted) for name, answer in one.items()),
        Case(row, "http below https", (insecure,), unknown, way=Way.SECURE),
        Case(row, "relative", (relative,), accepted),
    ]


def _spelling() -> list[Case]:
    path = OPERATION_PATH.partition("?")[0]
    long = f"{OPERATION_PATH}&long={'x' * 12_000}"
    links = {
        "no api-version": f"{{arm}}{path}",
        "no api-version, relative": path,
        "an empty api-version": f"{{arm}}{path}?API-version=&a=%2B",
        "an empty query": f"{{arm}}{path}?",
        "twice": f"{{arm}}{OPERATION_PATH}, {{arm}}{OPERATION_PATH}",
        "a foreign one first": f"{{elsewhere}}{path}, {{arm}}{OPERATION_PATH}",
        "12 kB": f"{{arm}}{long}",
    }
    return [
        Case(Row.LINK_SPELLING, f"{name}, {header}", (Answer(202, headers={header: url}),), Outcome.ACCEPTED)
        for name, url in links.items()
        for header in ("Azure-AsyncOperation", "Location")
    ] + [
        Case(
            Row.LINK_SPELLING,
            f"two headers, {header}",
            # The second header is written into the value of the first.
            (Answer(202, headers={header: f"{{arm}}{OPERATION_PATH}\r\n{header}: {{arm}}{OPERATION_PATH}"}),),
            Outcome.ACCEPTED,
        )
        for header in ("Azure-AsyncOperation", "Location")
    ]


def _no_success() -> list[Case]:
    """Return answers that look like an operation that ended at once, but are not ARM's."""
    bodies: dict[str, object] = {
        "HTML": b"<html><title>Welcome</title>",
        "an error": {"error": {"code": "TooManyRequests", "message": "Later."}},
        "an error without an envelope": {"code": "Blocked", "message": "No."},
        "an intermediate state": {"status": "InProgress"},
        "cut JSON": b'{"status": "Succeeded"',
    }
    foreign = Answer(200, headers={"Azure-AsyncOperation": f"{{elsewhere}}{OPERATION_PATH}"})
    return [
        *(
            Case(Row.NO_LINK, f"200 with {name}", (Answer(200, body),), Outcome.UNKNOWN)
            for name, body in bodies.items()
        ),
        Case(Row.NO_LINK, "200 with a foreign link", (foreign,), Outcome.UNKNOWN),
        Case(Row.NO_LINK, "200, cut", (Answer(200, b"", length=100),), Outcome.UNKNOWN),
        Case(Row.NO_LINK, "203", (Answer(203),), Outcome.UNKNOWN),
        Case(Row.NO_LINK, "303", (Answer(303, headers={"Location": "{elsewhere}/x"}),), Outcome.UNKNOWN),
    ]


def _signing_in() -> list[Case]:
    accepted, rejected = Outcome.ACCEPTED, Outcome.REJECTED
    says = ("A new token was refused too", "Check the tenant, and the clock of this machine")
    return [
        Case(Row.CLAIMS, "answered", (CLAIMS_NEEDED, ACCEPTED), accepted, 2),
        Case(Row.CLAIMS, "again and again", (CLAIMS_NEEDED,), rejected, 2, says),
        Case(Row.CLAIMS, "then another 401", (CLAIMS_NEEDED, UNAUTHORIZED), rejected, 2, says),
        Case(Row.CLAIMS, "then lost", (CLAIMS_NEEDED, Raw()), Outcome.UNKNOWN, 2),
        Case(Row.UNAUTHORIZED, "accepted again", (UNAUTHORIZED, ACCEPTED), accepted, 2),
        Case(Row.UNAUTHORIZED, "again and again", (UNAUTHORIZED,), rejected, 2, says),
        Case(Row.UNAUTHORIZED, "then lost", (UNAUTHORIZED, Raw(then="reset")), Outcome.UNKNOWN, 2),
        Case(Row.NO_TOKEN, "at once", (ACCEPTED,), Outcome.NOT_SENT, 0, ("AADSTS700024",), tokens=0),
        Case(Row.NO_TOKEN, "after a 401", (UNAUTHORIZED,), Outcome.NOT_SENT, 1, ("AADSTS700024",), tokens=1),
    ]


def _refused() -> list[Case]:
    rejected, says = Outcome.REJECTED, ("The sentence of ARM.",)
    stopped = "The operation requires the VM to be running (or set to run)."
    no_role = ("Microsoft.Compute/virtualMachines/reimage/action",)
    refusals = {**answers.REFUSALS, "404": error(404, "TheCode")}
    return [
        *(
            Case(Row.REFUSED, name, (answer,), rejected, says=(*says, "TheCode"))
            for name, answer in refusals.items()
        ),
        Case(Row.REFUSED, "without a word", (Answer(400),), rejected, says=("no reason given",)),
        Case(Row.FORBIDDEN, "no role", (error(403, "AuthorizationFailed"),), rejected, says=no_role),
        Case(
            Row.CONFLICT, "stopped", (error(409, "OperationNotAllowed", stopped),), rejected, says=(stopped,)
        ),
        Case(Row.CONFLICT, "locked", (error(409, "ScopeLocked"),), rejected, says=says),
        Case(Row.CONFLICT, "without a word", (Answer(409),), rejected),
    ]


def _again() -> list[Case]:
    accepted, rejected, unknown = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN
    wait = error(429, "TooManyRequests", Retry_After="30")
    # The throttling limits of compute, Microsoft Learn: an envelope without `error`.
    bare = Answer(
        429,
        {"code": "OperationNotAllowed", "message": "Slow down.", "details": [{"code": "TooManyRequests"}]},
        {"x-ms-retry-after-ms": "500"},
    )
    html = Answer(429, b"<html>", {"Retry-After": "1"})
    throttled, busy, down = (
        error(status, code, Retry_After="3600")
        for status, code in (
            (429, "TooManyRequests"),
            (409, "AnotherOperationInProgress"),
            (503, "ServerBusy"),
        )
    )
    late = ("after the timeout",)
    at_once = {
        "0 s": error(429, "TooManyRequests", Retry_After="0"),
        "1 ms": Answer(429, headers={"retry-after-ms": "1"}),
        "a past date": Answer(
            429,
            headers={
                "Date": "Mon, 23 Nov 2026 12:00:00 GMT",
                "Retry-After": "Mon, 23 Nov 2026 11:00:00 GMT",
            },
        ),
    }
    says = ("3600 s", *late, "run `pulumi up` again")
    return [
        Case(Row.BUSY, "once", (BUSY, ACCEPTED), accepted, 2),
        Case(Row.BUSY, "with other words", (BUSY_TOO, ACCEPTED), accepted, 2),
        Case(Row.BUSY, "to the end", (BUSY,), rejected, 4, late, timeout=70.0),
        Case(Row.BUSY, "then lost", (BUSY, Raw()), unknown, 2),
        Case(Row.THROTTLED, "once", (wait, ACCEPTED), accepted, 2),
        Case(Row.THROTTLED, "bare, in milliseconds", (bare, ACCEPTED), accepted, 2),
        Case(Row.THROTTLED, "HTML", (html, ACCEPTED), accepted, 2),
        Case(Row.THROTTLED, "to the end", (wait,), rejected, 3, late, timeout=70.0),
        *(
            # After 1, 2, 4, 8, 16, 32, and twice 60 s.
            Case(Row.THROTTLED, f"{name}, to the end", (answer,), rejected, 9, late, timeout=200.0)
            for name, answer in at_once.items()
        ),
        Case(Row.THROTTLED, "then lost", (wait, Raw()), unknown, 2),
        Case(Row.MUCH_LATER, "429", (throttled,), rejected, says=says, timeout=600.0),
        Case(Row.MUCH_LATER, "409", (busy,), rejected, says=says, timeout=600.0),
        Case(Row.MUCH_LATER, "503", (down,), unknown),
    ]


def _unknown() -> list[Case]:
    unknown, again = Outcome.UNKNOWN, {"Retry_After": "1"}
    faults = [
        (Row.REQUEST_TIMEOUT, "408", error(408, "RequestTimeout", **again)),
        *((Row.SERVER_ERROR, name, answer) for name, answer in answers.SERVER_ERRORS.items()),
        *(
            (Row.SERVER_ERROR, f"{status} with Retry-After", error(status, "ServerBusy", **again))
            for status in (500, 502, 503, 504)
        ),
        (Row.NO_LINK, "202 without a link", Answer(202)),
        (Row.NO_LINK, "201", Answer(201)),
        (Row.NO_LINK, "206", Answer(206, headers=LINKS)),
        (Row.NO_LINK, "299", Answer(299, headers=LINKS)),
        (Row.NO_LINK, "101", answers.UPGRADE),
    ]
    return [
        *(Case(row, name, (answer,), unknown) for row, name, answer in faults),
        Case(Row.NO_LINK, "1xx forever", (Interim(),), unknown, limits=IMPATIENT),
    ]


CASES: tuple[Case, ...] = (
    *_no_connection(),
    *_lost(),
    *_accepted_whatever_the_body(),
    *_redirects(),
    *_links(),
    *_spelling(),
    *_no_success(),
    *_signing_in(),
    *_refused(),
    *_again(),
    *_unknown(),
)

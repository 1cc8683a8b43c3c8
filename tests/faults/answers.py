"""What the columns of the fault table share: routes that lead nowhere, foreign links, and answers."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

from tests.unit.fakes import refused

from .behaviour import Answer, Part, Raw, Silence
from .scene import OPERATION_PATH, Way
from .server import Behaviour

UNREACHABLE: Mapping[str, Way] = {
    "refused": Way.REFUSED,
    "no address": Way.NO_NAME,
    "no answer": Way.BLACK_HOLE,
    "hung up in the handshake": Way.NO_HANDSHAKE,
    "proxy down": Way.PROXY_DOWN,
    "not a proxy": Way.PROXY_IS_NONE,
}
# Routes on which a retry does not help.
CLOSED: Mapping[str, Way] = {"proxy refuses": Way.PROXY_REFUSES, "proxy forbids": Way.PROXY_FORBIDS}
UNTRUSTED: Mapping[str, Way] = {"unknown authority": Way.UNKNOWN_AUTHORITY, "another host": Way.WRONG_NAME}

LINKS: Mapping[str, str] = {
    "Azure-AsyncOperation": f"{{arm}}{OPERATION_PATH}",
    "Location": f"{{arm}}{OPERATION_PATH}&monitor=true",
}
FOREIGN_LINKS: Mapping[str, str] = {
    "another host": f"{{elsewhere}}{OPERATION_PATH}",
    "without a scheme": f"//{{elsewhere_host}}{OPERATION_PATH}",
    "user info": f"http://user@{{arm_host}}{OPERATION_PATH}",
    "host in the user info": f"http://{{arm_host}}@{{elsewhere_host}}{OPERATION_PATH}",
    "backslash": f"http://{{arm_host}}\\@{{elsewhere_host}}{OPERATION_PATH}",
    "another scheme": f"https://{{arm_host}}{OPERATION_PATH}",
    "another path": "{arm}/other",
    "not a URL": "http://[::1",
}

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
    return Answer.from_reply(refused(status, code, message, **headers))


BUSY = error(409, "AnotherOperationInProgress", "Another operation is in progress.")
# MicrosoftDocs/SupportArticles-docs, windows/error-messages.md.
_BUSY_TOO = "Operation 'reimage' is not allowed on VM 'web' since another operation is in progress."
BUSY_TOO = error(409, "OperationNotAllowed", _BUSY_TOO)
UPGRADE = Answer(101, headers={"Upgrade": "x", "Connection": "upgrade"})
REFUSALS: Mapping[str, Answer] = {
    str(status): error(status, "TheCode") for status in (400, 405, 410, 412, 413, 415, 422)
}
# Refusals of a poll while the operation continues.
REFUSALS_OF_GATEWAYS: Mapping[str, Answer] = {
    str(status): error(status, "TheCode") for status in (423, 425, 499)
}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SERVER_ERRORS: Mapping[str, Answer] = {
    str(status): error(status, "InternalServerError") for status in (500, 501, 502, 503, 504, 507, 599)
}


def lost(answer: Answer) -> Mapping[str, Behaviour]:
    """Return faults that lose `answer` at once."""
    lengths = f"HTTP/1.1 {answer.status} OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"
    return {
        "hung up": Raw(),
        "reset": Raw(then="reset"),
        "headers cut": Part(answer, 25),
        "headers cut by a reset": Part(answer, 25, "reset"),
        "not HTTP": Raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "no status": Raw(b"HTTP/1.1 yes\r\n\r\n"),
        "two lengths": Raw(lengths.encode()),
    }


def silent(answer: Answer) -> Mapping[str, Behaviour]:
    """Return faults that withhold `answer` until the request times out."""
    return {"silence": Silence(), "silence in the headers": Part(answer, 25, "silence")}

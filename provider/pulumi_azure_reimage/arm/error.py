"""ARM's reason for a refusal or a failure, read from any body that a server or a proxy may send.

Rule 1: nothing here fails. A body that cannot be read becomes an empty `ArmError`.
Rule 2: only `code`, `message`, `target` and `details` are quoted, and each is redacted first.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..redact import redact
from ..sentences import as_clause, join_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_DETAILS = 5
_DEEPEST = 4
_LINE_LIMIT = 1500
_MESSAGE_LIMIT = 1000
_WORD_LIMIT = 120
_HTML_LIMIT = 16_384
_TEXT_LIMIT = 300

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# JSON is UTF-8 (RFC 8259). Proxies write these, and none of these codecs expands or runs anything.
_CHARSETS = frozenset({"iso-8859-1", "latin-1", "windows-1252", "shift_jis", "euc-jp", "utf-16", "us-ascii"})
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.-]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class ArmError:
    """The error that a response describes. Every text in it is redacted.

    Attributes:
        code: ARM's error code, such as `OperationNotAllowed`.
        message: ARM's sentence, or the title of a proxy's page.
        target: The subject of the error, such as the name of a parameter.
        details: The first few of its inner errors.
    """

    code: str | None = None
    message: str | None = None
    target: str | None = None
    details: tuple[ArmError, ...] = ()

    @property
    def text(self) -> str:
        """Message, target and details as one sentence, without the code; empty if nothing is known."""
        parts = [self.message]
        parts += [f"target {self.target}" if self.target else None]
        parts += [f"{detail.code}: {detail.text}" if detail.code else detail.text for detail in self.details]
        return join_sentences(redact("; ".join(as_clause(part) for part in parts if part), limit=_LINE_LIMIT))


def arm_error(body: bytes, content_type: str | None = None, *, secrets: Iterable[str] = ()) -> ArmError:
    """Read the error in the body of a response.

    Args:
        body: The body, complete or truncated.
        content_type: The header `Content-Type`.
        secrets: Texts that no message may contain.
    """
    hidden = tuple(secrets)
    text = _decode(body, content_type or "").strip()
    if text.startswith("<"):
        return ArmError(message=_redact(_read_page(text), hidden, _TEXT_LIMIT))
    if not text.startswith(("{", "[", '"')):
        return ArmError(message=_redact(text, hidden, _TEXT_LIMIT))
    try:
        value = json.loads(text)
    # The nesting is too deep, or a number has more digits than Python reads.
    except (ValueError, RecursionError):
        return ArmError(
            _redact(_find_member(text, "code"), hidden), _redact(_find_member(text, "message"), hidden)
        )
    return arm_error_from_json(value, secrets=hidden)


def arm_error_from_json(value: object, *, secrets: Iterable[str] = ()) -> ArmError:
    """Read the error in a parsed body, or in the `error` member of an operation's status."""
    return _read(value, tuple(secrets), 0)


def _read(value: object, secrets: tuple[str, ...], depth: int) -> ArmError:
    if depth > _DEEPEST:
        return ArmError()
    match value:
        case str():
            return ArmError(message=_redact(value, secrets))
        case list():
            return _read(value[0], secrets, depth + 1) if value else ArmError()
        case Mapping():
            return _read_object(_lower_names(value), secrets, depth)
        case _:
            return ArmError()


def _read_object(members: Mapping[str, object], secrets: tuple[str, ...], depth: int) -> ArmError:
    match members.get("odata.error", members.get("error")):
        case None:
            return _read_error(members, secrets, depth)
        # OAuth 2.0 (RFC 6749) and some gateways send a word or a sentence.
        case str(error):
            described = members.get("error_description", members.get("message"))
            if not isinstance(described, str):
                return ArmError(message=_redact(error, secrets))
            return ArmError(_redact(error, secrets, _WORD_LIMIT), _redact(described, secrets))
        case error:
            return _read(error, secrets, depth + 1)


def _read_error(members: Mapping[str, object], secrets: tuple[str, ...], depth: int) -> ArmError:
    inner = members.get("innererror")
    inner = _lower_names(inner) if isinstance(inner, Mapping) else {}
    details = members.get("details")
    if isinstance(details, Mapping | str):
        details = [details]
    read = (
        _read(item, secrets, depth + 1)
        for item in (details if isinstance(details, list) else [])[:_MOST_DETAILS]
    )
    return ArmError(
        code=_redact(_read_word(members.get("code", inner.get("exceptiontype"))), secrets, _WORD_LIMIT),
        message=_redact(
            _read_sentence(members.get("message"))
            or _read_sentence(inner.get("message"))
            or _read_sentence(inner.get("errordetail")),
            secrets,
        ),
        target=_redact(_read_word(members.get("target")), secrets, _WORD_LIMIT),
        details=tuple(detail for detail in read if detail != ArmError()),
    )


def _lower_names(members: Mapping[object, object]) -> dict[str, object]:
    """Return the members with their names in lower case, because ASP.NET writes `Message`."""
    return {str(name).lower(): member for name, member in members.items()}


def _read_word(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)


def _read_sentence(value: object) -> str | None:
    # OData writes {"lang": "en-us", "value": "..."}.
    if isinstance(value, Mapping):
        value = value.get("value")
    if not isinstance(value, str):
        return None
    # The details of HTTP 429 contain a JSON text of counters instead of a sentence.
    return None if value.lstrip().startswith("{") else value


def _redact(text: str | None, secrets: tuple[str, ...], limit: int = _MESSAGE_LIMIT) -> str | None:
    return (redact(text, secrets, limit=limit) or None) if text else None


def _decode(body: bytes, content_type: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.removeprefix(mark).decode(encoding, "replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        named = _CHARSET.search(content_type)
        charset = named[1].lower() if named else ""
        return body.decode(charset if charset in _CHARSETS else "utf-8", "replace")


def _read_page(page: str) -> str:
    """Return the title of an HTML page, or the words of its body if it has none."""
    page = page[:_HTML_LIMIT]
    title = _TITLE.search(page)
    if title and title[1].strip():
        return html.unescape(title[1])
    head, body, rest = page.partition("<body")
    return html.unescape(_TAG.sub(" ", body + rest if body else head))


def _find_member(text: str, name: str) -> str | None:
    """Find a member in a truncated JSON text."""
    member = re.search(rf'"{name}"\s*:\s*"((?:[^"\\]|\\.)*+)', text, re.IGNORECASE)
    if member is None:
        return None
    try:
        value: object = json.loads(f'"{member[1]}"')
    except ValueError:
        value = member[1]
    return _read_sentence(value)

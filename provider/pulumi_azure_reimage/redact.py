"""What may be shown: every text that came from outside passes here before it becomes a message.

Rule 1: no secret, no token and no operation URL survives, in any spelling that a server may echo.
Rule 2: the result is one line, at most `LIMIT` characters long, and redacting it again changes nothing.
Rule 3: time is linear in the text; a hostile answer of a megabyte costs a second, not minutes.
"""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIMIT = 3000
"""Longest text that `redact` returns, in characters."""

MASK = "[secret]"
OPERATION_URL = "<operation URL>"

# Shorter texts hide nothing, and masking them would make every sentence unreadable.
_SHORTEST_SECRET = 4

# A URL runs to the next white space, quote or bracket. The scheme is bounded: a long word is scanned once.
_URL = re.compile(
    r"""(?P<scheme>[a-z][a-z0-9+.\-]{0,20})(?P<mark>:(?:\\?/){2}|%3a%2f%2f)(?P<rest>[^\s"'<>`]*)"""
    r"""|(?P<path>(?:/|%2f)subscriptions(?:/|%2f)[^\s"'<>`]*)""",
    re.IGNORECASE,
)
_QUERY = re.compile(r"[?#]|%3f|%23", re.IGNORECASE)

# The last segments that resource providers give their asynchronous operations, plain or percent-encoded.
_OPERATION = re.compile(r"operations?(?:/|%2f|\\/)|operations?(?:results?|status(?:es)?)\b", re.IGNORECASE)
_TORN_MASK = re.compile(r"[\[<][\w ]*$|\\+$")
_CLOSING = ".,;:!)]}"

_NAMED = (
    r"(?:sig|signature|accountkey|sharedaccesskey|admin_?password|password|client_?secret|client_?assertion"
    r"|access_?token|refresh_?token|id_?token|token|custom_?data)"
)
# What stands before a token, and the token. Quantifiers are possessive: nothing is scanned twice.
_TOKENS = (
    # RFC 6750. A challenge (`Bearer authorization_uri="..."`) and prose about tokens hold no token.
    (r"\bbearer ", r"""(?!(?:tokens?|auth[a-z]*)(?![\w.~+/=\-])|[a-z_]+=")[^\s"',;<>]++"""),
    (r"\bsharedaccesssignature[ =:]\s?", r"""[^\s"'<>]++"""),
    # A JSON Web Token always begins with the base64 of `{"`.
    (r"(?<![a-z0-9])", r"(?-i:eyJ)[\w\-]{8,}+(?:\.[\w\-]*+){0,4}"),
    # A member of a JSON object, of one inside a JSON text, and of a Python dict.
    (rf'{_NAMED}"\s?:\s?"', r"""(?:[^"\\]|\\.)++"""),
    (rf'{_NAMED}\\"\s?:\s?\\"', r"""(?:[^"\\]|\\[^"\\]|\\\\(?:\\.|[^\\]))++"""),
    (rf"{_NAMED}'\s?:\s?'", r"""(?:[^'\\]|\\.)++"""),
    # A parameter of a URL or of a command.
    (rf'\b{_NAMED}="', r"""[^"]++"""),
    (rf"\b{_NAMED}='", r"""[^']++"""),
    (rf"\b{_NAMED}=", r"""[^\s"'&;,<>]++"""),
    # Certificates and signatures of a URL that was torn apart, whatever they are called.
    (r"(?<![a-z0-9_+%=\-])", r"[a-z0-9_+%=\-]{100,}+"),
)
# Neither the ellipsis of a text that was cut nor a mask is a token.
_DONE = r" ?…|\[secret\](?:[\s\"'\\&;,<>]|$)"
_MASKED = tuple(re.compile(rf"({before})(?!{_DONE}){token}", re.IGNORECASE) for before, token in _TOKENS)


def redact(text: str, secrets: Iterable[str] = (), *, limit: int = LIMIT) -> str:
    """Return `text` as one line that is safe to show.

    URLs lose query, fragment and user info; operation URLs and tokens vanish; `secrets` are masked also where
    they are JSON-escaped, HTML-escaped, URL-encoded or base64; control characters become spaces.
    """
    masked = _mask(text, secrets)
    line = " ".join("".join(char if char.isprintable() else " " for char in masked).split())
    line = _URL.sub(_shown_url, line)
    for token in _MASKED:
        line = token.sub(rf"\g<1>{MASK}", line)
    return _cut(line, limit)


def _mask(text: str, secrets: Iterable[str]) -> str:
    lowered = text.lower()
    # Custom data can have 64 KB, and to spell it costs milliseconds.
    possible = [secret for secret in secrets if secret and _fits(secret, text)]
    spellings = {spelling for secret in possible for spelling in _spellings(secret)}
    # A plain search is fast and most spellings are not there: only the found ones reach the expression.
    found = [spelling for spelling in spellings if spelling.lower() in lowered]
    if not found:
        return text
    # One pass, the longest first, and what is masked already is kept: a secret may be a part of another one.
    ordered = [MASK, *sorted(found, key=len, reverse=True)]
    return re.sub("|".join(map(re.escape, ordered)), MASK, text, flags=re.IGNORECASE)


def _fits(secret: str, text: str) -> bool:
    """Return whether a text is long enough for the shortest spelling of a secret, which has single spaces."""
    return len(secret) <= len(text) or len(" ".join(secret.split())) <= len(text)


def _spellings(secret: str) -> Iterator[str]:
    """Yield the forms in which servers and Python tracebacks echo a text."""
    raw = secret.encode("utf-8", "surrogatepass")
    candidates = (
        secret,
        " ".join(secret.split()),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        # System.Text.Json, the serializer of .NET, escapes also what is special in HTML.
        re.sub(r"""\\"|[&'+<>`]""", lambda char: rf"\u{ord(char[0][-1]):04x}", json.dumps(secret)[1:-1]),
        repr(secret)[1:-1],
        html.escape(secret),
        quote(raw, safe=""),
        quote_plus(raw),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    )
    return (candidate for candidate in candidates if len(candidate) >= _SHORTEST_SECRET)


def _shown_url(match: re.Match[str]) -> str:
    whole = match[0]
    closing = whole[len(whole.rstrip(_CLOSING)) :]
    shown = _QUERY.split(whole.removesuffix(closing), maxsplit=1)[0]
    if _OPERATION.search(shown):
        return OPERATION_URL + closing
    if match["path"] is not None:
        return shown + closing
    if "%" in match["mark"]:
        return f"<URL>{closing}"
    start = len(match["scheme"]) + len(match["mark"])
    authority, slash, path = shown[start:].partition("/")
    if "@" in path:
        # A second URL inside the path may carry its own user info.
        path = "..."
    return f"{shown[:start]}{authority.rpartition('@')[2]}{slash}{path}{closing}"


def _cut(line: str, limit: int) -> str:
    if len(line) <= limit:
        return line
    head = line[: limit - 2]
    word_end = head.rfind(" ")
    # A text without spaces is cut in the middle of its word, but a mask is never cut.
    head = head[:word_end] if word_end > limit // 2 else _TORN_MASK.sub("", head)
    return f"{head.rstrip()} …".lstrip()

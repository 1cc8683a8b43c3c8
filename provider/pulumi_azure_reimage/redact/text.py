"""Turns a text from outside into one that may be shown.

Rule 1: no secret, no token and no operation URL survives, in any spelling that a server may echo.
Rule 2: the result is one line, at most `LIMIT` characters long, and redacting it again changes nothing.
Rule 3: the time is linear in the length of the text, of which at most `_MOST_READ` is read. A hostile text
costs a second.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .search import find_secrets, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 3000
"""The longest text that `redact` returns, in characters."""

_MOST_READ = 1 << 18

MASK = "[secret]"
OPERATION_URL = "<operation URL>"

# A URL ends at the next white space, quote or bracket. The length of the scheme is limited, so a long word is
# scanned once.
_URL = re.compile(
    r"""(?P<scheme>[a-z][a-z0-9+.\-]{0,20})(?P<mark>:(?:\\?/){2}|%3a%2f%2f)(?P<rest>[^\s"'<>`]*)"""
    r"""|(?P<path>(?:/|%2f)subscriptions(?:/|%2f)[^\s"'<>`]*)""",
    re.IGNORECASE,
)
_QUERY = re.compile(r"[?#]|%3f|%23", re.IGNORECASE)

# The last path segments of asynchronous operations of resource providers, plain or percent-encoded.
_OPERATION = re.compile(r"operations?(?:/|%2f|\\/)|operations?(?:results?|status(?:es)?)\b", re.IGNORECASE)
_TORN_MASK = re.compile(r"[\[<][\w ]*$|\\+$")
_CLOSING = ".,;:!)]}"

_NAMED = (
    r"(?:sig|signature|accountkey|sharedaccesskey|admin_?password|password|client_?secret|client_?assertion"
    r"|access_?token|refresh_?token|id_?token|token|custom_?data)"
)
_DIGITS64 = "[A-Za-z0-9+/]"
# A hash has either no upper-case or no lower-case letters.
_MIXED = r"(?=[A-Za-z+/]{0,59}[0-9])(?=[A-Z0-9+/]{0,59}[a-z])(?=[a-z0-9+/]{0,59}[A-Z])"
# A path begins with a slash, and a path of this length has a dot or a hyphen.
_NO_PATH = rf"(?:(?!/)|(?={_DIGITS64}{{200}}))"
# Lines of 64 or 76 characters, and a shorter one at the end.
_NEXT_LINE = (
    rf" (?:{_DIGITS64}{{60,}}+={{0,2}}|{_DIGITS64}{{1,59}}={{1,2}}|{_MIXED}{_DIGITS64}{{20,59}})(?![\w=])"
)
_BASE64 = rf"{_NO_PATH}{_MIXED}{_DIGITS64}{{60,}}+={{0,2}}(?:{_NEXT_LINE})*+(?![\w.%\-])"
# What comes before a token, and the token. Quantifiers are possessive, so nothing is scanned twice.
_TOKENS = (
    # RFC 6750. A challenge (`Bearer authorization_uri="..."`) and prose about tokens hold no token.
    (r"\bbearer ", r"""(?!(?:tokens?|auth[a-z]*)(?![\w.~+/=\-])|[a-z_]+=")[^\s"',;<>]++"""),
    (r"\bsharedaccesssignature[ =:]\s?", r"""[^\s"'<>]++"""),
    # A JSON Web Token always begins with the base64 of `{"`.
    (r"(?<![a-z0-9])", r"(?-i:eyJ)[\w\-]{8,}+(?:\.[\w\-]*+){0,4}"),
    # A member of a JSON object, of an object inside a JSON text, and of a Python dict.
    (rf'{_NAMED}"\s?:\s?"', r"""(?:[^"\\]|\\.)++"""),
    (rf'{_NAMED}\\"\s?:\s?\\"', r"""(?:[^"\\]|\\[^"\\]|\\\\(?:\\.|[^\\]))++"""),
    (rf"{_NAMED}'\s?:\s?'", r"""(?:[^'\\]|\\.)++"""),
    # A parameter of a URL or of a command.
    (rf'\b{_NAMED}="', r"""[^"]++"""),
    (rf"\b{_NAMED}='", r"""[^']++"""),
    (rf"\b{_NAMED}=", r"""[^\s"'&;,<>]++"""),
    # Custom data, keys and certificates, whole and in lines.
    (r"(?<![\w+%/.\-])", rf"(?-i:{_BASE64})"),
    # Certificates and signatures of a URL that was split, under any name.
    (r"(?<![a-z0-9_+%=\-])", r"[a-z0-9_+%=\-]{100,}+"),
)
# Neither the ellipsis of a truncated text nor a mask is a token.
_DONE = r" ?…|\[secret\](?:[\s\"'\\&;,<>]|$)"
_MASKED = tuple(re.compile(rf"({before})(?!{_DONE}){token}", re.IGNORECASE) for before, token in _TOKENS)


def redact(text: str, secrets: Iterable[str] = (), *, limit: int = LIMIT) -> str:
    """Return `text` as one line that is safe to show.

    URLs lose query, fragment and user info. Operation URLs and tokens are removed. `secrets` are masked even
    if they are escaped, encoded, wrapped or truncated. Control characters become spaces.
    """
    masked = _mask(text if len(text) <= _MOST_READ else f"{text[:_MOST_READ]} …", secrets)
    line = " ".join("".join(char if char.isprintable() else " " for char in masked).split())
    line = _URL.sub(_shown_url, line)
    for token in _MASKED:
        line = token.sub(rf"\g<1>{MASK}", line)
    return _cut(line, limit)


def _mask(text: str, secrets: Iterable[str]) -> str:
    found = find_secrets(text, secrets)
    if not found:
        return text
    # What is already masked stays masked, because a secret may be a part of the mask.
    masks = [mask.span() for mask in re.finditer(re.escape(MASK), text)]
    parts: list[str] = []
    done = 0
    for start, end in joined([*found, *masks]):
        parts += [text[done:start], MASK]
        done = end
    return "".join([*parts, text[done:]])


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
    # A text without spaces is cut in the middle of a word, but a mask is never cut.
    head = head[:word_end] if word_end > limit // 2 else _TORN_MASK.sub("", head)
    return f"{head.rstrip()} …".lstrip()

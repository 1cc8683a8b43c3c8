"""How a server that echoes a secret may spell it. The texts to search for are prepared once.

Only letters and digits are compared, in every reading of a text, because servers change the rest. A secret
with few letters and digits is compared as it is.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from .readings import fold, readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTEST = 4
"""Shorter texts are not secrets, and masking them would make every sentence unreadable."""

PREFIX = 6
"""The least number of letters and digits in a spelling. Fewer match by chance, such as in an id."""

# A run of prose must be longer than one of encoded text before it reveals anything.
_RUN, _RUN_OF_PROSE = 20, 32
# A password can contain spaces too.
_WORDS_OF_PROSE = 5
_LONG = 48
# Longer secrets are searched for in no encoding except base64, which is passed as a secret of its own.
_LONGEST_ENCODED = 4096
_SHORTEST_LINE = 8
_LONGEST_WORD = 16
_CUT, _CUT_OF_PROSE = 4, 8

_SPACE = re.compile(r"[\s+]+")
_WORD = re.compile(r"\W*[^\W\d_]+\W*")
_NAMED_VALUE = re.compile(
    r"""(?:pass\w{0,8}|pwd|secret|token|credentials?|key)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?([^\s"',;]{4,})""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Needle:
    """A spelling of a secret.

    Attributes:
        folded: Its letters and digits.
        before: The punctuation before them.
        behind: The punctuation after them.
        is_base64: Whether adjacent base64 may belong to the secret too.
    """

    folded: str
    before: str = ""
    behind: str = ""
    is_base64: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, prepared for searching.

    Attributes:
        exact: Spellings with few letters and digits, without white space, in lower case.
        needles: The other spellings, by their beginning, with the longest first.
        whole: The letters and digits of the secret itself.
        shortest_cut: The least number of them that is masked where a text was truncated.
        blocks: The position in `whole` of each block of `block` characters of a long secret.
        block: Half the length of the shortest run of a long secret that is masked; 0 for a short secret.
    """

    exact: tuple[str, ...]
    needles: dict[str, list[Needle]]
    whole: str
    shortest_cut: int
    blocks: dict[str, int] = field(default_factory=dict)
    block: int = 0


# Custom data of 64 KB takes a megabyte when it is prepared.
@lru_cache(maxsize=32)
def prepare(secret: str) -> Secret:
    """Return a secret, prepared for searching."""
    is_prose = len(secret.split()) >= _WORDS_OF_PROSE
    spelled = [*_needles(_texts(secret, is_prose=is_prose)), *_encoded(secret)]
    needles: dict[str, list[Needle]] = {}
    for needle in sorted(set(spelled), key=lambda needle: len(needle.folded), reverse=True):
        if len(needle.folded) >= PREFIX:
            needles.setdefault(needle.folded[:PREFIX], []).append(needle)
    whole, _ = fold(secret)
    block = (_RUN_OF_PROSE if is_prose else _RUN) // 2 if len(whole) >= _LONG else 0
    starts = range(0, len(whole) - block + 1, block) if block else ()
    return Secret(
        exact=tuple(_exact(_texts(secret, is_prose=is_prose))),
        needles=needles,
        whole=whole,
        shortest_cut=_CUT_OF_PROSE if is_prose else _CUT,
        # The first of several equal blocks is enough.
        blocks={whole[at : at + block]: at for at in reversed(starts)},
        block=block,
    )


def pack(text: str) -> tuple[str, list[int]]:
    """Return a text without white space, in lower case, and the position of each character."""
    places = [at for at, char in enumerate(text) if not _SPACE.match(char)]
    # Lower case can be longer, and positions must stay valid.
    return "".join([text[at].lower()[0] for at in places]), places


def _texts(secret: str, *, is_prose: bool) -> Iterator[str]:
    """Yield the secret in each reading, and the parts of custom data that reveal something on their own."""
    yield from (reading.text for reading in readings(secret))
    if is_prose:
        yield from (line.strip() for line in secret.splitlines() if _is_telling(line))
        yield from (value for value in _NAMED_VALUE.findall(secret) if not _is_word(value))


def _is_telling(line: str) -> bool:
    return not _is_word(line) and len(fold(line)[0]) >= _SHORTEST_LINE


def _is_word(text: str) -> bool:
    """Report whether a text may be an ordinary word, which is not masked everywhere."""
    return len(text.strip()) < _LONGEST_WORD and _WORD.fullmatch(text) is not None


def _exact(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        packed, _ = pack(text)
        if len(packed) >= SHORTEST and len(fold(text)[0]) < PREFIX:
            yield packed


def _needles(texts: Iterable[str]) -> Iterator[Needle]:
    for text in texts:
        folded, places = fold(text)
        if folded:
            yield Needle(folded, text[: places[0]], text[places[-1] + 1 :])


def _encoded(secret: str) -> Iterator[Needle]:
    """Yield a short secret in base64 and hexadecimal digits, also as a part of a longer text."""
    if len(secret) > _LONGEST_ENCODED:
        return
    # Windows encodes texts, such as the passwords of its answer files, as UTF-16.
    for raw in (secret.encode("utf-8", "surrogatepass"), secret.encode("utf-16-le", "surrogatepass")):
        yield Needle(raw.hex())
        yield Needle(fold(base64.b64encode(raw).decode())[0])
        for skipped in range(3):
            inner = raw[skipped : skipped + (len(raw) - skipped) // 3 * 3]
            folded, _ = fold(base64.b64encode(inner).decode())
            yield Needle(folded, is_base64=True)

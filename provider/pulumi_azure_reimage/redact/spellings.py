"""How a secret may be spelled by those who echo it: the texts that are looked for, prepared once.

Letters and digits are compared, in every reading of a text, because servers change the rest. A secret with
few of them is compared as it is.
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
"""Shorter texts hide nothing, and masking them would make every sentence unreadable."""

PREFIX = 6
"""How many letters and digits a spelling has at least. Fewer are found by chance, such as in an id."""

# A run of prose must be longer than one of an encoded text before it says something.
_RUN, _RUN_OF_PROSE = 20, 32
# A password can have spaces too.
_WORDS_OF_PROSE = 5
_LONG = 48
# Longer secrets are not looked for in another encoding than base64, which comes with them as a secret.
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
        before: The signs in front of them.
        behind: The signs behind them.
        is_base64: Whether base64 beside it may be of the secret too.
    """

    folded: str
    before: str = ""
    behind: str = ""
    is_base64: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, prepared to be looked for.

    Attributes:
        exact: Spellings with few letters and digits, without white space, in lower case.
        needles: The other spellings, by how they begin; the longest first.
        whole: The letters and digits of the secret itself.
        shortest_cut: Of how many of them a part is masked where a text was cut.
        blocks: Where each part of a long secret stands in `whole`, in parts of `block` characters.
        block: Half of the shortest run of a long secret that is masked; 0 of a short secret.
    """

    exact: tuple[str, ...]
    needles: dict[str, list[Needle]]
    whole: str
    shortest_cut: int
    blocks: dict[str, int] = field(default_factory=dict)
    block: int = 0


# Prepared, custom data of 64 KB has a megabyte.
@lru_cache(maxsize=32)
def prepare(secret: str) -> Secret:
    """Return a secret as it is looked for."""
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
        # The first of several equal ones is enough.
        blocks={whole[at : at + block]: at for at in reversed(starts)},
        block=block,
    )


def pack(text: str) -> tuple[str, list[int]]:
    """Return a text without white space, in lower case, and where each character of it stands."""
    places = [at for at, char in enumerate(text) if not _SPACE.match(char)]
    # Lower case can be longer, and places must stay.
    return "".join([text[at].lower()[0] for at in places]), places


def _texts(secret: str, *, is_prose: bool) -> Iterator[str]:
    """Yield the secret in each reading, and the parts of custom data that say something alone."""
    yield from (reading.text for reading in readings(secret))
    if is_prose:
        yield from (line.strip() for line in secret.splitlines() if _is_telling(line))
        yield from (value for value in _NAMED_VALUE.findall(secret) if not _is_word(value))


def _is_telling(line: str) -> bool:
    return not _is_word(line) and len(fold(line)[0]) >= _SHORTEST_LINE


def _is_word(text: str) -> bool:
    """Report whether a text may be an ordinary word, which is not hidden wherever it stands."""
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
    # Windows encodes texts as UTF-16, such as the passwords of its answer files.
    for raw in (secret.encode("utf-8", "surrogatepass"), secret.encode("utf-16-le", "surrogatepass")):
        yield Needle(raw.hex())
        yield Needle(fold(base64.b64encode(raw).decode())[0])
        for skipped in range(3):
            inner = raw[skipped : skipped + (len(raw) - skipped) // 3 * 3]
            folded, _ = fold(base64.b64encode(inner).decode())
            yield Needle(folded, is_base64=True)

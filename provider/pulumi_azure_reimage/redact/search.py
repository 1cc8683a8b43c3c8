"""Finds secrets in a text, in any spelling, whole or in part.

Rule 1: every reading of the text is searched.
Rule 2: every part of a long secret that has a certain length is found, so an echo that was truncated or
quoted in part is found too. Where a text was truncated, at its end or at an ellipsis, a shorter part is
enough.
Rule 3: the time is linear in the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import takewhile
from typing import TYPE_CHECKING

from .readings import TORN_ESCAPE, fold, readings
from .spellings import PREFIX, SHORTEST, pack, prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .spellings import Needle, Secret

Span = tuple[int, int]

_LONGEST_CUT = 64
_LONGEST_ESCAPE = 12

_CUT = re.compile(r"…|\.{3,}|\Z")
# The characters beside the part of a secret's base64 that does not depend on neighbouring bytes.
_BASE64_EDGE = 4
_BASE64_BEFORE, _BASE64_BEHIND = re.compile(r"[\w+/=\-]*"), re.compile(r"[\w+/=\-]*\Z")
_BLANK = re.compile(r"[\s+]")


def find_secrets(text: str, secrets: Iterable[str]) -> list[Span]:
    """Return the parts of a text that show a part of a secret, in order and without overlaps."""
    prepared = [prepare(secret) for secret in dict.fromkeys(secrets) if len(secret) >= SHORTEST]
    if not prepared:
        return []
    found: list[Span] = []
    for reading in readings(text):
        spans = _find(reading.text, prepared)
        found += [(reading.starts[start], reading.ends[end - 1]) for start, end in spans]
    return joined(found)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, with adjacent ones merged."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


def _find(text: str, secrets: list[Secret]) -> Iterator[Span]:
    folded, places = fold(text)
    for secret in secrets:
        yield from _find_exact(text, secret)
        yield from _find_needles(text, folded, places, secret)
        if secret.block:
            runs = _find_runs(folded, secret)
            yield from ((places[start], places[end - 1] + 1) for start, end in runs)
        yield from _find_cut(text, folded, places, secret)


def _find_exact(text: str, secret: Secret) -> Iterator[Span]:
    if not secret.exact:
        return
    packed, places = pack(text)
    for spelling in secret.exact:
        at = packed.find(spelling)
        while at >= 0:
            yield places[at], places[at + len(spelling) - 1] + 1
            at = packed.find(spelling, at + len(spelling))


def _find_needles(text: str, folded: str, places: list[int], secret: Secret) -> Iterator[Span]:
    for at in range(len(folded) - PREFIX + 1):
        for needle in secret.needles.get(folded[at : at + PREFIX], ()):
            if folded.startswith(needle.folded, at):
                yield _widened(text, places[at], places[at + len(needle.folded) - 1] + 1, needle)
                break


def _widened(text: str, start: int, end: int, needle: Needle) -> Span:
    """Return the span of a needle, including the adjacent characters that belong to it."""
    if needle.is_base64:
        edge = _BASE64_BEHIND.search(text, max(0, start - _BASE64_EDGE), start)
        beyond = _BASE64_BEFORE.match(text, end, end + _BASE64_EDGE)
        return edge.start() if edge else start, beyond.end() if beyond else end
    size = len(needle.before)
    start -= _same(text[max(0, start - size) : start][::-1], needle.before[::-1])
    return start, end + _same(text[end : end + len(needle.behind)], needle.behind)


def _same(text: str, signs: str) -> int:
    """Return the length of the common prefix of two texts, in which a plus may be a space."""
    pairs = zip(_BLANK.sub(" ", text), _BLANK.sub(" ", signs), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _find_runs(folded: str, secret: Secret) -> Iterator[Span]:
    """Find runs of a long secret that are about twice as long as its blocks."""
    whole, block = secret.whole, secret.block
    at = 0
    while at <= len(folded) - block:
        there = secret.blocks.get(folded[at : at + block])
        if there is None:
            at += 1
            continue
        start, end = at, at + block
        # A run that is long enough holds a whole block, and begins less than a block before it.
        while start > 0 and there > 0 and at - start < block and folded[start - 1] == whole[there - 1]:
            start, there = start - 1, there - 1
        there += end - start
        while end < len(folded) and there < len(whole) and folded[end] == whole[there]:
            end, there = end + 1, there + 1
        is_long = end - start >= 2 * block - 1
        if is_long:
            yield start, end
        # Another run may begin inside a run that is too short.
        at = end if is_long else at + 1


def _find_cut(text: str, folded: str, places: list[int], secret: Secret) -> Iterator[Span]:
    """Find the beginning of a secret before a cut, and the end of one after it."""
    whole, shortest = secret.whole, secret.shortest_cut
    if len(whole) < shortest:
        return
    for cut in _CUT.finditer(text):
        torn = TORN_ESCAPE.search(text, max(0, cut.start() - _LONGEST_ESCAPE), cut.start())
        for shown_end in {cut.start(), torn.start() if torn else cut.start()}:
            behind = bisect_left(places, shown_end)
            start = _begins(folded[max(0, behind - _LONGEST_CUT) : behind], whole, shortest)
            # If the whole secret is a needle, nothing after it belongs to it.
            if 0 < start < len(whole):
                yield places[behind - start], cut.start()
        first = bisect_left(places, cut.end())
        length = _begins(folded[first : first + _LONGEST_CUT][::-1], whole[::-1], shortest)
        if length and cut[0]:
            yield cut.end(), places[first + length - 1] + 1


def _begins(end_of_text: str, secret: str, shortest: int) -> int:
    """Return the number of characters at the end of a text that are the beginning of a secret."""
    at = end_of_text.find(secret[:shortest])
    while at >= 0:
        if secret.startswith(end_of_text[at:]):
            return len(end_of_text) - at
        at = end_of_text.find(secret[:shortest], at + 1)
    return 0

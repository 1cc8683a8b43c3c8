"""Where two answers differ: status, headers, and every key, type and value of the body.

The server chooses the ids, so they may differ. But one id in the recording must be one id in the simulator,
and two must be two. This distinguishes a disk that changed from one that did not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from urllib.parse import parse_qsl, urlsplit

from pulumi_azure_reimage.simulator import Response

from .recording import Recorded

# A GUID, or the end of an OS disk's name.
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=_OsDisk_1_)[0-9a-f]{32}")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d:\d\d)")
_LIMITS = "x-ms-ratelimit-remaining-resource"
_LINKS = ("azure-asyncoperation", "location")
# Azure/azure-cli, src/azure-cli-testsdk, FILTER_HEADERS: the recording does not show whether they were sent.
_STRIPPED = {"retry-after", "x-ms-request-id", "x-ms-correlation-request-id"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the simulator answers differently than Azure did."""

    place: str
    recorded: object
    simulated: object


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares the answers of one replay, and remembers which ids correspond."""

    simulated_of: dict[str, str] = field(default_factory=dict)
    recorded_of: dict[str, str] = field(default_factory=dict)

    def differences(self, recorded: Recorded, simulated: Response) -> Iterator[Difference]:
        """Find every difference between two answers."""
        if recorded.status != simulated.status:
            yield Difference("status", recorded.status, simulated.status)
        yield from self._headers(recorded, simulated)
        document = simulated.json() if simulated.body else ""
        yield from self._value("body", recorded.answer, document)

    def _headers(self, recorded: Recorded, simulated: Response) -> Iterator[Difference]:
        # The transcription of 2019 has only some of the headers, and notes that one more was missing.
        known = {*recorded.headers, "retry-after"}
        ours = {name: value for name, value in simulated.headers.items() if name in known}
        if recorded.all_headers:
            ours = {name: value for name, value in simulated.headers.items() if name not in _STRIPPED}
        for name in sorted({*recorded.headers, *ours}):
            theirs, mine = recorded.headers.get(name), ours.get(name)
            place = f"header {name}"
            if theirs is None or mine is None:
                yield Difference(place, theirs, mine)
            elif name in _LINKS:
                yield from self._link(place, theirs, mine)
            elif name == _LIMITS:
                yield from _limits(place, theirs, mine)
            elif name == "content-length":
                # The recorded length belongs to other names. What counts is that the length is right.
                if (int(theirs) == 0) != (int(mine) == 0) or int(mine) != len(simulated.body):
                    yield Difference(place, theirs, mine)
            else:
                yield from self._value(place, theirs, mine)
        length = len(simulated.headers.get("location", ""))
        if recorded.link_length not in (None, length):
            yield Difference("length of location", recorded.link_length, length)

    def _link(self, place: str, theirs: str, mine: str) -> Iterator[Difference]:
        """Compare two signed URLs, except for the signed part, which is opaque."""
        one, other = urlsplit(theirs), urlsplit(mine)
        yield from self._value(f"{place}, path", f"{one.netloc}{one.path}", f"{other.netloc}{other.path}")
        first, second = dict(parse_qsl(one.query)), dict(parse_qsl(other.query))
        if list(first) != list(second):
            yield Difference(f"{place}, parameters", list(first), list(second))
        for name in ("p", "monitor"):
            if name in first and name in second:
                yield from self._value(f"{place}, parameter {name}", first[name], second[name])

    def _value(self, place: str, theirs: object, mine: object) -> Iterator[Difference]:
        if isinstance(theirs, dict) and isinstance(mine, dict):
            if list(theirs) != list(mine) and sorted(theirs) == sorted(mine):
                yield Difference(f"{place}, order", list(theirs), list(mine))
            for key in {**theirs, **mine}:
                yield from self._member(f"{place}.{key}", key, theirs, mine)
        elif isinstance(theirs, list) and isinstance(mine, list):
            for index, (one, other) in enumerate(zip_longest(theirs, mine)):
                yield from self._value(f"{place}.{index}", one, other)
        elif isinstance(theirs, str) and isinstance(mine, str):
            if _plain(theirs) != _plain(mine):
                yield Difference(place, theirs, mine)
            elif not self._same_ids(theirs, mine):
                yield Difference(f"{place}, identity", theirs, mine)
        elif theirs != mine or type(theirs) is not type(mine):
            yield Difference(place, theirs, mine)

    def _member(
        self, place: str, key: str, theirs: Mapping[str, object], mine: Mapping[str, object]
    ) -> Iterator[Difference]:
        if key not in theirs or key not in mine:
            yield Difference(place, theirs.get(key, "absent"), mine.get(key, "absent"))
        else:
            yield from self._value(place, theirs[key], mine[key])

    def _same_ids(self, theirs: str, mine: str) -> bool:
        pairs = list(zip(_ID.findall(theirs), _ID.findall(mine), strict=True))
        return all(
            self.simulated_of.setdefault(one, other) == other
            and self.recorded_of.setdefault(other, one) == one
            for one, other in pairs
        )


def _plain(text: str) -> str:
    """Return a text with its ids taken out, and its times as precise as the simulator knows them."""
    return _TIME.sub(_time, _ID.sub("{id}", text))


def _time(found: re.Match[str]) -> str:
    # Azure counts in 100 ns, Python in microseconds. The offset stays visible.
    whole, _, fraction = found[1].partition(".")
    moment = datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}{found[2]}")
    return f"{moment.astimezone(UTC).isoformat()} written with {found[2]}"


def _limits(place: str, theirs: str, mine: str) -> Iterator[Difference]:
    first, second = (dict(part.split(";") for part in text.split(",")) for text in (theirs, mine))
    if list(first) != list(second):
        yield Difference(f"{place}, names", list(first), list(second))
    elif first != second:
        yield Difference(f"{place}, numbers", theirs, mine)

"""Raw requests that are nearly valid, from a seed: well-formed ones with a few mistakes each.

`make test` sends some of them; `python -m bench.simulator` sends ten thousand.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

from .raw_http import exchange, statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pulumi_azure_reimage.simulator import RunningServer, Simulator

_TOKENS = (
    b"\x00", b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"/", b"?", b"#", b"%", b"%00", b"%ff", b"%2f",
    b"%2e%2e", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"-1", b"0", b"9" * 30, b"1e999", b"NaN",
    b"{", b"}", b'"', b"\\ud800", b"null", b"[" * 20_000, b"x" * 3_000, b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: x\r\n",
    b"Host: x\r\n", b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"http://", b"HTTP/1.1",
    b"HTTP/0.9", b"api-version=", b"$expand=instanceView",
)  # fmt: skip
_BODIES = (
    b"",
    b"{}",
    b'{"exactVersion": "1.0"}',
    b'{"location": "westus", "properties": {"storageProfile": {"osDisk": {"deleteOption": "Delete"}}}}',
    b'{"location": "westus", "properties": {"osProfile": {"adminPassword": "\\ud800", "customData": 1}}}',
    b'{"location": 1, "properties": [], "tags": {"a": {}}, "sku": null, "zones": "1"}',
    b'{"tempDisk": true, "osProfile": {"adminPassword": "p4ssw0rd!", "customData": "dGVzdA=="}}',
)


def fuzzed(simulator: Simulator, seed: int, count: int) -> Iterator[bytes]:
    """Yield requests about the machines of `simulator`. The same seed yields the same requests."""
    random = Random(seed)  # noqa: S311 - no secret depends on it.
    targets = _targets(simulator)
    for _ in range(count):
        sent = _request(random, targets)
        for _ in range(random.randint(0, 3)):
            sent = random.choice(_MUTATIONS)(random, sent)
        yield sent


def send_all(server: RunningServer, requests: Iterator[bytes]) -> Counter[int]:
    """Send each request over its own connection, and count the statuses that come back.

    Raises:
        AssertionError: A request got no answer, a 5xx, or something other than responses.
        TimeoutError: The server neither answered nor closed the connection.
    """
    counted: Counter[int] = Counter()
    for sent in requests:
        received = exchange(server, sent)
        assert statuses(received) or not sent.strip(b"\r\n"), f"no answer to {sent!r}"
        assert re.match(rb"HTTP/1\.1 [1-5][0-9]{2} |$", received), f"{received[:80]!r} answers {sent!r}"
        assert max(statuses(received), default=0) < 500, f"{received[:80]!r} answers {sent!r}"
        counted.update(statuses(received))
    return counted


def check_whole(simulator: Simulator, state: Path) -> None:
    """Read everything that the simulator keeps.

    Raises:
        AssertionError: The state file is damaged.
    """
    with closing(sqlite3.connect(state)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert all(isinstance(request.masked_body(), str) for request in simulator.requests())
    assert simulator.machines()
    assert simulator.disks()


def _targets(simulator: Simulator) -> Sequence[tuple[bytes, str]]:
    version = "?api-version=2024-07-01"
    authorization = "/providers/Microsoft.Authorization"
    targets = [(b"GET", "/"), (b"GET", f"/subscriptions{version}")]
    for machine in simulator.machines():
        targets += [
            (b"POST", f"{machine.id}/reimage{version}"),
            (b"GET", f"{machine.id}{version}"),
            (b"PUT", f"{machine.id}{version}"),
            (b"PATCH", f"{machine.id}{version}"),
            (b"POST", f"{machine.id}/restart{version}"),
            (b"PUT", f"{machine.id}/extensions/x{version}"),
            (b"PUT", f"{machine.os_disk_id}?api-version=2024-03-02"),
            (b"PUT", f"{machine.id.partition('/providers/')[0]}?api-version=2021-04-01"),
            (b"GET", f"{machine.id}{version}&$expand=instanceView"),
            (b"GET", f"{machine.id}/instanceView{version}"),
            (b"GET", f"{machine.id.rpartition('/')[0]}{version}"),
            (b"GET", f"{machine.os_disk_id}?api-version=2024-03-02"),
            (b"GET", f"{machine.id}{authorization}/locks?api-version=2020-05-01"),
            (b"GET", f"{machine.id}{authorization}/permissions?api-version=2022-04-01"),
        ]
    return targets


def _request(random: Random, targets: Sequence[tuple[bytes, str]]) -> bytes:
    method, target = random.choice(targets)
    body = random.choice(_BODIES)
    if random.random() < 0.3:
        body = random.choice(_MUTATIONS)(random, body)
    lines = (
        method + b" " + target.encode() + b" HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Authorization: Bearer token",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
    )
    return b"\r\n".join((*lines, b"", body))


def _insert(random: Random, sent: bytes) -> bytes:
    at = random.randint(0, len(sent))
    return sent[:at] + random.choice(_TOKENS) + sent[at:]


def _insert_bytes(random: Random, sent: bytes) -> bytes:
    at = random.randint(0, len(sent))
    return sent[:at] + random.randbytes(random.randint(1, 8)) + sent[at:]


def _delete(random: Random, sent: bytes) -> bytes:
    at = random.randint(0, len(sent))
    return sent[:at] + sent[at + random.randint(1, 20) :]


def _repeat(random: Random, sent: bytes) -> bytes:
    at = random.randint(0, len(sent))
    return sent[:at] + sent[at : at + random.randint(1, 200)] + sent[at:]


def _flip(random: Random, sent: bytes) -> bytes:
    at = random.randint(0, len(sent))
    return sent[:at] + bytes(byte ^ 1 << random.randrange(8) for byte in sent[at : at + 1]) + sent[at + 1 :]


def _cut(random: Random, sent: bytes) -> bytes:
    return sent[: random.randint(0, len(sent))]


_MUTATIONS: tuple[Callable[[Random, bytes], bytes], ...] = (
    _insert,
    _insert,
    _insert_bytes,
    _delete,
    _repeat,
    _flip,
    _cut,
)

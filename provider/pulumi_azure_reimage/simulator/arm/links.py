"""Operation URLs as ARM signs them: `?p=&api-version=&t=&c=&s=&h=`, about 3.2 KB long.

Rule 1: a URL identifies its operation, and its signature covers its path and its parameters, except the
`api-version`. The order of the parameters does not matter. Clients need both exceptions: if a program chooses
an API version, azcore for Go puts it into each URL that it polls and sorts the query
(runtime/policy_api_version.go).
Rule 2: the signature is an HMAC. ARM's is a certificate (`c`), an RSA signature (`s`) and a hash (`h`).
The lengths are those of a recorded URL (Azure/azure-cli, test_vm_reimage.yaml, 2024-08-26: 3,224 characters).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import NAMESPACE_DNS, uuid5

from .request import query_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..world.records import Records

_UNSIGNED = "api-version"
_SEAL = ("c", "s", "h")
_FIRST_TICK = datetime(1, 1, 1, tzinfo=UTC)
_CERTIFICATE_BYTES = 1931
_SIGNATURE_BYTES = 256  # RSA-2048, as the recorded lengths suggest.


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@lru_cache(maxsize=64)
def _certificate(key: bytes) -> str:
    """Return the certificate of a key, which is derived from it, so no poll reads it from the state."""
    return _text(hashlib.shake_256(b"certificate" + key).digest(_CERTIFICATE_BYTES))


@lru_cache(maxsize=64)
def partition(location: str) -> str:
    """Return the `p` of a region. In the recordings of 2023 and 2024, it was the same in all its URLs."""
    return str(uuid5(NAMESPACE_DNS, location.lower()))


def _ticks(moment: datetime) -> int:
    """Count .NET ticks of 100 ns since the year 1."""
    return (moment - _FIRST_TICK) // timedelta(microseconds=1) * 10


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Creates operation URLs, and recognizes them."""

    key: bytes

    @classmethod
    def new(cls) -> LinkSigner:
        """Create a signer with a new key."""
        return cls(secrets.token_bytes(32))

    def sign(self, path: str, *, location: str, api_version: str, at: datetime, monitor: bool) -> str:
        """Return `path` with its signed query. `monitor` selects the `Location` form."""
        watched = [("monitor", "true")] if monitor else []
        first = [("p", partition(location)), *watched]
        rest = [("t", str(_ticks(at)))]
        query = [*first, (_UNSIGNED, api_version), *rest, *self._seal(path, [*first, *rest])]
        # As recorded: nothing in it needs percent-encoding.
        return f"{path}?{'&'.join(f'{name}={value}' for name, value in query)}"

    def trusts(self, path: str, query: str) -> bool:
        """Return whether this signer created the URL. The case of its path is ignored."""
        given = [pair for pair in query_pairs(query) if pair[0].lower() != _UNSIGNED]
        seal = [pair for pair in given if pair[0] in _SEAL]
        expected = self._seal(path, [pair for pair in given if pair[0] not in _SEAL])
        # Not in constant time, because the links of a simulator protect nothing.
        return sorted(seal) == sorted(expected)

    def _seal(self, path: str, signed: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the `c`, and the `s` and the `h` of a path and of parameters in any order."""
        hashed = hashlib.sha256(f"{path.lower()}?{sorted(signed)!r}".encode()).digest()
        signature = hashlib.shake_256(hmac.digest(self.key, hashed, "sha256")).digest(_SIGNATURE_BYTES)
        return list(zip(_SEAL, (_certificate(self.key), _text(signature), _text(hashed)), strict=True))


def load_signer(records: Records) -> LinkSigner:
    """Return the signer of operation URLs, which is created once for each state."""
    stored = records.setting("signer")
    if stored is not None:
        return LinkSigner(base64.b64decode(stored["key"]))
    signer = LinkSigner.new()
    records.put_setting("signer", {"key": base64.b64encode(signer.key).decode()})
    return signer

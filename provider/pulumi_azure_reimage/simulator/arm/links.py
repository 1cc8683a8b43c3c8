"""Operation URLs as ARM signs them: `?p=&api-version=&t=&c=&s=&h=`, about 3.2 KB long.

Rule 1: a URL says where its operation is, and its signature covers every part of it.
Rule 2: the signature is an HMAC; ARM's is a certificate (`c`), an RSA signature (`s`) and a hash (`h`).
The lengths are those of a recorded URL (Azure/azure-cli, test_vm_reimage.yaml, 2024-08-26: 3,224 characters).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from uuid import NAMESPACE_DNS, uuid5

if TYPE_CHECKING:
    from ..world.records import Records

_FIRST_TICK = datetime(1, 1, 1, tzinfo=UTC)
_CERTIFICATE_BYTES = 1931
_SIGNATURE_BYTES = 256  # RSA-2048, as the recorded lengths suggest.


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def partition(location: str) -> str:
    """Return the `p` of a region: recorded in 2023 and 2024, it was the same in all its URLs."""
    return str(uuid5(NAMESPACE_DNS, location.lower()))


def _ticks(moment: datetime) -> int:
    """Count .NET ticks of 100 ns since the year 1."""
    return (moment - _FIRST_TICK) // timedelta(microseconds=1) * 10


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Makes operation URLs and knows its own again."""

    key: bytes
    certificate: str

    @classmethod
    def new(cls) -> LinkSigner:
        """Make a signer with a fresh key."""
        return cls(secrets.token_bytes(32), _text(secrets.token_bytes(_CERTIFICATE_BYTES)))

    def sign(self, path: str, *, location: str, api_version: str, at: datetime, monitor: bool) -> str:
        """Return `path` with its signed query; `monitor` makes the `Location` form."""
        watched = "&monitor=true" if monitor else ""
        query = (
            f"p={partition(location)}{watched}&api-version={api_version}&t={_ticks(at)}&c={self.certificate}"
        )
        return f"{path}?{query}&s={self._signature(path, query)}&h={self._hash(path, query)}"

    def trusts(self, path: str, query: str) -> bool:
        """Tell whether this signer made the URL, the letter case of its path aside."""
        signed, separator, rest = query.rpartition("&s=")
        given = dict(parse_qsl(f"s={rest}")) if separator else {}
        expected = f"{self._signature(path, signed)} {self._hash(path, signed)}"
        return hmac.compare_digest(f"{given.get('s')} {given.get('h')}".encode(), expected.encode())

    def _signature(self, path: str, query: str) -> str:
        digest = hmac.digest(self.key, f"{path.lower()}?{query}".encode(), "sha256")
        return _text(hashlib.shake_256(digest).digest(_SIGNATURE_BYTES))

    @staticmethod
    def _hash(path: str, query: str) -> str:
        return _text(hashlib.sha256(f"{path.lower()}?{query}".encode()).digest())


def load_signer(records: Records) -> LinkSigner:
    """Return the signer of operation URLs, which is made once for each state."""
    stored = records.setting("signer")
    if stored is not None:
        return LinkSigner(base64.b64decode(stored["key"]), stored["certificate"])
    signer = LinkSigner.new()
    value = {"key": base64.b64encode(signer.key).decode(), "certificate": signer.certificate}
    records.put_setting("signer", value)
    return signer

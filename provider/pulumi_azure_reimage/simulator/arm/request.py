"""A request with its parsed URL, and its subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from .errors import ArmError
from .paths import (
    ActivityLogPath,
    ExtensionPath,
    GalleryVersionPath,
    LocksPath,
    MachinePath,
    MarketplaceVersionListPath,
    MarketplaceVersionPath,
    OperationPath,
    PermissionsPath,
    parse_path,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..http.messages import Request
    from ..world.records import Records


_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


# A signed link is 3 KB long, and its pairs are needed for the request and for the signature.
@lru_cache(maxsize=64)
def query_pairs(query: str) -> tuple[tuple[str, str], ...]:
    """Return the parameters of a query, decoded, in their order."""
    return tuple(parse_qsl(query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a request: the kind that scripts use, and the machine."""

    kind: str
    name: str | None = None
    machine_key: str | None = None


@dataclass(frozen=True, slots=True)
class ArmRequest:
    """A request with its parsed URL. The names of query parameters are in lower case."""

    http: Request
    url: SplitResult
    query: Mapping[str, str]

    @classmethod
    def of(cls, request: Request) -> ArmRequest:
        """Parse the URL of a request. A text that is not a URL counts as a path."""
        try:
            url = urlsplit(request.url)
        except ValueError:  # Such as a bracket without an address.
            url = SplitResult("", "", request.url, "", "")
        query = {key.lower(): value for key, value in query_pairs(url.query)}
        return cls(request, url, query)

    @property
    def has_path(self) -> bool:
        """Whether the path is valid: percent-encoded UTF-8 without control characters.

        HTTP.sys, Azure's front end, refuses others (Microsoft Learn, "Error logging in HTTP APIs": URL).
        """
        path = self.url.path
        if not path.startswith("/") or _BAD_ESCAPE.search(path):
            return False
        try:
            decoded = unquote(path, errors="strict")
            decoded.encode()
        except UnicodeError:
            return False
        return not _CONTROL.search(decoded)

    @property
    def path(self) -> str:
        """The path without percent-encoding and without a trailing slash."""
        return unquote(self.url.path).rstrip("/")

    @property
    def base(self) -> str:
        """Scheme, host and port as the client wrote them, to which ARM's links lead back."""
        return f"{self.url.scheme}://{self.url.netloc}"

    @property
    def api_version(self) -> str | None:
        """The `api-version`, if there is one."""
        return self.query.get("api-version") or None

    @property
    def is_monitor(self) -> bool:
        """Whether an operation URL is the `Location` one."""
        return self.query.get("monitor", "").lower() == "true"

    def subject(self, records: Records) -> Subject:
        """Return the subject of the request."""
        if not self.has_path:
            return Subject("other")
        try:
            path = parse_path(self.path)
        except ArmError:
            return Subject("other")
        match path:
            case MachinePath():
                subject = _about_machine(records, _kind(self.http.method, path.action), path.id, path.name)
            case OperationPath():
                operation = records.operation(path.operation_id)
                kind = "location" if self.is_monitor else "poll"
                subject = Subject(kind)
                if operation is not None:
                    subject = Subject(kind, operation.machine_name, operation.machine_key)
            case ExtensionPath():
                subject = _about_machine(records, "extension", path.machine_id, path.name)
            case PermissionsPath():
                subject = _about_machine(records, "permissions", path.scope.lower(), None)
            case LocksPath():
                subject = _about_machine(records, "locks", path.scope.lower(), None)
            case _:
                subject = Subject(_OF_NO_MACHINE.get(type(path), "other"))
        return subject


_OF_NO_MACHINE: Mapping[type, str] = MappingProxyType(
    {
        ActivityLogPath: "activity",
        MarketplaceVersionListPath: "image",
        MarketplaceVersionPath: "image",
        GalleryVersionPath: "image",
    }
)


def _kind(method: str, action: str) -> str:
    """Return the script's word for a request that concerns a VM. `POST` means a reimage."""
    return "action" if method == "POST" and action != "reimage" else method


def _about_machine(records: Records, kind: str, key: str, unknown: str | None) -> Subject:
    machine = records.machine(key)
    return Subject(kind, unknown if machine is None else machine.name, key)

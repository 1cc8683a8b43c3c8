"""What the saved state holds of one reimage: how far the three resources got with the last request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAMES = ("ReimageRequest", "ReimageOperation", "ReimageResult")


@dataclass(frozen=True, slots=True)
class Saved:
    """One state.

    Attributes:
        request: The id of the last request that was decided; empty if there is none.
        sent: The outcome that ReimageOperation holds for that request; empty if there is none.
        ended: The status that ReimageResult holds for that request; empty if there is none.
        status: The status of the saved result, for any request.
        disk: The name of the OS disk in the saved result.
    """

    request: str = ""
    sent: str = ""
    ended: str = ""
    status: str = ""
    disk: str = ""

    @classmethod
    def read(cls, checkpoint: Path) -> Saved:
        """Read the state from the backend's file."""
        request, operation, result = (_outputs(checkpoint, name) for name in _NAMES)
        id_ = str(_part(request, "request").get("id", ""))
        last = _part(operation, "operation")
        told = _part(result, "result")
        is_sent = bool(id_) and last.get("request_id") == id_
        is_over = is_sent and str(result.get("key", "")).startswith(f"{id_}/")
        return cls(
            request=id_,
            sent=str(last.get("outcome", "")) if is_sent else "",
            ended=str(told.get("status", "")) if is_over else "",
            status=str(told.get("status", "")),
            disk=str(told.get("os_disk_id", "")).rpartition("/")[2],
        )


def _part(outputs: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = outputs.get(name) or {}
    return found


def _outputs(checkpoint: Path, name: str) -> Mapping[str, Any]:
    latest = json.loads(checkpoint.read_text())["checkpoint"].get("latest") or {}
    for resource in latest.get("resources") or []:
        if resource["type"].endswith(f":{name}"):
            found: Mapping[str, Any] = resource.get("outputs") or {}
            return found
    return {}

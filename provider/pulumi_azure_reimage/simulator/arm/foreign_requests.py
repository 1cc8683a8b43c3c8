"""Requests of other callers, which this simulator creates as their tools would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..http.messages import Request

if TYPE_CHECKING:
    from collections.abc import Mapping


def foreign_reimage(machine_id: str, body: Mapping[str, object] | None) -> Request:
    """Return the request for a reimage as `az vm reimage` sends it, with its api-version of 2022."""
    headers = {"authorization": "Bearer of someone else"}
    if body is not None:
        headers["content-type"] = "application/json"
    url = f"https://management.azure.com{machine_id}/reimage?api-version=2022-11-01"
    return Request("POST", url, headers, b"" if body is None else json.dumps(body).encode())

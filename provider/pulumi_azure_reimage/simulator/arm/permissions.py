"""What the caller may do with a machine, as Microsoft.Authorization lists it.

https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.messages import Response, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

API_VERSIONS = ("2022-04-01",)


def permissions_response(actions: Iterable[str]) -> Response:
    """Return one role with `actions`."""
    role = {"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}
    return json_response(200, {"value": [role]})

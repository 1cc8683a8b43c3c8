"""Lists in pages. The rest of a list is behind `nextLink`, whose `$skiptoken` says where it continues."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from ..http.messages import Response, json_response
from .errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .request import ArmRequest

# How many entries Azure returns is not documented, and differs between lists.
PAGE_SIZE = 50


def page(request: ArmRequest, documents: Sequence[Mapping[str, Any]]) -> Response:
    """Answer with the requested page. The documents are sorted by their ids.

    Raises:
        ArmError: The `$skiptoken` is not one of ours.
    """
    after = _read_token(request)
    left = [document for document in documents if document["id"].lower() > after]
    body: dict[str, Any] = {"value": left[:PAGE_SIZE]}
    if len(left) > PAGE_SIZE:
        body["nextLink"] = _next_link(request, left[PAGE_SIZE - 1]["id"])
    return json_response(200, body)


def _next_link(request: ArmRequest, last: str) -> str:
    token = base64.urlsafe_b64encode(last.lower().encode()).decode()
    query = {key: value for key, value in request.query.items() if key != "$skiptoken"}
    further = urlencode({**query, "$skiptoken": token}, quote_via=quote, safe="$")
    return f"{request.base}{request.url.path}?{further}"


def _read_token(request: ArmRequest) -> str:
    token = request.query.get("$skiptoken", "")
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        # Status and code are ARM's for a query that it cannot read. The message is ours.
        raise ArmError(400, "InvalidSkipToken", f"The $skiptoken '{token}' is not valid.") from error

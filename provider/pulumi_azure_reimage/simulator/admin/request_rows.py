"""The rows of the page's request log."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from .markup import Markup, joined, markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..http.request_log import LoggedRequest

_NONE = Markup("""\
<tr role="row" data-key="none"><td role="cell" colspan="5" class="none">No request was received.</td></tr>""")
_ROW = """\
<tr role="row" data-key="{key}">
<td role="cell">{time}</td>
<td role="cell"><strong>{method}</strong></td>
<td role="cell"><span class="tag {kind}">{status}</span></td>
<td role="cell">{name}</td>
<td role="cell"><code>{path}</code>{note}{body}</td>
</tr>"""
_BODY = "<details><summary>Body</summary><pre>{}</pre></details>"


def request_rows(requests: Sequence[LoggedRequest]) -> Markup:
    """Write one row for each request, the newest first."""
    return joined(map(_row, reversed(requests))) if requests else _NONE


def _row(request: LoggedRequest) -> Markup:
    body = request.masked_body()
    return markup(
        _ROW,
        key=f"{request.time.isoformat()} {request.method} {request.path}",
        time=f"{request.time:%H:%M:%S}",
        method=request.method,
        kind="good" if request.status is not None and request.status < HTTPStatus.BAD_REQUEST else "bad",
        status="cut" if request.status is None else request.status,
        name=request.name or "",
        path=request.path,
        note=markup(' <span class="detail">{}</span>', request.note) if request.note else Markup(""),
        body=markup(_BODY, body) if body else Markup(""),
    )

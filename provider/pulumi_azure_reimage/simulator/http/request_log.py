"""The request log: what reached the simulator, with the body that was sent, and without tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

_SECRETS = frozenset({"adminpassword", "customdata", "userdata", "protectedsettings"})
_MASK = "***"


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it was received, and the status of its answer.

    Attributes:
        name: The VM that it concerns, as the inventory spells its name; None if there is none.
        body: The body as it was sent, including secrets, for tests. To show it, use `masked_body`.
        status: The status of the answer; None if the connection was cut instead.
        has_authorization: Whether it had an Authorization header. The value is not kept.
        note: How the answer differs from Azure's; empty if no difference is known.
    """

    time: datetime
    method: str
    path: str
    api_version: str | None
    name: str | None
    body: str = field(repr=False)
    status: int | None
    client_request_id: str | None
    correlation_id: str | None
    has_authorization: bool
    note: str = ""

    @property
    def is_reimage(self) -> bool:
        """Whether this is the POST that requests a reimage."""
        return self.method == "POST" and self.path.lower().endswith("/reimage")

    def json(self) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Return the body as a JSON document; None for an empty body."""
        return json.loads(self.body) if self.body else None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON for programs, with passwords and custom data masked."""
        return {
            "time": self.time.isoformat(),
            "method": self.method,
            "path": self.path,
            "apiVersion": self.api_version,
            "name": self.name,
            "status": self.status,
            "body": self.masked_body(),
            "clientRequestId": self.client_request_id,
            "correlationId": self.correlation_id,
            "note": self.note,
        }

    def masked_body(self) -> str:
        """Return the body with passwords and custom data masked."""
        if not self.body:
            return ""
        try:
            return json.dumps(_masked(_without_secure_parameters(self.json())))
        except (ValueError, RecursionError):
            return f"({len(self.body)} characters that are not JSON)"


def _without_secure_parameters(document: Any) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    """Return the body of a template deployment, with all parameters masked whose type may not be shown.

    The template has a parameter's type, and its value is elsewhere, so no key shows what it is.
    """
    properties = document.get("properties") if isinstance(document, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(properties.get("template"), Mapping):
        return document
    template, given = properties["template"], properties.get("parameters")
    declared = template.get("parameters")
    declared = declared if isinstance(declared, Mapping) else {}
    shown = {name.lower() for name, one in declared.items() if not _is_secure(one)}
    template = {**template, "parameters": {name: _declared(one) for name, one in declared.items()}}
    if isinstance(given, Mapping):
        given = {name: value if name.lower() in shown else _MASK for name, value in given.items()}
    return {**document, "properties": {**properties, "template": template, "parameters": given}}


def _is_secure(declaration: object) -> bool:
    kind = declaration.get("type") if isinstance(declaration, Mapping) else None
    return not isinstance(kind, str) or kind.lower().startswith("secure")


def _declared(declaration: Any) -> Any:  # noqa: ANN401 - as above.
    if not isinstance(declaration, Mapping):
        return _MASK
    if _is_secure(declaration) and "defaultValue" in declaration:
        return {**declaration, "defaultValue": _MASK}
    return declaration


def _masked(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _MASK if str(key).lower() in _SECRETS else _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value

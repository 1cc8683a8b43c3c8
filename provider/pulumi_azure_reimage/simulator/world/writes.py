"""Writes: the changes that clients and other callers requested, from which the activity log is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Write:
    """One request for a change.

    Attributes:
        number: Its position among the writes of this state; 0 until it is stored.
        resource: The resource id, as the request spelled it.
        operation_name: The operation, such as `Microsoft.Compute/virtualMachines/reimage/action`.
        caller: The object id of a service principal, or the sign-in name of a person.
        status: The HTTP status of the answer.
        error: The body of the answer, if it is an error.
        operation_id: The long-running operation that it began, if it began one.
    """

    time: datetime
    method: str
    resource: str
    operation_name: str
    caller: str
    correlation_id: str
    client_request_id: str
    status: int
    error: str = ""
    operation_id: str | None = None
    number: int = 0

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON data."""
        document = {name: getattr(self, name) for name in self.__slots__}
        return {**document, "time": self.time.isoformat()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_document` wrote."""
        return cls(**{**document, "time": datetime.fromisoformat(document["time"])})

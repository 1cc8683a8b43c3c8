"""ARM's throttling: token buckets, the headers that tell what is left in them, and 429.

Sources: MicrosoftDocs/azure-compute-docs, compute-throttling-limits.md, for the buckets of the compute
service; Microsoft Learn, "Understand how Azure Resource Manager throttles requests", for the writes of a
subscription; MicrosoftDocs, troubleshooting-throttling-errors.md, for the body of a 429.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from ..http.messages import Response, json_response
from ..world.times import arm_time
from .errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..inventory.tables import Table
    from ..world.records import Records


@dataclass(frozen=True, slots=True)
class Limit:
    """A token bucket: its size, and how many tokens flow back in a minute."""

    bucket: float
    per_minute: float


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "UpdateVMResource": Limit(12, 4),
        "UpdateVMSubscriptionMaximum": Limit(1_500, 500),
        "GetOperationResource": Limit(45, 15),
        "GetOperationSubscriptionMaximum": Limit(15_000, 5_000),
        "LowCostGetResource": Limit(36, 12),
        "LowCostGetSubscriptionMaximum": Limit(24_000, 8_000),
        "SubscriptionWrites": Limit(200, 600),
        "SubscriptionGlobalWrites": Limit(3_000, 9_000),
    }
)
# The order in which the recorded header lists them.
UPDATE_VM = ("UpdateVMSubscriptionMaximum", "UpdateVMResource")
GET_OPERATION = ("GetOperationResource", "GetOperationSubscriptionMaximum")
LOW_COST_GET = ("LowCostGetSubscriptionMaximum", "LowCostGetResource")
_WRITES = {
    "SubscriptionWrites": "x-ms-ratelimit-remaining-subscription-writes",
    "SubscriptionGlobalWrites": "x-ms-ratelimit-remaining-subscription-global-writes",
}


class ThrottledError(ArmError):
    """The compute service answers 429; its documented body has no outer `error`."""

    def __init__(self, policy: str, limit: Limit, now: datetime, headers: Mapping[str, str]) -> None:
        """Name the policy whose bucket is empty."""
        message = (
            "The server rejected the request because too many requests have been received for this "
            "subscription."
        )
        super().__init__(429, "OperationNotAllowed", message, headers=headers)
        self._details = {
            "operationGroup": policy,
            "startTime": arm_time(now - timedelta(minutes=1)),
            "endTime": arm_time(now),
            "allowedRequestCount": int(limit.bucket),
            "measuredRequestCount": int(limit.bucket) + 1,
        }

    def response(self) -> Response:
        """Return the answer that a client gets."""
        detail = {
            "code": "TooManyRequests",
            "target": self._details["operationGroup"],
            "message": json.dumps(self._details, separators=(",", ":")),
        }
        body = {"code": self.code, "message": self.message, "details": [detail]}
        return json_response(self.status, body, self.headers)


@dataclass(frozen=True, slots=True)
class Throttling:
    """The limits of one simulated world."""

    enabled: bool = True
    limits: Mapping[str, Limit] = field(default_factory=lambda: LIMITS)

    @classmethod
    def read(cls, table: Table) -> Self:
        """Read `[throttling]`: `enabled`, and a table for each limit that is not Azure's.

        Raises:
            InventoryError: A limit is unknown or not understood.
        """
        table.refuse_unknown_keys(("enabled", *LIMITS))
        limits: dict[str, Limit] = {}
        for name, limit in LIMITS.items():
            values = table.table(name)
            values.refuse_unknown_keys(("bucket", "per_minute"))
            limits[name] = Limit(
                values.number("bucket", limit.bucket), values.number("per_minute", limit.per_minute)
            )
        return cls(table.boolean("enabled", default=True), limits)

    def admit(
        self, records: Records, policies: tuple[str, ...], scopes: Mapping[str, str], now: datetime
    ) -> dict[str, str]:
        """Take a token from each bucket and return the headers that tell what is left.

        Args:
            records: The state.
            policies: The names of the limits.
            scopes: Whose bucket it is, by the name of the limit.
            now: The time.

        Raises:
            ArmError: A bucket is empty; nothing was taken.
        """
        if not self.enabled:
            return {}
        levels = {policy: self._level(records, policy, scopes[policy], now) for policy in policies}
        empty = next((policy for policy in policies if levels[policy] < 1), None)
        if empty is not None:
            raise self._refusal(empty, scopes, levels, now)
        for policy in policies:
            levels[policy] -= 1
            records.put_bucket(f"{policy}:{scopes[policy]}", levels[policy], now)
        return _headers(levels)

    def _level(self, records: Records, policy: str, scope: str, now: datetime) -> float:
        limit = self.limits[policy]
        bucket = records.bucket(f"{policy}:{scope}")
        if bucket is None:
            return limit.bucket
        tokens, filled_at = bucket
        passed = max((now - filled_at).total_seconds(), 0.0)
        return min(limit.bucket, tokens + passed * limit.per_minute / 60)

    def _refusal(
        self, policy: str, scopes: Mapping[str, str], levels: Mapping[str, float], now: datetime
    ) -> ArmError:
        limit = self.limits[policy]
        wait = max(math.ceil((1 - levels[policy]) * 60 / limit.per_minute), 1)
        headers = {"retry-after": str(wait), **_headers(levels)}
        if policy not in _WRITES:
            return ThrottledError(policy, limit, now, headers)
        return ArmError(
            429,
            "SubscriptionRequestsThrottled",
            f"Number of 'write' requests for subscription '{scopes[policy]}' exceeded. "
            f"Please try again after '{wait}' seconds.",
            headers=headers,
        )


def _headers(levels: Mapping[str, float]) -> dict[str, str]:
    compute = [
        f"Microsoft.Compute/{name};{int(level)}" for name, level in levels.items() if name not in _WRITES
    ]
    headers = {_WRITES[name]: str(int(level)) for name, level in levels.items() if name in _WRITES}
    return {"x-ms-ratelimit-remaining-resource": ",".join(compute), **headers}


def scopes_of(subscription_id: str, location: str, resource: str) -> dict[str, Any]:
    """Return whose bucket each limit counts in: a resource's, a region's, or a subscription's."""
    region = f"{subscription_id}/{location}".lower()
    scopes = {name: resource if name.endswith("Resource") else region for name in LIMITS}
    return {**scopes, **dict.fromkeys(_WRITES, subscription_id.lower())}


def update_vm_policies() -> tuple[str, ...]:
    """Return the limits of a reimage: those of the compute service and ARM's own for writes."""
    return (*UPDATE_VM, *_WRITES)

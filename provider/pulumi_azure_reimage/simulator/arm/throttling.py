"""ARM's throttling: token buckets, the headers with the remaining tokens, and 429.

Source of the body of a 429: MicrosoftDocs, troubleshooting-throttling-errors.md.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ..http.messages import Response, json_response
from ..world.times import arm_time
from .errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..inventory.limits import Limit, Throttling
    from ..world.records import Records


# The order in which the recorded header lists them.
GET_OPERATION = ("GetOperationResource", "GetOperationSubscriptionMaximum")
LOW_COST_GET = ("LowCostGetSubscriptionMaximum", "LowCostGetResource")
_WRITES = {
    "SubscriptionWrites": "x-ms-ratelimit-remaining-subscription-writes",
    "SubscriptionGlobalWrites": "x-ms-ratelimit-remaining-subscription-global-writes",
}
_DELETES = {
    "SubscriptionDeletes": "x-ms-ratelimit-remaining-subscription-deletes",
    "SubscriptionGlobalDeletes": "x-ms-ratelimit-remaining-subscription-global-deletes",
}
# ARM's own limits, which separate headers report.
_SUBSCRIPTION = {**_WRITES, **_DELETES}
# Those of the compute service, and ARM's own for writes.
UPDATE_VM = ("UpdateVMSubscriptionMaximum", "UpdateVMResource", *_WRITES)
PUT_VM = ("PutVMSubscriptionMaximum", "PutVMResource", *_WRITES)
DELETE_VM = ("DeleteVMSubscriptionMaximum", "DeleteVMResource", *_DELETES)


class ThrottledError(ArmError):
    """The compute service answers 429. Its documented body has no outer `error`."""

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
class Buckets:
    """The token buckets of a simulated world."""

    records: Records
    throttling: Throttling

    def take(self, scopes: Mapping[str, str], now: datetime) -> dict[str, str]:
        """Take a token from the bucket of each limit, in its scope; return the headers with what remains.

        Raises:
            ArmError: A bucket is empty. Nothing was taken.
        """
        if not self.throttling.enabled:
            return {}
        levels = {policy: self._level(policy, scope, now) for policy, scope in scopes.items()}
        empty = next((policy for policy, level in levels.items() if level < 1), None)
        if empty is not None:
            raise self._refusal(empty, scopes, levels, now)
        for policy, scope in scopes.items():
            levels[policy] -= 1
            self.records.put_bucket(f"{policy}:{scope}", levels[policy], now)
        return _headers(levels)

    def _level(self, policy: str, scope: str, now: datetime) -> float:
        limit = self.throttling.limits[policy]
        bucket = self.records.bucket(f"{policy}:{scope}")
        if bucket is None:
            return limit.bucket
        tokens, filled_at = bucket
        passed = max((now - filled_at).total_seconds(), 0.0)
        return min(limit.bucket, tokens + passed * limit.per_minute / 60)

    def _refusal(
        self, policy: str, scopes: Mapping[str, str], levels: Mapping[str, float], now: datetime
    ) -> ArmError:
        limit = self.throttling.limits[policy]
        wait = max(math.ceil((1 - levels[policy]) * 60 / limit.per_minute), 1)
        headers = {"retry-after": str(wait), **_headers(levels)}
        if policy not in _SUBSCRIPTION:
            return ThrottledError(policy, limit, now, headers)
        kind = "write" if policy in _WRITES else "delete"
        return ArmError(
            429,
            "SubscriptionRequestsThrottled",
            f"Number of '{kind}' requests for subscription '{scopes[policy]}' exceeded. "
            f"Please try again after '{wait}' seconds.",
            headers=headers,
        )


def _headers(levels: Mapping[str, float]) -> dict[str, str]:
    compute = [
        f"Microsoft.Compute/{name};{int(level)}"
        for name, level in levels.items()
        if name not in _SUBSCRIPTION
    ]
    headers = {
        _SUBSCRIPTION[name]: str(int(level)) for name, level in levels.items() if name in _SUBSCRIPTION
    }
    return {"x-ms-ratelimit-remaining-resource": ",".join(compute), **headers}


def scope_of(policy: str, subscription_id: str, location: str, resource: str) -> str:
    """Return in whose bucket a limit counts: that of a resource, a region or a subscription."""
    if policy in _SUBSCRIPTION:
        return subscription_id.lower()
    return resource if policy.endswith("Resource") else f"{subscription_id}/{location}".lower()

"""The subscription of the inventory, which clients list before they use it.

Source: https://learn.microsoft.com/rest/api/resources/subscriptions/list, the 2022-12-01 specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.messages import Response, json_response
from . import api_version, errors

if TYPE_CHECKING:
    from .context import Context
    from .paths import SubscriptionPath
    from .request import ArmRequest

# Made up, because the simulator has no directory.
_TENANT = "00000000-0000-0000-0000-00000000007e"


def answer_subscription(context: Context, request: ArmRequest, path: SubscriptionPath) -> Response:
    """Answer a request for a subscription, or for the list of them.

    Raises:
        ArmError: ARM refuses it.
    """
    context.check_request(request, api_version.SUBSCRIPTION, "subscriptions")
    context.check_action("Microsoft.Resources/subscriptions/read", request)
    mine = context.inventory.defaults.subscription_id
    if not path.subscription_id:
        count = {"type": "Total", "value": 1}
        return json_response(200, {"value": [_document(mine)], "count": count})
    if path.subscription_id.lower() != mine.lower():
        raise errors.subscription_not_found(path.subscription_id)
    return json_response(200, _document(mine))


def _document(subscription_id: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription_id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription_id,
        "tenantId": _TENANT,
        "displayName": "Simulated",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }

"""The limits on requests: Azure's, and those with which an inventory replaces them.

Sources: MicrosoftDocs/azure-compute-docs, compute-throttling-limits.md, for the buckets of the compute
service; Microsoft Learn, "Understand how Azure Resource Manager throttles requests", for the writes of a
subscription.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from .tables import key, keys_of
from .values import boolean, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .tables import Table


@dataclass(frozen=True, slots=True)
class Limit:
    """A token bucket: its size, and how many tokens are added per minute."""

    bucket: float = field(metadata=key("its size", number))
    per_minute: float = field(metadata=key("how many tokens flow back", number))


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "UpdateVMResource": Limit(12, 4),
        "UpdateVMSubscriptionMaximum": Limit(1_500, 500),
        "PutVMResource": Limit(12, 4),
        "PutVMSubscriptionMaximum": Limit(1_500, 500),
        "DeleteVMResource": Limit(12, 4),
        "DeleteVMSubscriptionMaximum": Limit(1_500, 500),
        "GetOperationResource": Limit(45, 15),
        "GetOperationSubscriptionMaximum": Limit(15_000, 5_000),
        "LowCostGetResource": Limit(36, 12),
        "LowCostGetSubscriptionMaximum": Limit(24_000, 8_000),
        "SubscriptionWrites": Limit(200, 600),
        "SubscriptionGlobalWrites": Limit(3_000, 9_000),
        "SubscriptionDeletes": Limit(200, 600),
        "SubscriptionGlobalDeletes": Limit(3_000, 9_000),
    }
)


@dataclass(frozen=True, slots=True)
class Throttling:
    """The limits of one simulated world."""

    enabled: bool = field(default=True, metadata=key("whether requests are limited at all", boolean))
    limits: Mapping[str, Limit] = field(default_factory=lambda: LIMITS)

    @classmethod
    def read(cls, table: Table) -> Self:
        """Read `[throttling]`: `enabled`, and a table for each limit that differs from Azure's.

        Raises:
            InventoryError: A limit is unknown or not understood.
        """
        table.refuse_unknown_keys((*keys_of(cls), *LIMITS))
        limits: dict[str, Limit] = {}
        for name, limit in LIMITS.items():
            values = table.table(name)
            values.refuse_unknown_keys(keys_of(Limit))
            limits[name] = Limit(**values.read_keys(Limit, asdict(limit)))
        return cls(**table.read_keys(cls), limits=limits)

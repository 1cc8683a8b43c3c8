"""The basis of every answer of ARM: state, inventory, clock, and the checks that all answers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from ..world.groups import find_group, subscription_exists
from ..world.lifecycle import PREEMPTED, end_now
from . import errors, permissions
from .api_version import check_listed
from .links import load_signer
from .paths import operation_path
from .throttling import Buckets, scope_of

if TYPE_CHECKING:
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from ..world.machine import Machine
    from ..world.operation import Operation
    from ..world.records import Records
    from .links import LinkSigner
    from .request import ArmRequest


@dataclass(frozen=True, slots=True)
class Context:
    """One state at one moment, inside one transaction, for one request.

    Attributes:
        stale_seconds: How old the state is that reads of a machine show.
        notes: The notes in the request log about how the request was answered.
    """

    records: Records
    inventory: Inventory
    now: datetime
    stale_seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def check_request(
        self, request: ArmRequest, supported: tuple[str, ...], resource_type: str, *methods: str
    ) -> None:
        """Check the API version and the method of a request. Without `methods`, only GET is allowed.

        Raises:
            ArmError: The version is not one of `supported`, and the inventory requires one of them; or the
                method is not one of `methods`.
        """
        note = check_listed(request.api_version or "", supported, resource_type, self.inventory)
        self.notes.extend([note] if note else [])
        check_method(request, *(methods or ("GET",)))

    def check_action(self, action: str, request: ArmRequest) -> None:
        """Check the role if there is no machine.

        Raises:
            ArmError: It does not allow `action`.
        """
        permissions.check_action(action, self.inventory.defaults.actions, request.path)

    def allowed(self, machine: Machine | None) -> tuple[str, ...]:
        """Return what the caller may do with a machine, or if there is none."""
        return self.inventory.defaults.actions if machine is None else machine.spec.actions

    def check_group(self, subscription_id: str, resource_group: str | None) -> None:
        """Check that a subscription exists, and a resource group in it.

        Raises:
            ArmError: It does not.
        """
        if not subscription_exists(self.records, self.inventory, subscription_id):
            raise errors.subscription_not_found(subscription_id)
        if resource_group is not None and find_group(self.records, subscription_id, resource_group) is None:
            raise errors.resource_group_not_found(resource_group)

    @property
    def seen_at(self) -> datetime:
        """The time of the state that reads of a machine show."""
        return self.now - timedelta(seconds=self.stale_seconds)

    def machine(self, key: str) -> Machine | None:
        """Find a machine as the request sees it. A removed one is also returned."""
        if self.stale_seconds:
            return self.records.machine_as_of(key, self.seen_at)
        return self.records.machine(key)

    def existing_machines(self) -> list[Machine]:
        """Return every machine that exists."""
        return [machine for machine in self.records.machines() if not machine.removed]

    def admit(self, machine: Machine, policies: tuple[str, ...]) -> dict[str, str]:
        """Count a request in the throttling limits of a machine; return the headers with what remains.

        Raises:
            ArmError: There is nothing left.
        """
        return self.admit_at(machine.spec.subscription_id, machine.spec.location, machine.key, policies)

    def admit_at(
        self, subscription_id: str, location: str, resource: str, policies: tuple[str, ...]
    ) -> dict[str, str]:
        """Count a request in the limits of a resource by its key, as `admit` does.

        Raises:
            ArmError: There is nothing left.
        """
        buckets = Buckets(self.records, self.inventory.throttling)
        scopes = {policy: scope_of(policy, subscription_id, location, resource) for policy in policies}
        return buckets.take(scopes, self.now)

    def preempt(self, machine: Machine, action: str) -> Machine:
        """Make a new operation preempt the running one, if the inventory says so.

        Raises:
            ArmError: An operation is running and is not preempted.
        """
        if self.records.unsettled_operation(machine.key) is None:
            return machine
        if self.inventory.while_running != "preempt":
            raise errors.operation_in_progress(action, machine.name)
        end_now(self.records, machine, self.now, PREEMPTED)
        return self.records.machine(machine.key) or machine

    def retry_after(self) -> dict[str, str]:
        """Return the `Retry-After` header, if the inventory has one."""
        seconds = self.inventory.retry_after
        return {} if seconds is None else {"retry-after": str(seconds)}

    def operation_headers(
        self, request: ArmRequest, operation: Operation, *, location: bool
    ) -> dict[str, str]:
        """Return the headers of an answer that begins an operation. `location` adds its second URL."""
        signer = load_signer(self.records)
        monitor = {"location": self._link(signer, request, operation, monitor=True)} if location else {}
        return {
            "azure-asyncoperation": self._link(signer, request, operation, monitor=False),
            **monitor,
            "x-ms-request-id": operation.id,
            **self.retry_after(),
        }

    def _link(self, signer: LinkSigner, request: ArmRequest, operation: Operation, *, monitor: bool) -> str:
        path = operation_path(operation.subscription_id, operation.location, operation.id)
        signed = signer.sign(
            path,
            location=operation.location,
            api_version=request.api_version or "",
            at=self.now,
            monitor=monitor,
        )
        return f"{request.base}{signed}"


def check_method(request: ArmRequest, *allowed: str) -> None:
    """Check that a resource has the method of a request.

    Raises:
        ArmError: It does not.
    """
    if request.http.method not in allowed:
        raise errors.method_not_allowed(request.http.method)

"""`DELETE` of a VM: its disks and network interfaces stay, unless their delete option is `Delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.messages import Response, empty_response
from ..world.actions import DELETE, begin_action
from . import locks
from .preconditions import check_etag
from .throttling import DELETE_VM

if TYPE_CHECKING:
    from ..world.machine import Machine
    from .context import Context
    from .paths import MachinePath
    from .request import ArmRequest


def delete(context: Context, request: ArmRequest, _: MachinePath, machine: Machine) -> Response:
    """Begin to delete a machine.

    Recorded: 202 without a body, both URLs, and `azure-asyncnotification` (Azure/azure-cli,
    test_vm_create_state_modifications.yaml, 2022-03-17).

    Raises:
        ArmError: The service refuses it.
    """
    locks.check_deletion(machine)
    limits = context.admit(machine, DELETE_VM)
    check_etag(machine, request)
    machine = context.preempt(machine, "delete")
    operation = begin_action(context.records, context.inventory, machine, DELETE, context.now)
    headers = context.operation_headers(request, operation, location=True)
    return empty_response(202, {"azure-asyncnotification": "Enabled", **headers, **limits})

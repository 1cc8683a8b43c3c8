"""The POSTs other than the reimage: those that start and stop a VM, and two that end at once.

Source: Azure/azure-cli, test_vm_create_state_modifications.yaml (2022-03-17): 202 without a body, both URLs,
and no `azure-asyncnotification`, on powerOff, start, restart, redeploy and deallocate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..http.messages import Response, empty_response
from ..world.actions import POSTS, begin_action
from . import locks
from .preconditions import check_action
from .throttling import UPDATE_VM

if TYPE_CHECKING:
    from ..world.machine import Machine
    from .context import Context
    from .paths import MachinePath
    from .request import ArmRequest


def post(context: Context, request: ArmRequest, path: MachinePath, machine: Machine) -> Response:
    """Begin the operation that the path ends with.

    Raises:
        ArmError: The service refuses it.
    """
    action = POSTS[path.action]
    locks.check_lock(machine)
    limits = context.admit(machine, UPDATE_VM)
    check_action(machine, action.kind)
    machine = context.preempt(machine, action.kind)
    operation = begin_action(context.records, context.inventory, machine, action, context.now)
    return empty_response(202, {**context.operation_headers(request, operation, location=True), **limits})


def generalize(context: Context, _: ArmRequest, __: MachinePath, machine: Machine) -> Response:
    """Mark a stopped machine as generalized. In the 2024-07-01 specification, this ends at once.

    Raises:
        ArmError: The service refuses it.
    """
    locks.check_lock(machine)
    limits = context.admit(machine, UPDATE_VM)
    check_action(machine, "generalize")
    machine = context.preempt(machine, "generalize")
    spec = replace(machine.spec, generalized=True)
    context.records.put_machine(replace(machine, spec=spec, etag=machine.etag + 1))
    return empty_response(200, limits)


def evict(context: Context, _: ArmRequest, __: MachinePath, machine: Machine) -> Response:
    """Evict a machine as if its Spot capacity were needed.

    Here it is deallocated at once, where the specification says 30 minutes, and any machine can be evicted.
    It was recorded that the time of its disk's status moves (Azure/azure-cli).

    Raises:
        ArmError: The service refuses it.
    """
    locks.check_lock(machine)
    limits = context.admit(machine, UPDATE_VM)
    machine = context.preempt(machine, "simulateEviction")
    spec = replace(machine.spec, power="deallocated")
    evicted = replace(machine, spec=spec, etag=machine.etag + 1)
    context.records.put_machine(evicted.touched(context.now))
    return empty_response(204, limits)

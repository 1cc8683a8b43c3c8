"""`POST …/reimage`, which is checked, begun and accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.messages import Response, empty_response
from ..world.reimage import begin_reimage
from . import locks
from .exact_version import version_after
from .preconditions import check_condition
from .reimage_body import read_exact_version
from .throttling import UPDATE_VM

if TYPE_CHECKING:
    from ..world.machine import Machine
    from .context import Context
    from .paths import MachinePath
    from .request import ArmRequest


def reimage(context: Context, request: ArmRequest, _: MachinePath, machine: Machine) -> Response:
    """Begin a reimage.

    Raises:
        ArmError: The service refuses it.
    """
    locks.check_lock(machine)
    limits = context.admit(machine, UPDATE_VM)
    check_condition(machine)
    exact_version = read_exact_version(request.http.body, request.http.header("content-type"), machine)
    machine = context.preempt(machine, "reimage")
    version = version_after(context.inventory.images, machine, exact_version, context.now)
    operation = begin_reimage(context.records, context.inventory, machine, version, context.now)
    # Recorded: 202 without a body, and both URLs (Azure/azure-cli, test_vm_reimage.yaml, 2024-08-26).
    headers = context.operation_headers(request, operation, location=True)
    return empty_response(202, {"azure-asyncnotification": "Enabled", **headers, **limits})

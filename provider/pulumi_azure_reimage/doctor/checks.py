"""The checks of the doctor: signing in, and reading the VM, its permissions and the activity log."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..arm.activity_log import READ as READ_LOG
from ..arm.activity_log import NotReadable
from ..arm.client import ArmClient, ReadError, RequestIds
from ..arm.permissions import READ
from ..arm.rights import RIGHTS, Right
from ..auth.azure_cli import read_account, run_az
from ..auth.cloud_discovery import resolve_cloud
from ..auth.configuration import Azure, Configuration
from ..auth.credentials import azure_token_source, require_files
from ..auth.method import AzureCli
from ..redact import redact
from ..reimage.troubleshooting import explain_read

if TYPE_CHECKING:
    from ..arm.permissions import Permissions
    from ..arm.resource_id import VirtualMachineId
    from .report import Report

_PURPOSES = {right.action: right.purpose for right in RIGHTS}
# Long enough even if a clock is wrong. The log is only read to see whether it can be.
_LOG_PERIOD = timedelta(hours=1)


def check_sign_in(report: Report, configuration: Configuration, vm_id: VirtualMachineId | None) -> None:
    """Report how the provider signs in, and sign in.

    Raises:
        ConfigurationError: signing in failed.
        SignInInterruptedError: the sign-in got no answer.
    """
    where = configuration.where
    if not isinstance(where, Azure):
        report.line("cloud", f"simulated machines ({where.place}), because azure-reimage:simulator is set")
        return
    explanation = where.explanation
    report.line("sign-in", explanation.method)
    report.line("found", ", ".join(explanation.found) or "no setting")
    for note in explanation.notes:
        report.line("note", note)
    require_files(where.sign_in.method)
    cloud = resolve_cloud(where)
    report.line("cloud", f"{cloud.name or 'custom'}, because {explanation.cloud}")
    report.line("", f"{cloud.endpoint}, authority {cloud.authority}")
    report.line("subscription", _describe_subscription(where, vm_id))
    azure_token_source(where.sign_in, cloud).token()
    report.line("token", "received")


def _describe_subscription(azure: Azure, vm_id: VirtualMachineId | None) -> str:
    if vm_id is not None:
        return f"{vm_id.subscription_id}, of the VM"
    if isinstance(azure.sign_in.method, AzureCli):
        signed_in = read_account(azure.subscription_id, run_az)
        return f"{signed_in.subscription_id} ({signed_in.subscription_name}), of the Azure CLI"
    return azure.subscription_id or "the one of each VM"


def check_access(report: Report, arm: ArmClient, vm_id: VirtualMachineId) -> bool:
    """Check that the VM can be read and reimaged. Each check also runs if another one fails."""
    ids = RequestIds(str(uuid.uuid4()), str(uuid.uuid4()))
    readable = _check_vm(report, arm, vm_id, ids)
    allowed = _check_permissions(report, arm, vm_id, ids, readable=readable)
    _check_log(report, arm, vm_id, ids)
    return readable and allowed


def _check_vm(report: Report, arm: ArmClient, vm_id: VirtualMachineId, ids: RequestIds) -> bool:
    try:
        vm = arm.virtual_machine(vm_id, ids)
    except ReadError as error:
        report.line("VM", f"cannot be read: {redact(explain_read(error))}")
        return False
    report.line("VM", f"can be read: {vm_id.name}, {vm.provisioning_state}")
    return True


def _check_permissions(
    report: Report, arm: ArmClient, vm_id: VirtualMachineId, ids: RequestIds, *, readable: bool
) -> bool:
    try:
        permissions = arm.permissions(vm_id, ids)
    except ReadError as error:
        report.line("permissions", f"cannot be read: {redact(error.reason)}")
        return False
    # A list without the right to read the VM is incomplete, because the VM was just read.
    whole = permissions.complete and (permissions.allow(READ) or not readable)
    results = [
        _report_right(report, right, permissions, whole=whole) for right in RIGHTS if right.action != READ_LOG
    ]
    return all(results)


def _report_right(report: Report, right: Right, permissions: Permissions, *, whole: bool) -> bool:
    """Report whether a right is granted, and return False if it is required and certainly is not."""
    if permissions.allow(right.action):
        report.line("allowed", right.action)
    elif not right.required:
        report.line("missing", f"{right.action}, which is optional. {right.purpose}")
    elif not whole:
        report.line("not listed", f"{right.action}. Azure's list of permissions is not complete.")
    else:
        report.line("NOT ALLOWED", right.action)
        return False
    return True


def _check_log(report: Report, arm: ArmClient, vm_id: VirtualMachineId, ids: RequestIds) -> None:
    """Read the activity log of the subscription, because only a read shows whether it is allowed."""
    now = datetime.now(UTC)
    try:
        found = arm.activity_log(vm_id, now - _LOG_PERIOD, now, ids)
    except ReadError as error:
        report.line("activity log", f"cannot be read: {redact(error.reason)}")
        return
    if isinstance(found, NotReadable):
        report.line("missing", f"{found.right}, which is optional. {_PURPOSES[READ_LOG]}")
    else:
        report.line("allowed", READ_LOG)

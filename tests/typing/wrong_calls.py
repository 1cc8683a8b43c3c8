"""Calls that no program may make: mypy and pyright must report each of them.

Each line names what the checkers report. A checker that accepts the call reports the comment instead, because
it then has nothing to ignore.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pulumi

from pulumi_azure_reimage import Provider, VirtualMachineReimage

if TYPE_CHECKING:
    from pulumi import Output

vm = pulumi.CustomResource("azure-native:compute:VirtualMachine", "web")


def wrong_types(numbers: list[int], keys: dict[int, str], late: Output[list[int]]) -> None:
    """Values that no input of that name accepts."""
    VirtualMachineReimage("whole-vm", vm_id=vm)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("no-id", vm_id=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("id", vm_id=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("list", vm_id=vm.id, timeout=numbers)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("late-list", vm_id=vm.id, timeout=late)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("delta", vm_id=vm.id, timeout=timedelta(hours=1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("pairs", vm_id=vm.id, triggers=[("image", "1")])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("text", vm_id=vm.id, triggers="image")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("keys", vm_id=vm.id, triggers=keys)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("file", vm_id=vm.id, trigger_files="app")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("no-name", vm_id=vm.id, trigger_files={"app": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("number", vm_id=vm.id, exact_version=1.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("numbers", vm_id=vm.id, allowed_causes=numbers)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("set", vm_id=vm.id, allowed_causes={"failed"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("quoted", vm_id=vm.id, prevent_reimage="true")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("switch", vm_id=vm.id, preflight=False)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("field", vm_id=vm.id, os_profile={"password": "x"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    VirtualMachineReimage("field-type", vm_id=vm.id, os_profile={"admin_password": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Provider("numbers", auxiliary_tenant_ids=numbers)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def wrong_names() -> None:
    """Arguments that do not exist, or are not given."""
    VirtualMachineReimage("none")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    VirtualMachineReimage("camel", vmId=vm.id)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    VirtualMachineReimage("misspelled", vm_id=vm.id, trigger={"image": 1})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    VirtualMachineReimage("options", vm.id)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    Provider("misspelled", tenant="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def wrong_outputs(reimage: VirtualMachineReimage) -> None:
    """Outputs that do not exist, are assigned to, or are used as if their values were known."""
    VirtualMachineReimage("old-name", vm_id=reimage.duration)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
    reimage.status = vm.id  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    VirtualMachineReimage(reimage.status, vm_id=vm.id)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

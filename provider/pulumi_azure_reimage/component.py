"""VirtualMachineReimage: what users write and read."""

import asyncio
from functools import cached_property, partial
from typing import Any, NotRequired, TypedDict, Unpack

import pulumi
from pulumi import Input, Output

from .dynamic.operation import ReimageOperation
from .dynamic.result import ReimageResult


class OsProfileArgs(TypedDict):
    """What Azure needs to provision the OS again; for a managed OS disk only.

    Source: OSProfileProvisioningData of
    https://learn.microsoft.com/rest/api/compute/virtual-machines/reimage
    """

    admin_password: NotRequired[Input[str]]
    """The administrator's password: Azure takes 6 to 72 characters on Linux and 8 to 123 on Windows, three
    of lower, upper, digit, special."""

    admin_password_env: NotRequired[Input[str]]
    """The environment variable that holds the password, instead of `admin_password`. It is read where Pulumi
    runs, when the request is sent; the password never enters the state."""

    custom_data: NotRequired[Input[str]]
    """Base64 of at most 65,535 bytes. Azure wants the custom data that the VM was created with."""

    custom_data_file: NotRequired[Input[str]]
    """A file with the plain custom data, instead of `custom_data`. It is read and encoded when the request
    is sent and never enters the state. A relative path counts from the program's folder."""


class VirtualMachineReimageArgs(TypedDict):
    """The inputs of VirtualMachineReimage."""

    vm_id: Input[str]
    """The ARM id of the VM, such as the `id` of an azure-native VirtualMachine. Another id replaces this
    resource: the other VM becomes a new baseline, and nothing is sent."""

    triggers: NotRequired[Input[dict[str, Input[Any]]]]
    """Values of any JSON form; a key that is added, removed or changed requests one reimage."""

    exact_version: NotRequired[Input[str]]
    """The image version to rebuild from, in digits and dots; without it the VM's current one. Setting,
    changing or unsetting it requests one reimage."""

    temp_disk: NotRequired[Input[bool]]
    """Whether to wipe the temporary disk too; Azure takes it only for ephemeral OS disks. A change waits for
    the next reimage."""

    os_profile: NotRequired[Input[OsProfileArgs]]
    """What Azure needs to provision the OS again. Secret as a whole; a change waits for the next reimage."""

    timeout: NotRequired[Input[Any]]
    """How long to wait for a reimage: seconds, or a text such as `90s`, `45m`, `2h`. Default: 60 minutes.
    When it ends first, the update fails and the next `pulumi up` resumes the wait."""

    reimage_on_create: NotRequired[Input[bool]]
    """Whether to reimage already when this resource is created, instead of recording a baseline. Default:
    false."""

    require_delete_option: NotRequired[Input[str]]
    """What the VM's `deleteOption` must be: `Detach`, so that Azure keeps the old OS disk, or `Delete`. A
    reimage of a VM with the other one is refused. Default: either."""

    allowed_causes: NotRequired[Input[list[Input[str]]]]
    """The only causes that may reimage: `triggers` (each of them), `triggers.<key>`, `exact_version`,
    `create` (with `reimage_on_create`), `failed` (to repeat a reimage that ended badly). Any other cause is
    refused. Default: every cause may."""

    prevent_reimage: NotRequired[Input[bool]]
    """Whether to refuse every reimage. Default: false."""

    skip_if_current: NotRequired[Input[bool]]
    """Whether to leave a VM alone that already runs `exact_version`, whatever asks for a reimage. Without
    `exact_version` it has no effect. Default: false."""


def _part(of: str, name: str) -> Any:  # noqa: ANN401 - the type is that of the annotation.
    """Return a part of a child's output, as an attribute that is made when it is first read.

    Each Output makes a preview of many VMs longer, and few are read.
    """

    def part(reimage: "VirtualMachineReimage") -> Output[Any]:
        whole: Output[dict[str, Any]] = getattr(reimage, of)
        # The engine drops a part that is None, and Pulumi's mocks know no output at all.
        return whole.apply(lambda parts: parts.get(name) if parts else None)

    return cached_property(part)


_of_record = partial(_part, "_record")
_of_result = partial(_part, "_result")


class VirtualMachineReimage(pulumi.ComponentResource):
    """Reimages an Azure VM, once, whenever a trigger or `exact_version` changes.

    A reimage rebuilds the OS disk from its image: everything on it is lost. Data disks, network interfaces
    and identities stay. The first `pulumi up` records a baseline and sends nothing.

    Example:
        ```python
        VirtualMachineReimage("web", vm_id=vm.id, triggers={"cloud-init": hash_files("cloud-init/*.yaml")})
        ```
    """

    status: Output[str] = _of_result("status")
    """`Baseline` if nothing was sent yet, or `Succeeded`."""

    causes: Output[list[str]]
    """What asked for the last reimage, such as `triggers.image changed`; empty for a baseline."""

    requested_at: Output[str | None] = _of_record("requested_at")
    """When Azure accepted the last reimage: ISO 8601, UTC, by the clock of the machine that ran Pulumi."""

    started_at: Output[str | None] = _of_result("started_at")
    """When the operation started: ISO 8601, UTC, by Azure's clock (`startTime` of the operation)."""

    completed_at: Output[str | None] = _of_result("completed_at")
    """When the operation ended: ISO 8601, UTC, by Azure's clock (`endTime` of the operation)."""

    duration_seconds: Output[float | None] = _of_result("duration_seconds")
    """Seconds between `started_at` and `completed_at`."""

    operation_id: Output[str | None] = _of_result("operation_id")
    """Azure's id of the operation (`name` of the operation)."""

    correlation_id: Output[str | None] = _of_result("correlation_id")
    """The id under which Azure's activity log and Azure support find the request."""

    os_disk_id: Output[str | None] = _of_result("os_disk_id")
    """ARM id of the OS disk that the VM has now (`storageProfile.osDisk.managedDisk.id`)."""

    os_disk_id_before: Output[str | None] = _of_result("os_disk_id_before")
    """ARM id of the OS disk that the VM had before the last reimage."""

    image_version: Output[str | None] = _of_result("image_version")
    """Version of the image that the VM runs (`storageProfile.imageReference.exactVersion`)."""

    image_version_before: Output[str | None] = _of_result("image_version_before")
    """Version of the image that the VM ran before the last reimage."""

    retained_os_disk_id: Output[str | None] = _of_result("retained_os_disk_id")
    """ARM id of the old OS disk if Azure kept it (`deleteOption` Detach): billed until someone deletes it."""

    recovered: Output[bool] = _of_result("recovered")
    """True if Azure's answer to the request was lost and the VM itself showed that the reimage happened."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[VirtualMachineReimageArgs],
    ) -> None:
        """Declare the reimage of one VM.

        Args:
            resource_name: The name of this resource in the stack.
            opts: Pulumi's resource options.
            **args: See VirtualMachineReimageArgs.
        """
        super().__init__("azure-reimage:index:VirtualMachineReimage", resource_name, {}, opts)
        # Progress is shown on this component's own row. The detour over the future keeps the children from
        # depending on the component that waits for them. Not an Output: Pulumi keeps account of each of them.
        urn = asyncio.ensure_future(self.urn.future())
        props: dict[str, Any] = {**args, "component_urn": urn}
        if props.get("os_profile") is not None:
            # As a whole: when a check fails, the engine prints the property, secret parts included.
            props["os_profile"] = Output.secret(props["os_profile"])
        # The record holds 6 KB of operation URL, which nobody can read and which no output may show.
        child = pulumi.ResourceOptions(parent=self, hide_diffs=["record"])
        operation = ReimageOperation(resource_name, props, child)
        handed_on: dict[str, Any] = {
            "vm_id": operation.vm_id,
            "record": operation.record,
            "component_urn": urn,
        }
        if "timeout" in args:
            handed_on["timeout"] = args["timeout"]
        result = ReimageResult(resource_name, handed_on, child)
        self.causes = operation.causes
        self._record = operation.record
        self._result = result.result
        # Not the outputs again: they are in the children's state, which is written at every step of a fleet.
        self.register_outputs({})

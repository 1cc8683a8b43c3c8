"""VirtualMachineReimage, the component that users declare, with its inputs and outputs."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NotRequired, TypedDict, Unpack

import pulumi
from pulumi import Input, Output

from .dynamic.arguments import checked_arguments
from .dynamic.properties import SPELLING
from .dynamic.resources import ReimageOperation, ReimageRequest, ReimageResult, short_call_stack
from .dynamic.stack_keys import require_known_keys
from .dynamic.trigger_files import with_hashed_files
from .hooks import check_hooks, children_hooks
from .inputs.parameters import TRIGGERS
from .inputs.spelling import PYTHON, Spelling, respell
from .options import Children, check_options, children_options, own_options

# The types below are read twice: by type checkers, and when the program runs by Pulumi's schema analyzer
# (pulumi.provider.experimental.analyzer of SDK 3.272.0). The analyzer understands NotRequired, Input, None,
# Sequence, Mapping and Any, but not annotations that are strings, and no union of two types.
if TYPE_CHECKING:
    from os import PathLike

    Timeout = float | str
    Files = str | PathLike[str] | Sequence[Input[str | PathLike[str]]]
else:
    # A name or a list of names; the schema says so (plugin/schema.py).
    Files = Any
    # Every timeout can be written as a string, also in the languages that have only the schema.
    Timeout = str


class OsProfileArgs(TypedDict):
    """What Azure needs to provision the OS again, for a managed OS disk only.

    Source: OSProfileProvisioningData of
    https://learn.microsoft.com/rest/api/compute/virtual-machines/reimage
    """

    admin_password: NotRequired[Input[str] | None]
    """The administrator's password. Azure accepts 6 to 72 characters on Linux and 8 to 123 on Windows, with
    at least three of: lower-case letter, upper-case letter, digit, special character."""

    admin_password_env: NotRequired[Input[str] | None]
    """The environment variable that holds the password, instead of `admin_password`. It is read where Pulumi
    runs, when the request is sent, so the password never enters the state."""

    custom_data: NotRequired[Input[str] | None]
    """The custom data, encoded as base64 of at most 65,535 bytes. Azure requires the custom data that the VM
    was created with."""

    custom_data_file: NotRequired[Input[str] | None]
    """A file with the plain custom data, instead of `custom_data`. It is read and encoded when the request
    is sent, so its content never enters the state. A relative path starts at the program's folder."""


class VirtualMachineReimageArgs(TypedDict):
    """The inputs of VirtualMachineReimage."""

    vm_id: Input[str]
    """The ARM id of the VM, such as the `id` of an azure-native VirtualMachine. A different id replaces this
    resource: it records a baseline of the other VM and sends nothing."""

    triggers: NotRequired[Input[Mapping[str, Input[Any]]] | None]
    """Named values that request one reimage when a key is added, removed or changed. A value can be anything
    that JSON can express."""

    trigger_files: NotRequired[Input[Mapping[str, Input[Files] | None]] | None]
    """Files whose hash is the trigger `triggers.<name>`: by name, a file name or pattern, or a list of them.
    The hash is that of Python's `hash_files`. A relative path starts at the program's folder."""

    exact_version: NotRequired[Input[str] | None]
    """The image version to rebuild from, in digits and dots. Default: the VM's current version. Setting,
    changing or removing it requests one reimage."""

    temp_disk: NotRequired[Input[bool] | None]
    """Whether to wipe the temporary disk too. Azure accepts this only for ephemeral OS disks. A change
    applies to the next reimage and does not request one."""

    os_profile: NotRequired[Input[OsProfileArgs] | None]
    """What Azure needs to provision the OS again. All of it is secret. A change applies to the next reimage
    and does not request one."""

    timeout: NotRequired[Input[Timeout] | None]
    """How long to wait for a reimage, as a number of seconds or as a string such as `90s`, `45m` or `1h30m`.
    Default: 60 minutes. If the reimage takes longer, the update fails and the next `pulumi up` resumes the
    wait."""

    reimage_on_create: NotRequired[Input[bool] | None]
    """Whether to reimage the VM when this resource is created, instead of recording a baseline. Default:
    false."""

    require_delete_option: NotRequired[Input[str] | None]
    """The `deleteOption` that the VM's OS disk must have: `Detach`, with which Azure keeps the old OS disk,
    or `Delete`. If the VM has the other one, a reimage is refused. Default: either is accepted."""

    allowed_causes: NotRequired[Input[Sequence[Input[str]]] | None]
    """The only causes that may reimage the VM: `triggers` (any of them), `triggers.<key>`, `exact_version`,
    `create` (with `reimage_on_create`) and `failed` (to repeat a reimage that failed). A reimage for any
    other cause is refused. Default: every cause is allowed."""

    prevent_reimage: NotRequired[Input[bool] | None]
    """Whether to refuse every reimage. Default: false."""

    skip_if_current: NotRequired[Input[bool] | None]
    """Whether to leave a VM alone that already runs `exact_version`, regardless of the cause. Default:
    false."""

    preflight: NotRequired[Input[str] | None]
    """What a rule about Azure does if it says that a reimage cannot succeed: with `enforce` it refuses the
    reimage, with `warn` it warns and the reimage is sent. The guards above, and errors in the inputs, refuse
    in both cases. Default: `enforce`."""


class VirtualMachineReimage(pulumi.ComponentResource):
    """Reimages an Azure VM once whenever a trigger or `exact_version` changes.

    A reimage rebuilds the OS disk from its image, so everything on that disk is lost. Data disks, network
    interfaces and identities stay. The first `pulumi up` records a baseline and sends nothing.

    Example:
        ```python
        VirtualMachineReimage("web", vm_id=vm.id, triggers={"cloud-init": hash_files("cloud-init/*.yaml")})
        ```
    """

    # How the program spells the names of inputs, in texts that it reads.
    _spelling: ClassVar[Spelling] = PYTHON

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[VirtualMachineReimageArgs],
    ) -> None:
        """Declare the reimage of one VM.

        Args:
            resource_name: The name of this resource in the stack.
            opts: Pulumi's resource options. docs/reference.md says which ones work.
            **args: The inputs, which VirtualMachineReimageArgs describes.

        Raises:
            RunError: an option cannot work on this resource, an input cannot be sent to Pulumi's engine, or
                the stack's configuration has a key of ours that does not exist; nothing was registered.
        """
        require_known_keys()
        ignored = check_options(resource_name, opts, args)
        check_hooks(resource_name, opts)
        given = with_hashed_files(resource_name, args)
        checked = checked_arguments(
            "VirtualMachineReimage", resource_name, given, in_program=self._spelling == PYTHON
        )
        with short_call_stack(_RECORDED_FRAMES):
            super().__init__(
                "azure-reimage:index:VirtualMachineReimage", resource_name, {}, own_options(opts)
            )
        hooks = children_hooks(resource_name, opts)
        # Progress is shown on this component's own row. The children get a future of its URN, because an
        # Output of it would make them depend on the component, which waits for them.
        shared: dict[str, Any] = {"component_urn": asyncio.ensure_future(self.urn.future())}
        if hooks.names:
            shared["hooks"] = list(hooks.names)
        if ignored.causes:
            shared["ignore_changes"] = list(ignored.causes)
        if self._spelling != PYTHON:
            shared[SPELLING] = self._spelling
        children = children_options(self, opts, ignored)
        children.request.hooks, children.operation.hooks = hooks.request, hooks.operation
        children.result.hooks = hooks.result
        self._declare(resource_name, checked, shared, children, ignored.names)
        # The outputs are in the state of the children. Here they would only make the state larger, and it is
        # written at every step.
        self.register_outputs({})

    def _declare(
        self,
        name: str,
        args: Mapping[str, Any],
        shared: Mapping[str, Any],
        children: Children,
        ignored: frozenset[str],
    ) -> None:
        """Declare the three children.

        Args:
            name: The name of each.
            args: The inputs of the component.
            shared: The inputs that each of them also gets.
            children: Their options.
            ignored: The inputs whose changes are ignored, in whole or in part.
        """
        props: dict[str, Any] = {**args, **shared}
        if props.get("os_profile") is not None:
            # The whole input is secret, because a failed check prints the whole of it, secret parts included.
            props["os_profile"] = Output.secret(props["os_profile"])
        # An ignored cause keeps the value that was last decided for, which only ReimageRequest knows.
        decided_names = [cause for cause in _DECIDED if props.get(cause) is not None or cause in ignored]
        request = ReimageRequest(name, {**dict.fromkeys(decided_names), **props}, children.request)
        # What is sent, and what guards it. The next two resources check it again before they send.
        handed_on = {key: props[key] for key in _SENT_WITH if props.get(key) is not None}
        handed_on |= {"vm_id": request.vm_id, "request": request.request, **shared}
        handed_on["component_urn"] = self._turn_after(request, shared["component_urn"])
        # What is not given stays absent, because a preview does not know an output that is None.
        decided = {cause: getattr(request, cause) for cause in decided_names}
        operation = ReimageOperation(name, {**handed_on, **decided}, children.operation)
        ended = {**handed_on, "operation": operation.operation}
        ended["component_urn"] = self._turn_after(operation, shared["component_urn"])
        if "exact_version" in decided:
            ended["exact_version"] = operation.exact_version
        self._request, self._operation = request, operation
        self._result = ReimageResult(name, ended, children.result)

    def _turn_after(self, _before: pulumi.Resource, urn: Awaitable[str]) -> Awaitable[str]:
        """Return the URN as soon as what comes after a resource may be declared, which is at once."""
        return urn

    # The outputs below are properties, because each Output that is made lengthens a preview of many VMs,
    # and most programs read few of them.

    @property
    def status(self) -> Output[str]:
        """`Succeeded`, or `Baseline` if no reimage has been requested yet."""
        return _part(self._result.result, "status")

    @property
    def causes(self) -> Output[list[str]]:
        """Why the last reimage was requested, such as `triggers.image changed`. Empty for a baseline."""
        known = Output.all(self._request.request, self._result.result)
        return known.apply(lambda parts: _causes(parts[0], parts[1], self._spelling))

    @property
    def requested_at(self) -> Output[str | None]:
        """When Azure accepted the last reimage, by the clock where Pulumi ran (ISO 8601, UTC)."""
        return self._operation.operation.apply(
            lambda operation: (operation or {}).get("record", {}).get("requested_at")
        )

    @property
    def started_at(self) -> Output[str | None]:
        """When the operation started, by Azure's clock (its `startTime`: ISO 8601, UTC)."""
        return _part(self._result.result, "started_at")

    @property
    def completed_at(self) -> Output[str | None]:
        """When the operation ended, by Azure's clock (its `endTime`: ISO 8601, UTC)."""
        return _part(self._result.result, "completed_at")

    @property
    def duration_seconds(self) -> Output[float | None]:
        """The number of seconds between `started_at` and `completed_at`."""
        return _part(self._result.result, "duration_seconds")

    @property
    def operation_id(self) -> Output[str | None]:
        """Azure's id of the operation (`name` of the operation)."""
        return _part(self._result.result, "operation_id")

    @property
    def correlation_id(self) -> Output[str | None]:
        """The id by which the request can be found in Azure's activity log and by Azure support."""
        return _part(self._result.result, "correlation_id")

    @property
    def os_disk_id(self) -> Output[str | None]:
        """The ARM id of the OS disk that the VM has now (`storageProfile.osDisk.managedDisk.id`)."""
        return _part(self._result.result, "os_disk_id")

    @property
    def os_disk_id_before(self) -> Output[str | None]:
        """The ARM id of the OS disk that the VM had before the last reimage."""
        return _part(self._result.result, "os_disk_id_before")

    @property
    def image_version(self) -> Output[str | None]:
        """The version of the image that the VM runs (`storageProfile.imageReference.exactVersion`)."""
        return _part(self._result.result, "image_version")

    @property
    def image_version_before(self) -> Output[str | None]:
        """The version of the image that the VM ran before the last reimage."""
        return _part(self._result.result, "image_version_before")

    @property
    def retained_os_disk_id(self) -> Output[str | None]:
        """The ARM id of the old OS disk, if Azure kept it (`deleteOption` Detach).

        It is billed until it is deleted.
        """
        return _part(self._result.result, "retained_os_disk_id")

    @property
    def recovered(self) -> Output[bool]:
        """Whether Azure's answer to the request was lost, and the VM itself showed that it was reimaged."""
        return _part(self._result.result, "recovered")


# Where the program declares a component, and which part of the program called that.
_RECORDED_FRAMES = 6
_DECIDED = ("triggers", "exact_version")
_SENT_WITH = (
    "temp_disk",
    "os_profile",
    "timeout",
    "require_delete_option",
    "allowed_causes",
    "prevent_reimage",
    "skip_if_current",
    "preflight",
    "reimage_on_create",
)


def _causes(request: dict[str, Any] | None, result: dict[str, Any] | None, spelling: Spelling) -> list[str]:
    """Return the causes of a request. A result that is a baseline has none."""
    if not request or not result or result.get("status") == "Baseline":
        return []
    causes = request.get("causes", [])
    # The key of a trigger is the program's own.
    keys = [cause["key"] for cause in causes if cause["key"].startswith(f"{TRIGGERS}.")]
    return [respell(cause["text"], spelling, keys) for cause in causes]


def _part(whole: Output[dict[str, Any]], name: str) -> Output[Any]:
    """Return a part of a child's output.

    The part is None if the state lacks it, because the engine drops what is None, and under Pulumi's mocks a
    child has no outputs at all.
    """
    return whole.apply(lambda parts: parts.get(name) if parts else None)

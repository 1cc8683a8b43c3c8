"""Calls that a program may make: mypy and pyright must accept each of them in their strict modes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, assert_type

import pulumi
from pulumi import Output, ResourceOptions

from pulumi_azure_reimage import (
    OsProfileArgs,
    Provider,
    ProviderArgs,
    VirtualMachineReimage,
    VirtualMachineReimageArgs,
    hash_files,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence
    from pathlib import Path

config = pulumi.Config()
vm = pulumi.CustomResource("azure-native:compute:VirtualMachine", "web")


def ids(known: str, awaited: Awaitable[str], outputs: Mapping[str, Output[str]]) -> None:
    """The id of a VM: a string, an output, or the result of a coroutine."""
    VirtualMachineReimage("vm", vm_id=vm.id)
    VirtualMachineReimage("known", vm_id=known)
    VirtualMachineReimage("awaited", vm_id=awaited)
    VirtualMachineReimage("one-of-many", vm_id=outputs["web"])
    VirtualMachineReimage("built", vm_id=Output.concat("/subscriptions/", config.require("subscription")))
    VirtualMachineReimage("stack-reference", vm_id=pulumi.StackReference("network").require_output("vmId"))
    VirtualMachineReimage("options", ResourceOptions(depends_on=[vm]), vm_id=vm.id)
    VirtualMachineReimage("options-by-name", vm_id=vm.id, opts=ResourceOptions(protect=True))


def triggers(
    texts: dict[str, str],
    outputs: dict[str, Output[str]],
    either: dict[str, str | Output[str]],
    objects: Mapping[str, object],
    late: Output[dict[str, str]],
) -> None:
    """Triggers: variables of every mapping, and outputs in any place of a value."""
    VirtualMachineReimage("digest", vm_id=vm.id, triggers={"cloud-init": hash_files("cloud-init/*.yaml")})
    VirtualMachineReimage("outputs-inside", vm_id=vm.id, triggers={"a": vm.id, "b": {"c": [vm.urn, 1, None]}})
    VirtualMachineReimage("texts", vm_id=vm.id, triggers=texts)
    VirtualMachineReimage("outputs", vm_id=vm.id, triggers=outputs)
    VirtualMachineReimage("either", vm_id=vm.id, triggers=either)
    VirtualMachineReimage("objects", vm_id=vm.id, triggers=objects)
    VirtualMachineReimage("read-only", vm_id=vm.id, triggers=MappingProxyType(texts))
    VirtualMachineReimage("late", vm_id=vm.id, triggers=late)
    VirtualMachineReimage("computed", vm_id=vm.id, triggers=vm.id.apply(lambda known: {"vm": known}))
    VirtualMachineReimage("configured", vm_id=vm.id, triggers=config.get_object("triggers"))
    VirtualMachineReimage("all", vm_id=vm.id, triggers={"all": Output.all(vm.id, vm.urn), **texts})


def files(
    names: list[str], path: Path, late: Output[str], each: dict[str, str], all_late: Output[dict[str, str]]
) -> None:
    """Files whose hash is a trigger: a name, a path, several, and outputs in any place."""
    VirtualMachineReimage("name", vm_id=vm.id, trigger_files={"app": "app/*.yaml"})
    VirtualMachineReimage("path", vm_id=vm.id, trigger_files={"app": path, "none": None})
    VirtualMachineReimage("names", vm_id=vm.id, trigger_files={"app": names, "web": ["a", path]})
    VirtualMachineReimage("tuple", vm_id=vm.id, trigger_files={"app": ("a", "b")})
    VirtualMachineReimage("late", vm_id=vm.id, trigger_files={"app": late, "web": ["a", late]})
    VirtualMachineReimage("each", vm_id=vm.id, trigger_files=each)
    VirtualMachineReimage("all-late", vm_id=vm.id, trigger_files=all_late)


def timeouts(text: str, seconds: int, late: Output[float], either: float | str) -> None:
    """A timeout: seconds or a string, known or not."""
    VirtualMachineReimage("float", vm_id=vm.id, timeout=90.0)
    VirtualMachineReimage("int", vm_id=vm.id, timeout=60)
    VirtualMachineReimage("text", vm_id=vm.id, timeout="45m")
    VirtualMachineReimage("text-variable", vm_id=vm.id, timeout=text)
    VirtualMachineReimage("int-variable", vm_id=vm.id, timeout=seconds)
    VirtualMachineReimage("either", vm_id=vm.id, timeout=either)
    VirtualMachineReimage("late", vm_id=vm.id, timeout=late)
    VirtualMachineReimage("late-text", vm_id=vm.id, timeout=config.require_secret("timeout"))
    VirtualMachineReimage("late-int", vm_id=vm.id, timeout=Output.from_input(60))
    VirtualMachineReimage("configured", vm_id=vm.id, timeout=config.get("timeout"))
    VirtualMachineReimage("configured-int", vm_id=vm.id, timeout=config.get_int("timeout"))


def allowed_causes(
    causes: list[str],
    fixed: tuple[str, ...],
    sequence: Sequence[str],
    outputs: list[Output[str]],
    late: Output[list[str]],
) -> None:
    """Causes: every sequence of texts and outputs."""
    VirtualMachineReimage(
        "literal", vm_id=vm.id, allowed_causes=["triggers.image", config.require_secret("cause")]
    )
    VirtualMachineReimage("list", vm_id=vm.id, allowed_causes=causes)
    VirtualMachineReimage("tuple", vm_id=vm.id, allowed_causes=("triggers", "exact_version"))
    VirtualMachineReimage("tuple-variable", vm_id=vm.id, allowed_causes=fixed)
    VirtualMachineReimage("sequence", vm_id=vm.id, allowed_causes=sequence)
    VirtualMachineReimage("outputs", vm_id=vm.id, allowed_causes=outputs)
    VirtualMachineReimage("late", vm_id=vm.id, allowed_causes=late)


def os_profiles(secret: Output[str], late: Output[OsProfileArgs]) -> None:
    """What the OS is provisioned with: a literal, a variable, or an output."""
    profile: OsProfileArgs = {"custom_data_file": "cloud-init.yaml", "admin_password": secret}
    VirtualMachineReimage("literal", vm_id=vm.id, os_profile={"admin_password": secret})
    VirtualMachineReimage("configured", vm_id=vm.id, os_profile={"custom_data": config.get("customData")})
    VirtualMachineReimage("variable", vm_id=vm.id, os_profile=profile)
    VirtualMachineReimage("late", vm_id=vm.id, os_profile=late)


def switches(flag: bool, late: Output[bool]) -> None:  # noqa: FBT001 - never called.
    """The rest: texts and switches, which may also come from the configuration."""
    VirtualMachineReimage(
        "web",
        vm_id=vm.id,
        exact_version=config.get("imageVersion"),
        temp_disk=flag,
        reimage_on_create=late,
        require_delete_option=config.get("deleteOption"),
        prevent_reimage=config.get_bool("freeze"),
        skip_if_current=True,
        preflight="warn",
    )
    VirtualMachineReimage("configured", vm_id=vm.id, preflight=config.get("preflight"))


def arguments(common: VirtualMachineReimageArgs) -> None:
    """Arguments that are made once and used for many machines."""
    args: VirtualMachineReimageArgs = {"vm_id": vm.id, "triggers": {"image": 1}, "timeout": "45m"}
    VirtualMachineReimage("args", **args)
    VirtualMachineReimage("common", **common)
    settings: ProviderArgs = {"tenant_id": config.get("tenantId"), "use_oidc": True}
    Provider("production", **settings)


def providers(tenants: list[str], fixed: tuple[str, ...], late: Output[list[str]]) -> None:
    """An explicit provider."""
    Provider("list", auxiliary_tenant_ids=tenants)
    Provider("tuple", auxiliary_tenant_ids=fixed)
    Provider("late", auxiliary_tenant_ids=late)
    production = Provider("secret", client_id=vm.id, client_secret=config.get_secret("clientSecret"))
    VirtualMachineReimage("web", ResourceOptions(provider=production), vm_id=vm.id)


def outputs(reimage: VirtualMachineReimage) -> None:
    """What each output is."""
    assert_type(reimage.status, Output[str])
    assert_type(reimage.causes, Output[list[str]])
    assert_type(reimage.requested_at, Output[str | None])
    assert_type(reimage.started_at, Output[str | None])
    assert_type(reimage.completed_at, Output[str | None])
    assert_type(reimage.duration_seconds, Output[float | None])
    assert_type(reimage.operation_id, Output[str | None])
    assert_type(reimage.correlation_id, Output[str | None])
    assert_type(reimage.os_disk_id, Output[str | None])
    assert_type(reimage.os_disk_id_before, Output[str | None])
    assert_type(reimage.image_version, Output[str | None])
    assert_type(reimage.image_version_before, Output[str | None])
    assert_type(reimage.retained_os_disk_id, Output[str | None])
    assert_type(reimage.recovered, Output[bool])
    VirtualMachineReimage("after", vm_id=vm.id, triggers={"first": reimage.completed_at})

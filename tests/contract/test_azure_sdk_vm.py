"""Unmodified azure-mgmt-compute, at its own API version: the life of a VM, from creation to deletion.

The flow is that of the client's own samples. Networks and groups, which other packages of Azure write, are
written with plain requests of the same form.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute.models import (
    HardwareProfile,
    ImageReference,
    ManagedDiskParameters,
    NetworkInterfaceReference,
    NetworkProfile,
    OSDisk,
    OSProfile,
    StorageProfile,
    VirtualMachine,
    VirtualMachineExtension,
    VirtualMachineExtensionProperties,
    VirtualMachineProperties,
    VirtualMachineReimageParameters,
    VirtualMachineUpdate,
)

from pulumi_azure_reimage.simulator import serve
from tests.unit.simulator.arm.written_machine import INTERFACE, PASSWORD, prepare
from tests.unit.simulator.client import FakeNow, World

from .clients import azure_client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from azure.mgmt.compute import ComputeManagementClient

# The client's subscription, see `azure_client`.
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
NIC = INTERFACE.replace("11111111-1111-1111-1111-111111111111", SUBSCRIPTION)
GROUP = "made"


@contextmanager
def served(tmp_path: Path) -> Iterator[tuple[World, ComputeManagementClient]]:
    """Serve an empty world over HTTPS."""
    authority = trustme.CA()
    pem, certificate = tmp_path / "authority.pem", tmp_path / "server.pem"
    authority.cert_pem.write_to_path(pem)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    inventory = tmp_path / "machines.toml"
    inventory.write_text("operation_seconds = 75.0\n")
    with (
        World.open(inventory, FakeNow()) as world,
        serve(world.simulator, certificate=certificate) as server,
        azure_client(world, server.url, pem) as client,
    ):
        yield world, client


@pytest.fixture
def compute(tmp_path: Path, socket_enabled: None) -> Iterator[ComputeManagementClient]:  # noqa: ARG001 - loopback
    """Return the client of a world with a group and a network interface, and no VM."""
    with served(tmp_path) as (world, client):
        prepare(world, SUBSCRIPTION)
        yield client


def parameters() -> VirtualMachine:
    """Return the VM from the client's samples."""
    return VirtualMachine(
        location="westus",
        properties=VirtualMachineProperties(
            hardware_profile=HardwareProfile(vm_size="Standard_D2s_v3"),
            storage_profile=StorageProfile(
                image_reference=ImageReference(
                    publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest"
                ),
                os_disk=OSDisk(
                    create_option="FromImage",
                    caching="ReadWrite",
                    managed_disk=ManagedDiskParameters(storage_account_type="Standard_LRS"),
                ),
            ),
            os_profile=OSProfile(computer_name="web", admin_username="azureuser", admin_password=PASSWORD),
            network_profile=NetworkProfile(network_interfaces=[NetworkInterfaceReference(id=NIC)]),
        ),
    )


def create(compute: ComputeManagementClient, name: str = "web") -> VirtualMachine:
    """Create a VM."""
    return compute.virtual_machines.begin_create_or_update(GROUP, name, parameters()).result()


def power(compute: ComputeManagementClient) -> str:
    """Return the power state of the VM."""
    view = compute.virtual_machines.instance_view(GROUP, "web")
    return next(str(one.code) for one in view.statuses or () if str(one.code).startswith("PowerState/"))


def test_the_flow_of_the_clients_samples(compute: ComputeManagementClient) -> None:
    """Create, get, list, reimage, delete. Each poller ends with what Azure returns."""
    created = create(compute)
    got = compute.virtual_machines.get(GROUP, "web", expand="instanceView")
    assert created.provisioning_state == "Succeeded"
    assert got.vm_id == created.vm_id
    assert got.instance_view is not None
    assert [vm.name for vm in compute.virtual_machines.list(GROUP)] == ["web"]
    assert [vm.name for vm in compute.virtual_machines.list_all()] == ["web"]

    reimage = VirtualMachineReimageParameters(exact_version="24.04.202611010")
    compute.virtual_machines.begin_reimage(GROUP, "web", reimage).result()
    after = compute.virtual_machines.get(GROUP, "web")
    assert after.storage_profile.os_disk.name != got.storage_profile.os_disk.name
    assert after.storage_profile.image_reference.exact_version == "24.04.202611010"

    compute.virtual_machines.begin_delete(GROUP, "web").result()
    with pytest.raises(ResourceNotFoundError):
        compute.virtual_machines.get(GROUP, "web")
    left = list(compute.disks.list_by_resource_group(GROUP))
    assert {disk.disk_state for disk in left} == {"Unattached"}
    for disk in left:
        compute.disks.begin_delete(GROUP, str(disk.name)).result()
    assert list(compute.disks.list()) == []


def test_each_power_operation_is_followed_to_its_end(compute: ComputeManagementClient) -> None:
    """Its poller ends, and the VM is in the state that follows from the operation."""
    machines = compute.virtual_machines
    create(compute)

    states = []
    for begin in (
        machines.begin_power_off,
        machines.begin_start,
        machines.begin_restart,
        machines.begin_redeploy,
        machines.begin_reapply,
        machines.begin_deallocate,
    ):
        begin(GROUP, "web").result()
        states.append(power(compute).removeprefix("PowerState/"))

    assert states == ["stopped", "running", "running", "running", "running", "deallocated"]
    machines.generalize(GROUP, "web")
    with pytest.raises(ResourceExistsError, match="since the VM is generalized"):
        machines.begin_start(GROUP, "web").result()


def test_a_vm_is_updated(compute: ComputeManagementClient) -> None:
    """It is updated with PATCH and with PUT, and what cannot be changed is refused."""
    machines = compute.virtual_machines
    created = create(compute)
    patched = machines.begin_update(GROUP, "web", VirtualMachineUpdate(tags={"a": "b"})).result()
    again = machines.begin_create_or_update(GROUP, "web", patched).result()
    assert (patched.tags, again.tags, again.vm_id) == ({"a": "b"}, {"a": "b"}, created.vm_id)

    changed = parameters()
    assert changed.storage_profile is not None
    assert changed.storage_profile.image_reference is not None
    changed.storage_profile.image_reference.sku = "minimal"
    with pytest.raises(ResourceExistsError, match=r"Changing property 'imageReference\.sku' is not allowed"):
        machines.begin_create_or_update(GROUP, "web", changed)


def test_an_extension_is_put_and_deleted(compute: ComputeManagementClient) -> None:
    """Each operation is followed by its poller."""
    create(compute)
    extension = VirtualMachineExtension(
        location="westus",
        properties=VirtualMachineExtensionProperties(publisher="p", type="t", type_handler_version="1.0"),
    )
    extensions = compute.virtual_machine_extensions

    put = extensions.begin_create_or_update(GROUP, "web", "script", extension).result()
    listed = extensions.list(GROUP, "web").value or []
    extensions.begin_delete(GROUP, "web", "script").result()

    assert (put.provisioning_state, [one.name for one in listed]) == ("Succeeded", ["script"])
    assert not extensions.list(GROUP, "web").value


def test_lists_are_followed_from_page_to_page(tmp_path: Path, socket_enabled: None) -> None:  # noqa: ARG001 - loopback
    """The client's iterator reads every page."""
    with served(tmp_path) as (world, client):
        names = [f"vm-{number:03}" for number in range(110)]
        for name in names:
            world.simulator.add(name)

        assert [vm.name for vm in client.virtual_machines.list_all()] == names
        assert len(list(client.disks.list())) == len(names)


def test_a_refusal_has_what_the_client_reads(compute: ComputeManagementClient) -> None:
    """It has its code, its message and its target."""
    bad = parameters()
    assert bad.os_profile is not None
    bad.os_profile.admin_password = "weak"  # noqa: S105 - what a test sends

    with pytest.raises(HttpResponseError) as refused:
        compute.virtual_machines.begin_create_or_update(GROUP, "web", bad)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert (refused.value.error.code, refused.value.error.target) == ("InvalidParameter", "adminPassword")

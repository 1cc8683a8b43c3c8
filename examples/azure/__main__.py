"""A web server whose OS disk is rebuilt when its image version or its cloud-init file changes.

    pulumi config set azure-native:location westeurope
    pulumi config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)"
    pulumi config set imageVersion 24.04.202510010

The first `pulumi up` creates the VM and records it as the baseline. An `up` after a change of `imageVersion`
or of cloud-init.yaml reimages it, once. List the available versions:

    az vm image list --all --publisher Canonical --offer ubuntu-24_04-lts --sku server
"""

import base64
from pathlib import Path

import pulumi
from pulumi_azure_native import compute, network, resources

from pulumi_azure_reimage import VirtualMachineReimage, hash_files

config = pulumi.Config()
image_version = config.require("imageVersion")
cloud_init = Path("cloud-init.yaml")

group = resources.ResourceGroup("web")
net = network.VirtualNetwork(
    "web",
    resource_group_name=group.name,
    address_space={"address_prefixes": ["10.0.0.0/16"]},
)
subnet = network.Subnet(
    "web",
    resource_group_name=group.name,
    virtual_network_name=net.name,
    address_prefix="10.0.0.0/24",
    default_outbound_access=True,  # cloud-init downloads nginx.
)
nic = network.NetworkInterface(
    "web",
    resource_group_name=group.name,
    ip_configurations=[{"name": "web", "subnet": {"id": subnet.id}}],
)
vm = compute.VirtualMachine(
    "web",
    resource_group_name=group.name,
    hardware_profile={"vm_size": "Standard_B2s_v2"},
    network_profile={"network_interfaces": [{"id": nic.id, "primary": True}]},
    storage_profile={
        "image_reference": {
            "publisher": "Canonical",
            "offer": "ubuntu-24_04-lts",
            "sku": "server",
            "version": image_version,
        },
        "os_disk": {
            "create_option": compute.DiskCreateOptionTypes.FROM_IMAGE,
            # A reimage replaces the disk. Azure's default, Detach, keeps the old one and bills it.
            "delete_option": compute.DiskDeleteOptionTypes.DELETE,
            "managed_disk": {"storage_account_type": compute.StorageAccountTypes.STANDARD_SS_D_LRS},
        },
    },
    os_profile={
        "computer_name": "web",
        "admin_username": "azureuser",
        "linux_configuration": {
            "disable_password_authentication": True,
            "ssh": {
                "public_keys": [
                    {
                        "path": "/home/azureuser/.ssh/authorized_keys",
                        "key_data": config.require("sshPublicKey"),
                    }
                ]
            },
        },
    },
    # User data and not custom data: cloud-init reads either when a disk boots first, but Azure lets only user
    # data change, and refuses to reimage with custom data that the VM was not created with. A VM that has
    # custom data is given the same again below: os_profile={"custom_data_file": "cloud-init.yaml"}.
    user_data=base64.b64encode(cloud_init.read_bytes()).decode(),
    opts=pulumi.ResourceOptions(
        # Azure refuses another image version for a VM that exists, and a reimage gives the disk another name
        # and id. Nested paths are spelled as Azure spells them. Pulumi keeps what is ignored, even for a VM
        # that replaces this one, so the new VM starts with the version of the old one.
        ignore_changes=[
            "storageProfile.imageReference.version",
            "storageProfile.osDisk.name",
            "storageProfile.osDisk.managedDisk.id",
        ],
    ),
)

# `vm.id` also puts them in order: new user data reaches the VM before the new disk boots.
reimage = VirtualMachineReimage(
    "web",
    vm_id=vm.id,
    # A trigger, and the version to install. Without it, Azure rebuilds the version that the disk has.
    exact_version=image_version,
    triggers={"cloud-init": hash_files(cloud_init)},
    # A second check: refuse the reimage if `delete_option` above was changed without thinking of it.
    require_delete_option="Delete",
)

pulumi.export("reimage", {"status": reimage.status, "image": reimage.image_version, "why": reimage.causes})

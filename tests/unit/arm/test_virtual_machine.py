"""The facts of a VM, read from documents in which ARM may leave out anything."""

from typing import Any

import pytest

from pulumi_azure_reimage.arm.image import Image
from pulumi_azure_reimage.arm.virtual_machine import DiskFacts, VirtualMachine

BODY: dict[str, Any] = {
    "name": "web",
    "etag": '"2"',
    "location": "westus",
    "properties": {
        "vmId": "b3a2",
        "provisioningState": "Succeeded",
        "storageProfile": {
            "imageReference": {
                "publisher": "OpenLogic",
                "offer": "CentOS",
                "sku": "7.5",
                "exactVersion": "7.5.201808150",
            },
            "osDisk": {"osType": "Linux", "managedDisk": {"id": "/disks/a"}, "deleteOption": "Delete"},
            "dataDisks": [{"lun": 0}, {"lun": 1}],
        },
        "osProfile": {"computerName": "web"},
        "virtualMachineScaleSet": {"id": "/scaleSets/flex"},
        "instanceView": {"statuses": [{"code": "PowerState/running"}]},
    },
}


def body_with(os_disk: object) -> dict[str, Any]:
    """Return the VM with another OS disk."""
    return {"properties": {"vmId": "b3a2", "storageProfile": {"osDisk": os_disk}}}


def test_a_vm_is_read() -> None:
    """Every fact that a reimage depends on is read."""
    vm = VirtualMachine.from_body(BODY)

    assert vm == VirtualMachine(
        name="web",
        provisioning_state="Succeeded",
        etag='"2"',
        disk=DiskFacts("b3a2", "/disks/a", "7.5.201808150", "Delete", ephemeral=False),
        location="westus",
        os_type="Linux",
        image=Image(marketplace=("OpenLogic", "CentOS", "7.5")),
        provisioned=True,
        power="running",
        generalized=False,
        scale_set_id="/scaleSets/flex",
    )


def test_what_arm_does_not_say_is_not_known() -> None:
    """For a VM without image, profile and instance view, nothing is made up."""
    vm = VirtualMachine.from_body(body_with({}))

    assert (vm.location, vm.os_type, vm.image, vm.power, vm.scale_set_id) == (None,) * 5
    assert (vm.provisioned, vm.generalized) == (False, False)


def test_a_generalized_and_deallocated_vm_is_recognised() -> None:
    """Both are statuses of the instance view."""
    body = body_with({})
    codes = ("ProvisioningState/succeeded", "OSState/generalized", "PowerState/deallocated", 7)
    body["properties"]["instanceView"] = {"statuses": [{"code": code} for code in codes]}

    vm = VirtualMachine.from_body(body)

    assert (vm.generalized, vm.power) == (True, "deallocated")


@pytest.mark.parametrize(
    ("os_disk", "expected"),
    [
        pytest.param({}, ("Detach", False), id="Azure's default"),
        pytest.param({"deleteOption": "Detach"}, ("Detach", False), id="kept"),
        pytest.param({"deleteOption": "Delete"}, ("Delete", False), id="deleted"),
        pytest.param({"diffDiskSettings": {"option": "Local"}}, ("Delete", True), id="ephemeral"),
        pytest.param({"diffDiskSettings": {}}, ("Detach", False), id="empty settings"),
        pytest.param(None, ("Detach", False), id="no disk"),
        pytest.param("a string", ("Detach", False), id="not an object"),
    ],
)
def test_the_kind_of_disk_is_read(os_disk: object, expected: tuple[str, bool]) -> None:
    """Detach is Azure's default. An ephemeral disk is always deleted."""
    disk = VirtualMachine.from_body(body_with(os_disk)).disk

    assert (disk.delete_option, disk.ephemeral) == expected


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"properties": {}}, id="no vmId"),
        pytest.param({"properties": {"vmId": ""}}, id="an empty vmId"),
        pytest.param({"properties": {"vmId": 7}}, id="a number"),
        pytest.param({"properties": "web"}, id="properties is a string"),
    ],
)
def test_what_is_not_a_vm_is_refused(body: object) -> None:
    """Without vmId, a later run could not know whether it is still the same machine."""
    with pytest.raises(ValueError, match=r"no properties\.vmId"):
        VirtualMachine.from_body(body)


@pytest.mark.parametrize(
    ("state", "settled", "succeeded"),
    [
        ("Succeeded", True, True),
        ("succeeded", True, True),
        ("Failed", True, False),
        ("Canceled", True, False),
        ("Updating", False, False),
        ("Creating", False, False),
        ("a new word", False, False),
        ("", False, False),
    ],
)
def test_only_three_words_mean_that_arm_has_finished(state: str, *, settled: bool, succeeded: bool) -> None:
    """Any other word means that it is still working."""
    body = {"properties": {"vmId": "b3a2", "provisioningState": state}}

    vm = VirtualMachine.from_body(body)

    assert (vm.settled, vm.succeeded) == (settled, succeeded)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/groups/RG/disks/A", "/groups/rg/disks/a", True),
        ("/disks/a", "/disks/b", False),
        (None, "/disks/a", False),
        (None, None, True),
    ],
)
def test_a_disk_is_known_by_its_id_without_case(one: str | None, other: str | None, *, same: bool) -> None:
    """ARM writes the same resource group in upper case in one place and in lower case in another."""
    first = DiskFacts("vm", one, None, "Detach", ephemeral=False)
    second = DiskFacts("vm", other, None, "Delete", ephemeral=False)

    assert first.same_os_disk(second) is same


def test_facts_survive_the_state() -> None:
    """What is written to state is read back."""
    facts = DiskFacts("b3a2", "/disks/a", "1.0", "Delete", ephemeral=True)

    assert DiskFacts.from_state(facts.to_state()) == facts


@pytest.mark.parametrize("state", [None, {}, [], "text", {"vm_unique_id": 1, "ephemeral": "yes"}])
def test_missing_facts_are_unknown_and_no_error(state: object) -> None:
    """Another version may have written the state."""
    assert DiskFacts.from_state(state) == DiskFacts("", None, None, "Detach", ephemeral=False)


def test_the_time_that_version_0_1_0_kept_is_ignored() -> None:
    """It was used as the age of the disk, and no longer decides anything."""
    facts = DiskFacts("b3a2", "/disks/a", "1.0", "Delete", ephemeral=False)

    assert DiskFacts.from_state({**facts.to_state(), "os_disk_since": "2026-11-23T11:00:00Z"}) == facts


@pytest.mark.parametrize(
    ("old", "new", "ephemeral", "replaced"),
    [
        ("/disks/a", "/disks/b", False, True),
        ("/disks/a", "/DISKS/A", False, False),
        ("/disks/a", "/disks/b", True, False),
        (None, "/disks/b", False, False),
        ("/disks/a", None, False, False),
    ],
)
def test_only_another_managed_disk_that_is_known_replaces_one(
    old: str | None, new: str | None, *, ephemeral: bool, replaced: bool
) -> None:
    """An ephemeral disk keeps its id, and an id that is not shown proves nothing."""
    before = DiskFacts("vm", old, None, "Detach", ephemeral=False)

    assert DiskFacts("vm", new, None, "Detach", ephemeral=ephemeral).replaces(before) is replaced


@pytest.mark.parametrize(
    ("code", "may_run"),
    [
        ("PowerState/running", True),
        ("PowerState/starting", True),
        ("PowerState/deallocated", False),
        ("PowerState/stopped", False),
        ("ProvisioningState/succeeded", True),
    ],
)
def test_a_vm_may_run_unless_arm_shows_that_it_does_not(code: str, *, may_run: bool) -> None:
    """Without the instance view, its power state is not known."""
    properties = {**BODY["properties"], "instanceView": {"statuses": [{"code": code}]}}

    assert VirtualMachine.from_body({**BODY, "properties": properties}).may_run is may_run

"""A VM is created, changed and given another OS disk with PUT and PATCH, as in Azure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..client import API_VERSION, FakeNow, World, code, status_url
from .written_machine import GROUP, IMAGE, INTERFACE, PASSWORD, VM, machine, prepare, put, read


@pytest.fixture
def made(world: World) -> World:
    """Return a world with a group and a network interface."""
    prepare(world)
    return world


def test_a_vm_is_created_by_a_long_running_operation(made: World) -> None:
    """The answer is 201 with its document and `Azure-AsyncOperation`, but no `Location`. It is `Creating`."""
    absent = made.get(f"{VM}?{API_VERSION}")
    accepted = made.send("PUT", f"{VM}?{API_VERSION}", machine())
    view = made.get(f"{VM}/instanceView?{API_VERSION}").json()
    made.now.advance(75)

    assert code(absent) == "ResourceNotFound"
    assert accepted.status == 201
    assert "location" not in accepted.headers
    assert accepted.headers["azure-asyncnotification"] == "Enabled"
    assert "PutVMResource;11" in accepted.headers["x-ms-ratelimit-remaining-resource"]
    assert accepted.json()["properties"]["provisioningState"] == "Creating"
    assert [status["code"] for status in view["statuses"]] == [
        "ProvisioningState/creating",
        "PowerState/starting",
    ]
    assert made.get(status_url(accepted)).json()["status"] == "Succeeded"
    assert read(made)["properties"]["provisioningState"] == "Succeeded"
    assert read(made)["etag"] == '"2"'


def test_a_vm_shows_what_was_written_and_what_azure_adds_and_no_secret(made: World) -> None:
    """It shows its tags, size, image, disk, network and administrator. Names and ids are Azure's."""
    body = machine(userData="dGVzdA==", licenseType=None)
    body["identity"] = {"type": "SystemAssigned"}
    body["zones"] = ["1"]
    body["properties"]["osProfile"]["customData"] = "c2VjcmV0"
    put(made, body)

    found = read(made)
    disk = found["properties"]["storageProfile"]["osDisk"]
    assert (found["tags"], found["zones"], found["location"]) == ({"a": "b"}, ["1"], "westus")
    assert found["identity"]["principalId"]
    assert found["properties"]["hardwareProfile"] == {"vmSize": "Standard_B2s_v2"}
    assert found["properties"]["storageProfile"]["imageReference"] == {
        **IMAGE,
        "exactVersion": IMAGE["version"],
    }
    assert disk["name"].startswith("web_OsDisk_1_")
    assert disk["managedDisk"]["id"] == f"{GROUP}/providers/Microsoft.Compute/disks/{disk['name']}"
    assert disk["managedDisk"]["storageAccountType"] == "StandardSSD_LRS"
    assert disk["deleteOption"] == "Delete"
    assert found["properties"]["networkProfile"]["networkInterfaces"][0]["id"] == INTERFACE
    assert found["properties"]["osProfile"]["adminUsername"] == "azureuser"
    shown = json.dumps(found)
    assert not any(secret in shown for secret in (PASSWORD, "c2VjcmV0", "dGVzdA==", "adminPassword"))
    assert read(made, "&$expand=userData")["properties"]["userData"] == "dGVzdA=="
    assert made.simulator.machine("web").spec.custom_data == "c2VjcmV0"


def test_a_created_vm_can_be_reimaged_as_one_of_the_inventory_can(made: World) -> None:
    """It gets another disk, and keeps its tags and the time of its creation."""
    put(made)
    before = read(made)

    accepted = made.reimage_to_the_end("web", {"exactVersion": "24.04.202611010"})
    after = read(made)

    assert made.get(status_url(accepted)).json()["status"] == "Succeeded"
    old, new = (vm["properties"]["storageProfile"] for vm in (before, after))
    assert new["osDisk"]["name"] != old["osDisk"]["name"]
    assert new["imageReference"]["exactVersion"] == "24.04.202611010"
    assert after["tags"] == before["tags"]
    assert after["properties"]["timeCreated"] == before["properties"]["timeCreated"]


@pytest.mark.parametrize("name", ["web", "kept"])
def test_a_vm_that_is_created_again_is_a_different_one(made: World, name: str) -> None:
    """It has a new vmId, a new disk and a new time of creation, even if it is in the inventory."""
    path = VM
    if name == "kept":
        path = made.simulator.machine("kept").id
    else:
        put(made)
    before = made.simulator.machine(name)
    made.send("DELETE", f"{path}?{API_VERSION}")
    made.now.advance(75)

    created = put(made, path=path)
    after = made.simulator.machine(name)

    assert created.status == 201
    assert after.vm_id != before.vm_id
    assert after.os_disk_name != before.os_disk_name
    assert after.time_created > before.time_created
    assert after.from_inventory == before.from_inventory


def test_a_put_of_a_vm_that_exists_changes_it(made: World) -> None:
    """The answer is 200, with the new model and `Updating`. What the body leaves out stays, except tags."""
    put(made)
    before = read(made)
    body = machine(hardwareProfile={"vmSize": "Standard_D4s_v5"}, osProfile=None, networkProfile=None)
    del body["tags"]

    changed = made.send("PUT", f"{VM}?{API_VERSION}", body)
    made.now.advance(75)
    after = read(made)

    assert (changed.status, changed.json()["properties"]["provisioningState"]) == (200, "Updating")
    assert changed.json()["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"
    assert "location" not in changed.headers
    assert after["tags"] == {}
    for key in ("vmId", "timeCreated", "osProfile", "networkProfile", "storageProfile"):
        assert after["properties"][key] == before["properties"][key]
    assert after["etag"] == '"4"'


def test_a_machine_of_the_inventory_is_changed_by_what_a_client_read_of_it(world: World) -> None:
    """It is read, edited and written back, as the CLI does. The time of its disk's status changes."""
    body = world.vm("kept")
    path = world.simulator.machine("kept").id
    body["tags"] = {"mine": "yes"}
    body["properties"]["storageProfile"]["osDisk"]["deleteOption"] = "Delete"
    world.now.advance(3600)

    changed = put(world, body, path)

    assert changed.status == 200
    assert world.vm("kept")["tags"] == {"mine": "yes"}
    assert world.simulator.machine("kept").spec.os_disk == "Delete"
    assert world.simulator.machine("kept").os_disk_since is not None


def test_a_patch_changes_only_what_it_says(made: World) -> None:
    """Its tags replace the old ones. An empty body changes only the etag."""
    put(made)
    before = read(made)
    patched = made.send("PATCH", f"{VM}?{API_VERSION}", {"tags": {"c": "d"}})
    made.now.advance(75)
    after = read(made)

    assert (patched.status, patched.json()["tags"]) == (200, {"c": "d"})
    assert "UpdateVMResource;" in patched.headers["x-ms-ratelimit-remaining-resource"]
    assert after["properties"] == before["properties"]
    assert (before["etag"], after["etag"]) == ('"2"', '"4"')


def test_data_disks_are_attached_and_detached_by_a_put(made: World) -> None:
    """They are named and shown, even in the instance view."""
    disks = [{"lun": 0, "createOption": "Empty", "diskSizeGB": 8}, {"lun": 3, "createOption": "Empty"}]
    body = machine()
    body["properties"]["storageProfile"]["dataDisks"] = disks
    put(made, body)
    attached = read(made)["properties"]["storageProfile"]["dataDisks"]
    view = made.get(f"{VM}/instanceView?{API_VERSION}").json()["disks"]

    body["properties"]["storageProfile"]["dataDisks"] = [{**attached[0], "toBeDetached": True}, attached[1]]
    put(made, body)
    left = read(made)["properties"]["storageProfile"]["dataDisks"]

    assert [(disk["lun"], disk["name"]) for disk in attached] == [
        (0, "web_DataDisk_0"),
        (3, "web_DataDisk_3"),
    ]
    assert [disk["name"] for disk in view][1:] == ["web_DataDisk_0", "web_DataDisk_3"]
    assert left == attached[1:]


# The OS disk


def _swap(world: World, disk: str) -> dict[str, Any]:
    body: dict[str, Any] = read(world)
    del body["properties"]["storageProfile"]["imageReference"]
    body["properties"]["storageProfile"]["osDisk"] |= {
        "name": disk.rpartition("/")[2],
        "managedDisk": {"id": disk},
    }
    return body


def test_the_os_disk_is_swapped_as_recorded(made: World) -> None:
    """The VM is stopped, then written with another disk. The model's version, the vmId and the time stay."""
    body = machine()
    body["properties"]["storageProfile"]["osDisk"]["deleteOption"] = "Detach"
    put(made, body)
    first = read(made)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    made.reimage_to_the_end("web", {"exactVersion": "24.04.202611010"})
    before = read(made)
    second = before["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    made.send("POST", f"{VM}/powerOff?{API_VERSION}")
    made.now.advance(75)

    swapped = made.send("PUT", f"{VM}?{API_VERSION}", _swap(made, first))
    made.now.advance(75)
    after = read(made)

    storage = after["properties"]["storageProfile"]
    assert swapped.status == 200
    assert swapped.json()["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] == first
    assert storage["osDisk"]["managedDisk"]["id"] == first
    assert storage["imageReference"]["exactVersion"] == "24.04.202611010"
    for key in ("vmId", "timeCreated"):
        assert after["properties"][key] == before["properties"][key]
    owners = {disk.id: disk.managed_by for disk in made.simulator.disks() if "/web_" in disk.id}
    assert owners == {first: VM, second: None}


def test_a_swap_is_refused_while_the_vm_runs_and_with_an_unavailable_disk(made: World) -> None:
    """Such a disk is in use by another VM, or does not exist."""
    put(made)
    other = made.simulator.machine("deleted").os_disk_id
    running = made.send("PUT", f"{VM}?{API_VERSION}", _swap(made, other))
    made.send("POST", f"{VM}/powerOff?{API_VERSION}")
    made.now.advance(75)
    used = made.send("PUT", f"{VM}?{API_VERSION}", _swap(made, other))
    nowhere = made.send("PUT", f"{VM}?{API_VERSION}", _swap(made, f"{other}2"))

    assert (running.status, code(running)) == (409, "OperationNotAllowed")
    assert (used.status, code(used)) == (409, "ConflictingUserInput")
    assert (nowhere.status, code(nowhere)) == (404, "NotFound")


def test_a_vm_is_created_from_a_disk_that_a_deleted_one_left(made: World) -> None:
    """The disk is attached. The VM has the disk's operating system, no image and no osProfile."""
    disk = made.simulator.machine("kept").os_disk_id
    made.send("DELETE", f"{made.simulator.machine('kept').id}?{API_VERSION}")
    made.now.advance(75)
    storage = {"osDisk": {"createOption": "Attach", "osType": "Linux", "managedDisk": {"id": disk}}}

    created = put(made, machine(storageProfile=storage, osProfile=None))

    found = read(made)["properties"]
    assert created.status == 201
    assert found["storageProfile"]["osDisk"]["managedDisk"]["id"] == disk
    assert "imageReference" not in found["storageProfile"]
    assert "osProfile" not in found
    assert made.simulator.machine("web").spec.created_from == "Attach"
    assert made.reimage("web").status == 409


def test_the_new_disk_can_have_a_name(made: World) -> None:
    """The name must not be in use."""
    body = machine()
    body["properties"]["storageProfile"]["osDisk"]["name"] = "system"
    put(made, body)

    again = put(made, body, f"{VM}2")

    assert read(made)["properties"]["storageProfile"]["osDisk"]["name"] == "system"
    assert [disk.managed_by for disk in made.simulator.disks() if disk.name == "system"] == [VM]
    assert (again.status, code(again)) == (409, "ConflictingUserInput")
    assert "Only CreateOption.Attach is supported" in again.json()["error"]["message"]


# Refusals


def _edited(path: str, value: object) -> dict[str, Any]:
    """Return the body with another value at a path below `properties`; None removes it."""
    body = machine()
    place: Any = body["properties"]
    *parents, last = path.split(".")
    for key in parents:
        place = place[key]
    place[last] = value
    return body


CREATIONS = {
    "no body": ([], 400, "BadRequest", None),
    "no location": ({"properties": {}}, 400, "LocationRequired", None),
    "unknown member": ({**machine(), "colour": "red"}, 400, "BadRequest", "colour"),
    "unknown property": (_edited("colour", "red"), 400, "BadRequest", "properties.colour"),
    "wrong type": ({**machine(), "tags": []}, 400, "BadRequest", "tags"),
    "no size": (machine(hardwareProfile=None), 400, "InvalidParameter", "hardwareProfile"),
    "no storage": (machine(storageProfile=None), 400, "InvalidParameter", "storageProfile"),
    "no image": (_edited("storageProfile.imageReference", None), 400, "InvalidParameter", "imageReference"),
    "half an image": (
        _edited("storageProfile.imageReference", {"publisher": "p"}),
        400,
        "InvalidParameter",
        "imageReference.offer",
    ),
    "no network": (machine(networkProfile=None), 400, "InvalidParameter", "networkProfile"),
    "no interface": (
        machine(networkProfile={"networkInterfaces": [{"id": f"{INTERFACE}2"}]}),
        400,
        "InvalidResourceReference",
        None,
    ),
    "no profile": (machine(osProfile=None), 400, "InvalidParameter", "osProfile"),
    "no user": (_edited("osProfile.adminUsername", None), 400, "InvalidParameter", "adminUsername"),
    "a user that is not allowed": (
        _edited("osProfile.adminUsername", "admin"),
        400,
        "InvalidParameter",
        "adminUsername",
    ),
    "no password": (_edited("osProfile.adminPassword", None), 400, "InvalidParameter", "linuxConfiguration"),
    "a weak password": (_edited("osProfile.adminPassword", "weak"), 400, "InvalidParameter", "adminPassword"),
    "a known password": (
        _edited("osProfile.adminPassword", "P@ssw0rd"),
        400,
        "InvalidParameter",
        "adminPassword",
    ),
    "custom data": (_edited("osProfile.customData", "?"), 400, "InvalidParameter", "customData"),
    "a long computer name": (
        _edited("osProfile.computerName", "a" * 65),
        400,
        "InvalidParameter",
        "computerName",
    ),
    "delete option": (
        _edited("storageProfile.osDisk.deleteOption", "Keep"),
        400,
        "InvalidParameter",
        "osDisk.deleteOption",
    ),
    "disk name": (_edited("storageProfile.osDisk.name", "a*"), 400, "InvalidParameter", "disk.name"),
}


@pytest.mark.parametrize(("body", "status", "expected", "target"), CREATIONS.values(), ids=CREATIONS)
def test_a_creation_that_is_refused(
    made: World, body: object, status: int, expected: str, target: str | None
) -> None:
    """The refusal has ARM's envelope, and nothing is created."""
    refused = made.send("PUT", f"{VM}?{API_VERSION}", body)

    assert (refused.status, code(refused)) == (status, expected)
    assert refused.json()["error"].get("target") == target
    assert code(made.get(f"{VM}?{API_VERSION}")) == "ResourceNotFound"
    assert [disk for disk in made.simulator.disks() if "/web_" in disk.id] == []


@pytest.mark.parametrize("name", ["_web", "web.", "a" * 81, "we*b"])
def test_a_name_that_azure_does_not_accept(made: World, name: str) -> None:
    """The refusal has the compute service's words."""
    refused = made.send("PUT", f"{VM.removesuffix('web')}{name}?{API_VERSION}", machine())

    assert (refused.status, code(refused)) == (400, "InvalidParameter")
    assert "The entity name 'vmName' is invalid according to its validation rule" in str(refused.json())


CHANGES: dict[str, tuple[str, object, str]] = {
    "image": ("storageProfile.imageReference", {**IMAGE, "version": "1.0"}, "imageReference.version"),
    "another image": ("storageProfile.imageReference", {**IMAGE, "offer": "o", "sku": "s"}, "imageReference"),
    "image id": ("storageProfile.imageReference", {"id": "/subscriptions/s/images/i"}, "imageReference"),
    "password": ("osProfile.adminPassword", "another-Horse-1", "osProfile.adminPassword"),
    "custom data": ("osProfile.customData", "dGVzdA==", "osProfile.customData"),
    "user": ("osProfile.adminUsername", "somebody", "osProfile.adminUsername"),
    "computer": ("osProfile.computerName", "other", "osProfile.computerName"),
    "keys": (
        "osProfile.linuxConfiguration",
        {"ssh": {"publicKeys": [{"path": "p", "keyData": "k"}]}},
        "linuxConfiguration.ssh.publicKeys",
    ),
    "create option": ("storageProfile.osDisk.createOption", "Empty", "osDisk.createOption"),
    "operating system": ("storageProfile.osDisk.osType", "Windows", "osDisk.osType"),
    "ephemeral": ("storageProfile.osDisk.diffDiskSettings", {"option": "Local"}, "osDisk.diffDiskSettings"),
    "disk name": ("storageProfile.osDisk.name", "other", "osDisk.name"),
}


@pytest.mark.parametrize(("path", "value", "target"), CHANGES.values(), ids=CHANGES)
def test_what_a_vm_was_created_with_cannot_be_changed(
    made: World, path: str, value: object, target: str
) -> None:
    """The code is `PropertyChangeNotAllowed`. Writing the same value is not a change."""
    put(made)
    same = put(made)
    before = read(made)

    refused = made.send("PUT", f"{VM}?{API_VERSION}", _edited(path, value))

    assert same.status == 200
    assert (refused.status, code(refused)) == (409, "PropertyChangeNotAllowed")
    assert refused.json()["error"]["target"] == target
    assert refused.json()["error"]["message"] == f"Changing property '{target}' is not allowed."
    assert read(made) == before


def test_a_vm_does_not_move_to_another_location(made: World) -> None:
    """The display name of the same location is accepted."""
    put(made)
    moved = made.send("PUT", f"{VM}?{API_VERSION}", {**machine(), "location": "eastus"})
    same = made.send("PUT", f"{VM}?{API_VERSION}", {**machine(), "location": "West US"})

    assert (moved.status, code(moved)) == (409, "InvalidResourceLocation")
    assert same.status == 200


def test_writes_are_conditional_on_the_etag(made: World) -> None:
    """`If-None-Match: *` creates and never overwrites, and `If-Match` overwrites and never creates."""

    def send(header: str, value: str) -> int:
        headers = {"authorization": "Bearer token", header: value}
        status = made.send("PUT", f"{VM}?{API_VERSION}", machine(), headers).status
        made.now.advance(75)
        return status

    assert send("if-match", "*") == 412
    assert send("if-none-match", "*") == 201
    assert send("if-none-match", "*") == 412
    assert send("if-match", '"1"') == 412
    assert send("if-match", '"2"') == 200


def test_a_second_write_is_refused_while_an_operation_runs(made: World) -> None:
    """This holds even while the VM is created."""
    first = made.send("PUT", f"{VM}?{API_VERSION}", machine())
    second = made.send("PUT", f"{VM}?{API_VERSION}", machine())
    patch = made.send("PATCH", f"{VM}?{API_VERSION}", {"tags": {}})

    assert first.status == 201
    assert [(answer.status, code(answer)) for answer in (second, patch)] == [(409, "OperationNotAllowed")] * 2


def test_a_lock_and_a_missing_right_stop_a_write(world: World) -> None:
    """`CanNotDelete` does not."""
    path = f"{world.simulator.machine('kept').id}?{API_VERSION}"
    world.simulator.change("kept", lock="ReadOnly")
    locked = world.send("PATCH", path, {"tags": {}})
    world.simulator.change("kept", lock="CanNotDelete", actions=["*/read"])
    forbidden = world.send("PATCH", path, {"tags": {}})
    world.simulator.change("kept", actions=["*"])

    assert (locked.status, code(locked)) == (409, "ScopeLocked")
    assert (forbidden.status, code(forbidden)) == (403, "AuthorizationFailed")
    assert world.send("PATCH", path, {"tags": {}}).status == 200


def test_a_creation_can_fail(made: World) -> None:
    """The VM stays as `Failed`, and can be deleted or written again."""
    made.simulator.script("operation web-*: fail AllocationFailed")
    accepted = made.send("PUT", f"{VM}-1?{API_VERSION}", machine())
    made.now.advance(75)

    assert made.get(status_url(accepted)).json()["error"]["code"] == "AllocationFailed"
    assert made.vm("web-1")["properties"]["provisioningState"] == "Failed"
    assert put(made, path=f"{VM}-1").status == 200
    assert made.vm("web-1")["properties"]["provisioningState"] == "Succeeded"


def test_a_deleted_vm_releases_its_interface(made: World) -> None:
    """The interface cannot be deleted before. It is deleted with the VM if its delete option says so."""
    path = f"{INTERFACE}?api-version=2024-05-01"
    interfaces = [{"id": INTERFACE, "properties": {"deleteOption": "Delete"}}]
    put(made)
    used = made.send("DELETE", path)
    owner = made.get(path).json()["properties"]["virtualMachine"]
    made.send("DELETE", f"{VM}?{API_VERSION}")
    made.now.advance(75)
    free = made.get(path)
    put(made, machine(networkProfile={"networkInterfaces": interfaces}))
    made.send("DELETE", f"{VM}?{API_VERSION}")
    made.now.advance(75)

    assert (used.status, code(used), owner) == (400, "NicInUse", {"id": VM})
    assert "virtualMachine" not in free.json()["properties"]
    assert made.get(path).status == 404


def test_what_a_client_wrote_is_in_the_state_file(made: World) -> None:
    """Another simulator with the same inventory has it."""
    put(made)
    before = read(made)

    with World.open(Path(made.simulator.config["azure-reimage:simulator"]), made.now) as other:
        after = read(other)

    assert after == before


# Bodies of every shape


@pytest.mark.parametrize(
    "body",
    [
        machine(networkProfile={"networkInterfaces": [1]}),
        machine(networkProfile={"networkInterfaces": {}}),
        machine(networkProfile={"networkInterfaces": [{}]}),
        machine(networkProfile={"networkInterfaces": [{"id": INTERFACE, "properties": "x"}]}),
        machine(
            networkProfile={"networkInterfaces": [{"id": INTERFACE, "properties": {"deleteOption": {}}}]}
        ),
        _edited("storageProfile.dataDisks", "two"),
        _edited("storageProfile.dataDisks", [2]),
        _edited("storageProfile.osDisk.managedDisk", "x"),
        _edited("storageProfile.osDisk.name", {}),
        _edited("storageProfile.imageReference", "x"),
        _edited("storageProfile.imageReference", {"id": 1}),
        _edited("osProfile.linuxConfiguration", "x"),
        _edited("osProfile.adminPassword", ["x"]),
        _edited("hardwareProfile.vmSize", {}),
        {**machine(), "properties": []},
        {**machine(), "location": 1},
    ],
)
def test_no_shape_of_a_body_breaks_the_simulator(made: World, body: object) -> None:
    """A value whose type is not that of the model is refused, even for an existing VM."""
    created = made.send("PUT", f"{VM}?{API_VERSION}", body)
    put(made)
    changed = made.send("PUT", f"{VM}?{API_VERSION}", body)

    assert created.status == 400
    assert changed.status in {400, 409}


# Images


def test_the_newest_version_of_the_catalogue_is_what_latest_means(tmp_path: Path) -> None:
    """It is in the region, and neither excluded nor deprecated. A missing version is refused."""
    inventory = tmp_path / "images.toml"
    inventory.write_text(
        'subscription_id = "11111111-1111-1111-1111-111111111111"\n'
        '[[image]]\npublisher = "Canonical"\noffer = "ubuntu"\nsku = "server"\n'
        'versions = ["1.9.0", "1.10.0", { name = "1.11.0", deprecated = 2020-01-01 }]\n'
    )
    with World.open(inventory, FakeNow()) as world:
        prepare(world)
        put(world, _edited("storageProfile.imageReference", {**IMAGE, "version": "latest"}))
        refused = put(world, _edited("storageProfile.imageReference", {**IMAGE, "version": "2"}), f"{VM}2")
        reference = read(world)["properties"]["storageProfile"]["imageReference"]

    assert (reference["version"], reference["exactVersion"]) == ("latest", "1.10.0")
    assert (refused.status, code(refused)) == (404, "PlatformImageNotFound")


def test_a_vm_is_created_from_a_specialized_image_of_a_gallery(made: World) -> None:
    """It has no osProfile, which its reimage refuses too."""
    image = f"{GROUP}/providers/Microsoft.Compute/galleries/g/images/i/versions/1.2.3"
    body = _edited("storageProfile.imageReference", {"id": image})
    body["properties"].pop("osProfile")
    put(made, body)

    reference = read(made)["properties"]["storageProfile"]["imageReference"]
    assert reference == {"id": image, "exactVersion": "1.2.3"}
    assert "osProfile" not in read(made)["properties"]


def test_a_windows_vm_is_known_by_its_profile_or_its_publisher(made: World) -> None:
    """Its computer name is short, and it has a password."""
    body = _edited("storageProfile.imageReference", {**IMAGE, "publisher": "MicrosoftWindowsServer"})
    long_name = json.loads(json.dumps(body))
    long_name["properties"]["osProfile"]["computerName"] = "a" * 16
    no_password = json.loads(json.dumps(body))
    del no_password["properties"]["osProfile"]["adminPassword"]

    refused = [put(made, one).json()["error"]["target"] for one in (long_name, no_password)]
    put(made, body)

    assert refused == ["computerName", "adminPassword"]
    assert read(made)["properties"]["storageProfile"]["osDisk"]["osType"] == "Windows"


def test_a_disk_is_attached_by_its_id(made: World) -> None:
    """A body without its id is refused."""
    storage = {"osDisk": {"createOption": "Attach"}}

    refused = put(made, machine(storageProfile=storage, osProfile=None))

    assert refused.json()["error"]["target"] == "osDisk.managedDisk.id"

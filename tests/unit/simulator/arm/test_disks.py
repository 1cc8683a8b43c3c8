"""Disks are read, listed, written and deleted, except that a disk in use is not deleted."""

from __future__ import annotations

import pytest

from ..client import API_VERSION, World, code, status_url
from .written_machine import GROUP, SUBSCRIPTION, VM, machine, prepare, put, read

DISK_VERSION = "api-version=2024-03-02"
CREATION = {"creationData": {"createOption": "Empty"}}
NEW = f"{GROUP}/providers/Microsoft.Compute/disks/copy"


def _disk(world: World, name: str) -> str:
    return f"{world.simulator.machine(name).os_disk_id}?{DISK_VERSION}"


@pytest.mark.parametrize(
    ("power", "state"), [("running", "Attached"), ("stopped", "Attached"), ("deallocated", "Reserved")]
)
def test_a_disk_knows_its_vm_and_whether_it_runs(world: World, power: str, state: str) -> None:
    """The specification calls the disk of a deallocated VM `Reserved`."""
    world.simulator.change("kept", power=power)

    found = world.get(_disk(world, "kept")).json()

    assert found["managedBy"] == world.simulator.machine("kept").id
    assert found["properties"]["diskState"] == state


def test_the_disk_of_a_deleted_vm_is_free_and_can_be_deleted(world: World) -> None:
    """So can the old disk of a reimage. A second DELETE has nothing to do."""
    path = _disk(world, "kept")
    used = world.send("DELETE", path)
    world.send("DELETE", f"{world.simulator.machine('kept').id}?{API_VERSION}")
    world.now.advance(75)
    free = world.get(path).json()
    deleted = world.send("DELETE", path)

    assert (used.status, code(used)) == (409, "OperationNotAllowed")
    assert "is attached to VM /subscriptions/" in used.json()["error"]["message"]
    assert ("managedBy" in free, free["properties"]["diskState"]) == (False, "Unattached")
    assert (deleted.status, deleted.body) == (202, b"")
    assert world.get(status_url(deleted)).json()["status"] == "Succeeded"
    assert world.get(deleted.headers["location"]).status == 200
    assert code(world.get(path)) == "ResourceNotFound"
    assert world.send("DELETE", path).status == 204


def test_disks_are_listed_in_pages(world: World) -> None:
    """The lists are those of a resource group and of a subscription, including disks that a reimage left."""
    for number in range(60):
        world.simulator.add(f"vm-{number:03}")
    world.reimage_to_the_end("kept")
    lists = f"providers/Microsoft.Compute/disks?{DISK_VERSION}"
    first = world.get(f"{SUBSCRIPTION}/{lists}").json()
    rest = world.get(first["nextLink"]).json()
    group = world.get(f"{SUBSCRIPTION}/resourceGroups/rg-one/{lists}").json()

    assert (len(first["value"]), len(rest["value"]), "nextLink" in rest) == (50, 14, False)
    assert group["value"] == first["value"]
    assert {disk["properties"]["diskState"] for disk in (*first["value"], *rest["value"])} == {
        "Attached",
        "Unattached",
    }


def test_a_copy_of_a_disk_becomes_the_os_disk_of_a_vm(world: World) -> None:
    """The recorded swap does this: the disk is copied, and written into the stopped VM."""
    prepare(world)
    put(world)
    source = world.simulator.machine("web").os_disk_id
    creation = {"createOption": "Copy", "sourceResourceId": source}
    made = world.send(
        "PUT", f"{NEW}?{DISK_VERSION}", {"location": "westus", "properties": {"creationData": creation}}
    )
    world.send("POST", f"{VM}/powerOff?{API_VERSION}")
    world.now.advance(75)
    body = machine()
    body["properties"]["storageProfile"]["osDisk"] |= {"name": "copy", "managedDisk": {"id": NEW}}
    swapped = put(world, body)

    assert (made.status, swapped.status) == (202, 200)
    assert world.get(status_url(made)).json()["status"] == "Succeeded"
    assert world.get(f"{NEW}?{DISK_VERSION}").json()["managedBy"] == VM
    assert world.get(f"{NEW}?{DISK_VERSION}").json()["properties"]["creationData"] == creation
    assert read(world)["properties"]["storageProfile"]["osDisk"]["name"] == "copy"


def test_a_disk_is_tagged(world: World) -> None:
    """PATCH does this, and so does PUT on an existing disk. Its size can be changed, and its id cannot."""
    path = _disk(world, "kept")
    world.send("PATCH", path, {"tags": {"a": "b"}, "properties": {"diskSizeGB": 64}})
    world.send("PUT", path, {"location": "westus", "sku": {"name": "StandardSSD_LRS"}, "id": "other"})

    found = world.get(path).json()

    assert (found["tags"], found["sku"]) == ({"a": "b"}, {"name": "StandardSSD_LRS", "tier": "Standard"})
    assert found["properties"]["diskSizeGB"] == 64
    assert found["id"] == world.simulator.machine("kept").os_disk_id


@pytest.mark.parametrize(
    ("name", "body", "status", "expected"),
    [
        ("copy", {}, 400, "LocationRequired"),
        ("copy", {"location": "westus"}, 400, "InvalidParameter"),
        ("copy", {"location": "westus", "sku": 1, "properties": CREATION}, 400, "BadRequest"),
        ("copy", {"location": "westus", "sku": {"name": 1}, "properties": CREATION}, 400, "BadRequest"),
        ("copy", {"location": "westus", "properties": {"creationData": 1}}, 400, "InvalidParameter"),
        ("c*", {"location": "westus"}, 400, "InvalidParameter"),
        (
            "copy",
            {
                "location": "westus",
                "properties": {"creationData": {"createOption": "Copy", "sourceResourceId": "/disks/none"}},
            },
            404,
            "NotFound",
        ),
    ],
)
def test_a_disk_that_is_refused(world: World, name: str, body: object, status: int, expected: str) -> None:
    """Its name, location, origin and source are checked."""
    prepare(world)

    refused = world.send("PUT", f"{NEW.removesuffix('copy')}{name}?{DISK_VERSION}", body)

    assert (refused.status, code(refused)) == (status, expected)

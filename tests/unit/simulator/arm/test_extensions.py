"""Extensions are put, read and deleted as operations on their VM. They do not run anything."""

from __future__ import annotations

from typing import Any

import pytest

from ..client import API_VERSION, World, code, status_url

BODY: dict[str, Any] = {
    "location": "westus",
    "properties": {
        "publisher": "Microsoft.Azure.Extensions",
        "type": "CustomScript",
        "typeHandlerVersion": "2.1",
        "autoUpgradeMinorVersion": True,
        "settings": {"commandToExecute": "true"},
        "protectedSettings": {"script": "c2VjcmV0"},
    },
}


def _path(world: World, name: str = "/script") -> str:
    return f"{world.simulator.machine('kept').id}/extensions{name}?{API_VERSION}"


def _put(world: World) -> None:
    assert world.send("PUT", _path(world), BODY).status == 201
    world.now.advance(75)


def test_an_extension_is_put_by_an_operation_on_its_vm(world: World) -> None:
    """The answer is 201 with its document. It is `Creating`, and the VM `Updating`, until the end."""
    accepted = world.send("PUT", _path(world), BODY)
    meanwhile = world.get(_path(world)).json()["properties"]["provisioningState"]
    state = world.vm("kept")["properties"]["provisioningState"]
    world.now.advance(75)

    assert accepted.status == 201
    assert "location" not in accepted.headers
    assert (meanwhile, state) == ("Creating", "Updating")
    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"
    found = world.get(_path(world, "/SCRIPT")).json()
    assert found["properties"]["provisioningState"] == "Succeeded"
    assert found["type"] == "Microsoft.Compute/virtualMachines/extensions"
    assert "protectedSettings" not in found["properties"]


def test_a_vm_shows_its_extensions(world: World) -> None:
    """They are inside the VM, in its instance view, and with its agent."""
    _put(world)

    view = world.get(f"{world.simulator.machine('kept').id}/instanceView?{API_VERSION}").json()

    assert [one["name"] for one in world.vm("kept")["resources"]] == ["script"]
    assert [one["name"] for one in world.get(_path(world, "")).json()["value"]] == ["script"]
    assert view["extensions"][0]["type"] == "Microsoft.Azure.Extensions.CustomScript"
    assert view["vmAgent"]["extensionHandlers"][0]["status"]["displayStatus"] == "Ready"


def test_an_extension_moves_the_time_of_the_disks_status_and_nothing_else_of_the_disk(world: World) -> None:
    """This happens when it is put, changed and deleted, as recorded."""
    times, names = [], set()
    for method, body in (("PUT", BODY), ("PATCH", {"properties": {"settings": {}}}), ("DELETE", None)):
        world.now.advance(3600)
        assert world.send(method, _path(world), body).status in {200, 201, 202}
        world.now.advance(75)
        machine = world.simulator.machine("kept")
        times.append(str(machine.os_disk_since))
        names.add(machine.os_disk_name)

    assert times == sorted(set(times))
    assert len(names) == 1


def test_an_extension_is_deleted_by_an_operation(world: World) -> None:
    """The answer is 202 with both URLs, or 204 if it does not exist."""
    _put(world)
    accepted = world.send("DELETE", _path(world))
    meanwhile = world.get(_path(world)).json()["properties"]["provisioningState"]
    world.now.advance(75)

    assert (accepted.status, meanwhile) == (202, "Deleting")
    assert "monitor=true" in accepted.headers["location"]
    assert code(world.get(_path(world))) == "ResourceNotFound"
    assert world.send("DELETE", _path(world)).status == 204


def test_a_failed_extension_leaves_itself_and_its_vm_failed(world: World) -> None:
    """`VMExtensionProvisioningError` has this effect."""
    world.simulator.script("operation kept: fail VMExtensionProvisioningError")
    world.send("PUT", _path(world), BODY)
    world.now.advance(75)

    assert world.get(_path(world)).json()["properties"]["provisioningState"] == "Failed"
    assert world.vm("kept")["properties"]["provisioningState"] == "Failed"


def test_extensions_survive_a_reimage_and_the_process(world: World) -> None:
    """They belong to the model of the VM, not to its disk."""
    _put(world)
    world.reimage_to_the_end("kept")

    assert [one["name"] for one in world.vm("kept")["resources"]] == ["script"]


@pytest.mark.parametrize(
    ("change", "sent", "status", "expected"),
    [
        ({"power": "stopped"}, ("PUT", BODY), 409, "OperationNotAllowed"),
        ({"lock": "ReadOnly"}, ("PUT", BODY), 409, "ScopeLocked"),
        ({"actions": ["*/read"]}, ("PUT", BODY), 403, "AuthorizationFailed"),
        ({}, ("PUT", {"location": "westus", "properties": {}}), 400, "InvalidParameter"),
        ({}, ("PUT", {"properties": BODY["properties"]}), 400, "LocationRequired"),
        ({}, ("PUT", {"location": "westus", "properties": {"colour": 1}}), 400, "BadRequest"),
        ({}, ("PATCH", {"properties": {}}), 404, "ResourceNotFound"),
        ({}, ("POST", None), 405, "MethodNotAllowed"),
    ],
)
def test_an_extension_that_is_refused(
    world: World, change: dict[str, Any], sent: tuple[str, object], status: int, expected: str
) -> None:
    """The reasons are a stopped VM, a lock, a missing right, and wrong bodies."""
    world.simulator.change("kept", **change)

    method, body = sent
    refused = world.send(method, _path(world), body)

    assert (refused.status, code(refused)) == (status, expected)


def test_an_extension_needs_its_vm(world: World) -> None:
    """It is a part of its VM."""
    refused = world.send("PUT", _path(world).replace("/kept/", "/none/"), BODY)

    assert (refused.status, code(refused)) == (404, "ParentResourceNotFound")

"""The inventory file: defaults, and refusals that name the file, the table and the key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator

if TYPE_CHECKING:
    from pathlib import Path

NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


def test_a_name_is_all_that_a_machine_needs(tmp_path: Path) -> None:
    """Detach is Azure's default."""
    (tmp_path / "machines.toml").write_text('[[machine]]\nname = "web"')

    with Simulator.open(tmp_path / "machines.toml") as simulator:
        machine = simulator.machine("web")

    assert machine.id == (
        f"/subscriptions/{NO_SUBSCRIPTION}/resourceGroups/simulated"
        "/providers/Microsoft.Compute/virtualMachines/web"
    )
    assert (machine.spec.os_type, machine.spec.os_disk) == ("Linux", "Detach")


def test_every_key_is_taken(tmp_path: Path) -> None:
    """A JSON inventory says the same as a TOML one."""
    settings = {
        "name": "web",
        "resource_group": "rg",
        "subscription_id": "sub",
        "location": "eastus",
        "os_type": "Windows",
        "os_disk": "Ephemeral",
        "size": "Standard_B2s",
        "image": {"publisher": "p", "offer": "o", "sku": "s", "version": "v"},
        "image_version": "1.2.3",
        "custom_data": "dGVzdA==",
        "operation_seconds": 7,
    }
    (tmp_path / "machines.json").write_text(json.dumps({"operation_seconds": 1, "machine": [settings]}))

    with Simulator.open(tmp_path / "machines.json") as simulator:
        spec = simulator.machine("web").spec.to_document()

    assert spec == settings


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seconds = 3", 'machines.toml: unknown key "seconds"; known keys: operation_seconds, retry_after'),
        ("operation_seconds = -1", 'machines.toml: "operation_seconds" must be a number of seconds'),
        ("operation_seconds = true", 'machines.toml: "operation_seconds" must be a number of seconds'),
        ("retry_after = 1.5", 'machines.toml: "retry_after" must be a whole number of seconds'),
        ("location = 1", 'machines.toml: "location" must be a text'),
        ("machine = 1", r'machines.toml: "machine" must be a list of tables, written \[\[machine\]\]'),
        ("[[machine]]", r'machines.toml, \[\[machine\]\] number 1 \("unnamed"\): "name" is missing'),
        (
            '[[machine]]\nname = "a"\n[[machine]]\nname = "web"\nos_tpye = "Linux"',
            r'machines.toml, \[\[machine\]\] number 2 \("web"\): unknown key "os_tpye"',
        ),
        ('[[machine]]\nname = "web"\nos_type = "linux"', '"os_type" must be one of Linux, Windows'),
        ('[[machine]]\nname = "web"\nimage = "ubuntu"', '"image" must be a table'),
        (
            '[[machine]]\nname = "web"\nimage = { vendor = "x" }',
            r'number 1 \("web"\), image: unknown key "vendor"; known keys: publisher, offer, sku, version',
        ),
        (
            '[[machine]]\nname = "web"\n[[machine]]\nname = "WEB"',
            r'number 2 \("WEB"\): this resource group already has a machine of that name',
        ),
        ("= 1", "the inventory cannot be parsed"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(tmp_path: Path, text: str, sentence: str) -> None:
    """The message leads to the line."""
    (tmp_path / "machines.toml").write_text(text)

    with pytest.raises(InventoryError, match=sentence):
        Simulator.open(tmp_path / "machines.toml")


def test_an_inventory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """And no state is left behind."""
    with pytest.raises(InventoryError, match="the inventory cannot be read: No such file"):
        Simulator.open(tmp_path / "machines.toml")

    assert list(tmp_path.iterdir()) == []


def test_a_json_inventory_must_be_an_object(tmp_path: Path) -> None:
    """A bare list has no place for the rest."""
    (tmp_path / "machines.json").write_text("[]")

    with pytest.raises(InventoryError, match="must be an object"):
        Simulator.open(tmp_path / "machines.json")


def test_the_durations_of_the_file_are_followed_when_it_changes(tmp_path: Path) -> None:
    """What happened to a machine stays."""
    path = tmp_path / "machines.toml"
    path.write_text('[[machine]]\nname = "web"')
    with Simulator.open(path) as simulator:
        before = simulator.machine("web")
    path.write_text('[[machine]]\nname = "web"\noperation_seconds = 9')
    with Simulator.open(path) as simulator:
        after = simulator.machine("web")

    assert after.spec.operation_seconds == 9
    assert (after.vm_id, after.os_disk_name) == (before.vm_id, before.os_disk_name)

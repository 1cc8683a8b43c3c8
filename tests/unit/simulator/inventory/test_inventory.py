"""The inventory file: defaults, and refusals that name the file, the table and the key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator, UnknownMachineError

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


def test_every_key_is_accepted(tmp_path: Path) -> None:
    """A JSON inventory means the same as a TOML one."""
    settings = {
        "name": "web",
        "resource_group": "rg",
        "subscription_id": "11111111-1111-1111-1111-111111111111",
        "location": "eastus",
        "os_type": "Windows",
        "os_disk": "Ephemeral",
        "size": "Standard_B2s",
        "image": {"publisher": "p", "offer": "o", "sku": "s", "version": "latest"},
        "image_version": "1.2.3",
        "custom_data": "dGVzdA==",
        "operation_seconds": 7,
        "power": "deallocated",
        "agent": "Absent",
        "agent_seconds": 5,
        "generalized": True,
        "created_from": "Specialized",
        "scale_set": "set",
        "lock": "ReadOnly",
        "lock_scope": "subscription",
        "failed": True,
        "data_disks": 2,
        "actions": ["*/read"],
    }
    (tmp_path / "machines.json").write_text(json.dumps({"operation_seconds": 1, "machine": [settings]}))

    with Simulator.open(tmp_path / "machines.json") as simulator:
        spec = simulator.machine("web").spec.to_document()

    assert {**spec, "actions": list(spec["actions"])} == settings


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seconds = 3", 'machines.toml: unknown key "seconds"; known keys: operation_seconds, retry_after'),
        ("operation_seconds = -1", 'machines.toml: "operation_seconds" must be a number of seconds'),
        (
            "operation_seconds = inf",
            'machines.toml: "operation_seconds" must be a number of seconds, ten years',
        ),
        ("operation_seconds = true", 'machines.toml: "operation_seconds" must be a number of seconds'),
        ("retry_after = 1.5", 'machines.toml: "retry_after" must be a whole number of seconds'),
        ("location = 1", 'machines.toml: "location" must be a string'),
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
        ('while_running = "queue"', '"while_running" must be one of conflict, preempt'),
        ("script = 1", '"script" must be a list of texts'),
        (
            'script = ["POST: explode"]',
            """machines.toml: script line 'POST: explode': "explode" is not an effect""",
        ),
        (
            "[throttling]\nReads = 1",
            'machines.toml, throttling: unknown key "Reads"; known keys: enabled, UpdateVM',
        ),
        ("[throttling]\nenabled = 1", 'machines.toml, throttling: "enabled" must be true or false'),
        (
            "[throttling.UpdateVMResource]\nbucket = 0",
            'machines.toml, throttling, UpdateVMResource: "bucket" must be a number above zero',
        ),
        ("[[image]]", r'machines.toml, \[\[image\]\] number 1: "publisher" is missing'),
        (
            '[[image]]\nid = "/i"\nsku = "s"',
            r'\[\[image\]\] number 1: unknown key "sku"; known keys: id, versions, unknown_version',
        ),
        ('[[image]]\nid = "i"', '"id" must be a resource id, which begins with /'),
        ('[[image]]\nid = "/i"\nversions = "1.0"', '"versions" must be a list of names, or of tables with a'),
        (
            '[[image]]\nid = "/i"\nversions = [1]',
            '"versions" must be a list of names, or of tables with a name',
        ),
        (
            '[[image]]\nid = "/i"\nversions = ["1.0", {}]',
            r'\[\[image\]\] number 1, version 2: "name" is missing',
        ),
        (
            '[[image]]\nid = "/i"\nversions = [{ name = "1.0", deprecated = 2024-01-01 }]',
            'version 1: unknown key "deprecated"; known keys: name, excluded, end_of_life, regions',
        ),
        (
            '[[image]]\nid = "/i"\nversions = [{ name = "1.0", end_of_life = "soon" }]',
            'version 1: "end_of_life" must be a date or a time, such as 2026-01-31T00:00:00Z',
        ),
        (
            '[[image]]\nid = "/i"\nversions = [{ name = "1.0", end_of_life = 2024 }]',
            '"end_of_life" must be a date or a time',
        ),
        (
            '[[image]]\nid = "/i"\nversions = [{ name = "1.0", regions = "westeurope" }]',
            '"regions" must be a list of texts',
        ),
        (
            '[[image]]\nid = "/i"\nversions = [{ name = "1.0", regions = { eastus = "Soon" } }]',
            'version 1, regions: "eastus" must be one of Completed, Replicating, Failed',
        ),
        (
            '[[machine]]\nname = "web"\nimage = { id = "/i", sku = "s" }',
            r'number 1 \("web"\), image: unknown key "sku"; known keys: id',
        ),
        ('[[machine]]\nname = "web"\ndata_disks = -1', '"data_disks" must be a whole number'),
        ('[[machine]]\nname = "web"\ndata_disks = 1.5', '"data_disks" must be a whole number'),
        ('[[machine]]\nname = "web"\ndata_disks = true', '"data_disks" must be a whole number'),
        (
            '[[machine]]\nname = "web"\nlock_scope = "vm"',
            '"lock_scope" must be one of machine, resource_group',
        ),
        ('[[machine]]\nname = "web"\nlock = "Delete"', '"lock" must be one of CanNotDelete, ReadOnly'),
        ('[[machine]]\nname = "web"\nactions = "*"', '"actions" must be a list of texts'),
    ],
)
def test_what_is_not_understood_is_refused_by_name(tmp_path: Path, text: str, sentence: str) -> None:
    """The message names the line."""
    (tmp_path / "machines.toml").write_text(text)

    with pytest.raises(InventoryError, match=sentence):
        Simulator.open(tmp_path / "machines.toml")


def test_a_missing_inventory_is_refused(tmp_path: Path) -> None:
    """No state is left behind."""
    with pytest.raises(InventoryError, match="the inventory cannot be read: No such file"):
        Simulator.open(tmp_path / "machines.toml")

    assert list(tmp_path.iterdir()) == []


def test_a_json_inventory_must_be_an_object(tmp_path: Path) -> None:
    """A bare list has no place for other keys."""
    (tmp_path / "machines.json").write_text("[]")

    with pytest.raises(InventoryError, match="must be an object"):
        Simulator.open(tmp_path / "machines.json")


def test_the_durations_of_the_file_are_followed_when_it_changes(tmp_path: Path) -> None:
    """What happened to a machine is kept."""
    path = tmp_path / "machines.toml"
    path.write_text('[[machine]]\nname = "web"')
    with Simulator.open(path) as simulator:
        before = simulator.machine("web")
    path.write_text('[[machine]]\nname = "web"\noperation_seconds = 9')
    with Simulator.open(path) as simulator:
        after = simulator.machine("web")

    assert after.spec.operation_seconds == 9
    assert (after.vm_id, after.os_disk_name) == (before.vm_id, before.os_disk_name)


def test_a_setting_that_is_edited_in_the_file_is_followed(tmp_path: Path) -> None:
    """A setting that a command changed stays, as long as the file is unchanged."""
    path = tmp_path / "machines.toml"
    path.write_text('[[machine]]\nname = "web"')
    with Simulator.open(path) as simulator:
        simulator.change("web", lock="ReadOnly")
    path.write_text('[[machine]]\nname = "web"\nos_disk = "Delete"\nimage_version = "1.0"')
    with Simulator.open(path) as simulator:
        machine = simulator.machine("web")

    assert (machine.spec.os_disk, machine.spec.lock, machine.image_version) == ("Delete", "ReadOnly", "1.0")


def test_a_script_that_names_an_unknown_machine_is_refused(tmp_path: Path) -> None:
    """A fault that can never happen is a mistake."""
    path = tmp_path / "machines.toml"
    path.write_text('script = ["POST wbe: 500"]\n[[machine]]\nname = "web"')

    with pytest.raises(
        UnknownMachineError, match="script line 'POST wbe: 500': no machine is called \"wbe\""
    ):
        Simulator.open(path)

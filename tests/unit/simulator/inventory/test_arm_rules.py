"""Names, subscriptions, sizes, versions and custom data follow ARM's rules. A mistake names its key."""

import base64
from io import StringIO
from pathlib import Path

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator
from pulumi_azure_reimage.simulator.command_line import main
from pulumi_azure_reimage.simulator.inventory.inventory import Inventory

GUID = "00000000-0000-0000-0000-00000000000A"
ACCEPTED = {
    "name": ["w", "web-01", "web.1_", "a" * 64],
    "scale_set": ["set_1"],
    "resource_group": ["r", "RG (one)._-".replace(" ", ""), "Gruppe-ä", "g" * 90],
    "subscription_id": [GUID, GUID.lower()],
    "location": ["westeurope", "West Europe", "East US 2"],
    "size": ["Standard_B2s", "Standard_D2ds_v5", "Standard_NC24ads_A100_v4", "Basic_A0", "Standard_M8-2ms"],
    "image_version": ["0.1", "24.04.202610010", "1.2.2147483647"],
    "custom_data": ["dGVzdA==", base64.b64encode(b"x" * 65_535).decode()],
    "data_disks": [0, 64],
}
REFUSED = {
    "name": ["", "-web", "web-", "web.", "_web", "a b", "a/b", "wéb", "a" * 65, 1, None, "web\n"],
    "scale_set": ["", "set-", "a/b", 1],
    "resource_group": ["", "rg.", "r g", "r/g", "r%g", "g" * 91, 1],
    "subscription_id": ["", "sub", GUID[:-1], f"{GUID}0", f"{{{GUID}}}", GUID.replace("A", "G"), 1],
    "location": ["", "west/europe", " westeurope", "2", 1],
    "size": ["", "D2ds_v5", "Standard", "Standard_", "standard_b2s", "Standard B2s", 1],
    "image_version": [
        "",
        "latest",
        "v1",
        "1.",
        ".1",
        "1..2",
        "1.2147483648",
        "1." + "9" * 5000,
        "\u0661.2",
        1.0,
    ],
    "custom_data": ["", "dGVzdA", "not base64!", base64.b64encode(b"x" * 65_536).decode(), 1],
    "data_disks": [-1, 65, 1.5, True, "1"],
}


def cases(values: dict[str, list[object]] | dict[str, list[str]]) -> list[tuple[str, object]]:
    """Return each key with each of its values."""
    return [(key, value) for key, several in values.items() for value in several]


def inventory_with(key: str, value: object) -> Inventory:
    """Read an inventory with one machine."""
    return Inventory.of(Path("machines.toml"), {"machine": [{"name": "web", key: value}]})


@pytest.mark.parametrize(("key", "value"), cases(ACCEPTED))  # type: ignore[arg-type] # Lists are invariant.
def test_what_arm_accepts_is_accepted(key: str, value: object) -> None:
    """It is kept as written."""
    (machine,) = inventory_with(key, value).machines

    assert getattr(machine, key) == value


@pytest.mark.parametrize(("key", "value"), cases(REFUSED))
def test_what_arm_refuses_is_refused(key: str, value: object) -> None:
    """The message is one line that names the key."""
    with pytest.raises(InventoryError) as raised:
        inventory_with(key, value)

    (line,) = str(raised.value).splitlines()
    assert line.startswith("machines.toml, [[machine]] number 1 (")
    assert f': "{key}" ' in line
    assert len(line) < 300


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        ({"publisher": "a b"}, '"publisher" must be letters'),
        ({"version": "new"}, '"version" must be numbers with periods'),
        ({"sku": ""}, '"sku" must be a string'),
    ],
)
def test_an_image_is_checked_key_by_key(image: dict[str, str], sentence: str) -> None:
    """`latest` is the only version that is not a number."""
    with pytest.raises(InventoryError, match=rf'number 1 \("web"\), image: {sentence}'):
        inventory_with("image", image)
    assert inventory_with("image", {"version": "latest"}).machines


def test_a_setting_of_a_program_or_of_the_command_line_is_checked_too(tmp_path: Path) -> None:
    """The message names the machine instead of the file."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text('[[machine]]\nname = "web"')
    with Simulator.open(inventory) as simulator:
        with pytest.raises(InventoryError, match='machine "we b": "name" must be 1 to 64 letters'):
            simulator.add("we b")
        with pytest.raises(InventoryError, match='machine "web": "size" must be the name of a VM size'):
            simulator.change("web", size="large")
    err = StringIO()

    assert main(["add", str(inventory), "db", "subscription_id=mine"], StringIO(), err) == 1
    assert err.getvalue().startswith('error: machine "db": "subscription_id" must be a GUID')

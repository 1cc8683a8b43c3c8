"""The definitions of the keys: reading, help and command line use them, and the types follow them."""

from __future__ import annotations

import tomllib

import pytest

from pulumi_azure_reimage.simulator.inventory.example import example
from pulumi_azure_reimage.simulator.inventory.inventory import Inventory
from pulumi_azure_reimage.simulator.inventory.specification import (
    MACHINE_KEYS,
    MachineDefaults,
    MachineSettings,
)
from pulumi_azure_reimage.simulator.inventory.tables import keys_of


def test_the_types_of_settings_name_every_key_of_a_machine() -> None:
    """A type checker cannot read the definitions, so it needs a second list of names."""
    assert {"name", *MachineSettings.__annotations__} == set(MACHINE_KEYS)
    assert MACHINE_KEYS[0] == "name"


@pytest.mark.parametrize("name", sorted({*keys_of(Inventory), *keys_of(MachineDefaults), *MACHINE_KEYS}))
def test_the_example_shows_every_key_and_what_it_means(name: str) -> None:
    """A key without a default is shown as a comment."""
    lines = [line.removeprefix("# ") for line in example().splitlines()]
    (shown, *_) = [line for line in lines if line.startswith(f"{name} = ")]

    assert len(shown.split(" # ", 1)[1]) > 5


def test_the_example_shows_the_defaults_of_the_inventory() -> None:
    """Its values are the defaults, except for a fault."""
    document = tomllib.loads(example())
    defaults = {name: field.default for name, field in keys_of(Inventory).items()}
    shown = {name: document.get(name) for name in defaults}

    assert shown == {**defaults, "script": ["poll 3 web: 500"]}
    assert document["machine"][0]["os_disk"] == "Detach"

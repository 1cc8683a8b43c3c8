"""The command line for programs: `--json` of every command, and what `list` shows of a machine."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_azure_reimage.simulator import Simulator
from pulumi_azure_reimage.simulator.command_line import main
from pulumi_azure_reimage.simulator.inventory.example import example
from pulumi_azure_reimage.simulator.inventory.inventory import Inventory
from pulumi_azure_reimage.simulator.inventory.specification import MACHINE_KEYS, MachineSpecification
from pulumi_azure_reimage.simulator.inventory.tables import keys_of

if TYPE_CHECKING:
    from pathlib import Path

    from .client import World


@pytest.fixture
def inventory(world: World, tmp_path: Path) -> str:
    """Return the path of the world's inventory."""
    assert world.simulator.machines()
    return str(tmp_path / "machines.toml")


def run(*arguments: str) -> str:
    """Run a command that succeeds and return what it wrote."""
    out, err = io.StringIO(), io.StringIO()
    assert (main(arguments, out, err), err.getvalue()) == (0, "")
    return out.getvalue()


def answer(*arguments: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    """Run a command with `--json` and return the document."""
    return json.loads(run(*arguments, "--json"))


def test_list_shows_power_version_lock_and_the_running_operation(world: World, inventory: str) -> None:
    """The time is that of the command. The reimage of this test began years ago, unless it hangs."""
    world.simulator.change("kept", lock="CanNotDelete", power="stopped")
    world.simulator.hang("deleted")
    world.reimage("deleted")
    lines = run("list", inventory).splitlines()
    disk = world.simulator.machine("kept").os_disk_name

    assert lines[0].split() == [
        *("NAME", "OS", "OS", "DISK", "POWER", "STATE", "LOCK", "VERSION", "OPERATION", "DISK", "NAME")
    ]
    assert "running  Updating   -             24.04.202610010    reimage: hangs until it is ended" in lines[1]
    assert lines[2].split() == [
        *("kept", "Linux", "Detach", "stopped", "Succeeded", "CanNotDelete", "24.04.202610010", "-", disk)
    ]


def test_list_writes_machines_and_kept_disks(world: World, inventory: str) -> None:
    """The admin API writes the same. It can also write only the ids."""
    world.simulator.recreate("kept")
    document = answer("list", inventory)

    assert [machine["name"] for machine in document["machines"]] == ["deleted", "kept", "local"]
    assert len(document["keptDisks"]) == 1
    assert answer("list", inventory, "--ids") == [machine["id"] for machine in document["machines"]]


def test_commands_write_the_machine_that_they_changed(inventory: str) -> None:
    """The document has its new disk and its settings."""
    added = answer("add", inventory, "web", "os_disk=Delete")
    changed = answer("change", inventory, "web", "power=stopped")
    recreated = answer("recreate", inventory, "web")

    assert (added["name"], added["settings"]["os_disk"]) == ("web", "Delete")
    assert changed["power"] == "stopped"
    assert recreated["osDisk"]["name"] != added["osDisk"]["name"]
    assert answer("remove", inventory, "web") == {"removed": "web"}


def test_commands_write_what_is_pending_and_what_was_received(world: World, inventory: str) -> None:
    """The output has no secrets."""
    world.reimage("kept", {"osProfile": {"adminPassword": "p4ssw0rd!"}})
    failing = answer("fail", inventory, "kept", "AllocationFailed")
    script = answer("script", inventory, "POST local: 500")
    (request,) = answer("log", inventory)["requests"]

    assert len(failing["script"]) == 1
    assert script["script"] == [*failing["script"], "POST local: 500"]
    assert (request["method"], request["status"], request["body"]) == (
        "POST",
        202,
        '{"osProfile": {"adminPassword": "***"}}',
    )
    assert answer("finish", inventory, "local") == {"ended": False}
    assert answer("reset", inventory) == {"machines": 3}
    assert answer("log", inventory) == {"requests": []}


def test_the_clock_is_advanced_for_all_that_share_the_state(world: World, inventory: str) -> None:
    """The command prints the new time."""
    before = world.simulator.now()
    text = run("advance", inventory, "3600")
    document = answer("advance", inventory, "0.5")

    assert text.startswith("it is 20")
    assert document["time"].endswith("+00:00")
    assert (world.simulator.now() - before).total_seconds() == 3600.5


def test_a_reset_with_a_seed_repeats_the_names(inventory: str) -> None:
    """The names repeat from then on."""
    disks = []
    for arguments in (["--seed", "7"], [], ["--seed", "8"]):
        run("reset", inventory, *arguments)
        with Simulator.open(inventory) as simulator:
            disks.append(simulator.machine("kept").os_disk_name)

    assert disks[0] == disks[1] != disks[2]


@pytest.mark.parametrize("seed", ["-1", "x", "1.5", str(1 << 63)])
def test_an_invalid_seed_is_a_wrong_word(
    inventory: str, seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parser reports it."""
    with pytest.raises(SystemExit, match="2"):
        main(["reset", inventory, f"--seed={seed}"], io.StringIO(), io.StringIO())

    assert "is not a whole number from 0 to" in capsys.readouterr().err


def test_an_example_is_written_with_every_key(tmp_path: Path) -> None:
    """It is a valid inventory, often a newcomer's first."""
    path = tmp_path / "machines.toml"
    path.write_text(run("example"))

    assert path.read_text() == example().rstrip() + "\n"
    assert answer("example") == {"example": example()}
    assert "web" in run("list", str(path))


@pytest.mark.parametrize("name", sorted({*keys_of(Inventory), *MACHINE_KEYS}))
def test_the_help_explains_every_key_of_the_inventory(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is on its own line, with its meaning."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"], io.StringIO(), io.StringIO())
    lines = [line.strip().removeprefix("# ") for line in capsys.readouterr().out.splitlines()]
    meaning = {**keys_of(Inventory), **keys_of(MachineSpecification)}[name].metadata["meaning"]

    assert any(line.startswith(f"{name} = ") and line.endswith(meaning) for line in lines)

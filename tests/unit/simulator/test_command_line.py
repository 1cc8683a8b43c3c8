"""The command line: every command, its words and its exit code."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from pulumi_azure_reimage.simulator import Simulator
from pulumi_azure_reimage.simulator.command_line import main
from pulumi_azure_reimage.simulator.inventory.example import example

from .client import API_VERSION, TOKEN, World, status_url

if TYPE_CHECKING:
    from pathlib import Path

    from .client import FakeNow


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


def refused(*arguments: str) -> str:
    """Run a command that fails and return what it complained about."""
    out, err = io.StringIO(), io.StringIO()
    assert (main(arguments, out, err), out.getvalue()) == (1, "")
    return err.getvalue()


def test_list_shows_machines_and_kept_disks(world: World, inventory: str) -> None:
    """Each machine has one line."""
    old = world.simulator.machine("kept").os_disk_name
    world.reimage_to_the_end("kept")
    text = run("list", inventory)

    assert [line.split()[:3] for line in text.splitlines()[1:4]] == [
        ["deleted", "Linux", "Delete"],
        ["kept", "Linux", "Detach"],
        ["local", "Windows", "Ephemeral"],
    ]
    assert f"Retained OS disks: {old}" in text
    assert "machines.sqlite3" in text


def test_add_creates_a_machine(world: World, inventory: str) -> None:
    """It prints the resource id, which is what a program needs."""
    text = run("add", inventory, "extra", "os_disk=Delete", "operation_seconds=2")

    assert text.strip() == world.simulator.machine("extra").id
    assert world.simulator.machine("extra").spec.operation_seconds == 2


def test_recreate_remove_and_reset_change_the_world(world: World, inventory: str) -> None:
    """Each says what it did."""
    old = world.simulator.machine("kept")

    assert "kept was recreated with vmId" in run("recreate", inventory, "kept")
    assert world.simulator.machine("kept").vm_id != old.vm_id
    assert run("remove", inventory, "kept") == "kept was deleted\n"
    assert len(world.simulator.machines()) == 2
    assert "3 machines, as new" in run("reset", inventory)


@pytest.mark.parametrize(("flags", "status"), [([], "Failed"), (["--canceled"], "Canceled")])
def test_fail_and_finish_steer_operations(
    inventory: str, now: FakeNow, flags: list[str], status: str
) -> None:
    """The next reimage ends in the given way, at the moment of `finish`."""
    with Simulator.open(inventory) as simulator:
        world = World(simulator, now)
        run("fail", inventory, "kept", "AllocationFailed", *flags)
        accepted = world.reimage("kept")
        ended = run("finish", inventory, "kept")
        answer = world.get(status_url(accepted)).json()

    assert ended == "ended\n"
    assert answer["status"] == status
    assert answer["error"]["message"].startswith("Allocation failed.")
    assert "no operation runs" in run("finish", inventory, "kept")


@pytest.mark.parametrize("leaves", ["disk untouched", "broken"])
def test_fail_says_what_the_failure_leaves(world: World, inventory: str, leaves: str) -> None:
    """This overrides what the code would leave, and a code is not needed."""
    old = world.simulator.machine("kept").os_disk_name
    assert "ends Failed" in run("fail", inventory, "kept", "--leaves", leaves)
    world.reimage_to_the_end("kept")

    assert (world.simulator.machine("kept").os_disk_name == old) is (leaves == "disk untouched")


def test_reimage_requests_one_as_a_client_or_as_a_stranger(world: World, inventory: str) -> None:
    """Only the activity log shows the request of a stranger."""
    assert "accepted" in run("reimage", inventory, "kept")
    assert "accepted" in run("reimage", inventory, "deleted", "--caller", "ann@example.com")

    assert [request.name for request in world.simulator.reimage_requests()] == ["kept"]
    assert "409" in refused("reimage", inventory, "kept")
    assert "another operation" in refused("reimage", inventory, "deleted", "--caller", "ann@example.com")


def test_set_changes_how_long_reimages_take(world: World, inventory: str) -> None:
    """An empty value restores that of the inventory, and other keys are refused."""
    assert run("set", inventory, "operation_seconds=9000", "activity_log_seconds=0")
    world.reimage("kept")
    (kept,) = (status for status in world.simulator.overview().machines if status.machine.name == "kept")
    assert kept.to_json()["operation"]["secondsLeft"] == 9000

    assert run("set", inventory, "operation_seconds=")
    assert "cannot be set" in refused("set", inventory, "retry_after=1")
    assert "must be a number" in refused("set", inventory, "operation_seconds=long")


def test_an_argument_that_is_not_utf8_is_refused(inventory: str) -> None:
    """Python represents each such byte as half of a surrogate pair."""
    for arguments in (("fail", inventory, "\udcff"), ("script", inventory, 'POST: body "\udcff"')):
        assert "is not UTF-8" in refused(*arguments)


def test_change_accepts_settings_as_the_inventory_spells_them(world: World, inventory: str) -> None:
    """A value is TOML or a string, and an empty one removes a setting."""
    run("change", inventory, "kept", "lock=ReadOnly", "operation_seconds=4", "generalized=true")
    changed = world.simulator.machine("kept").spec
    run("change", inventory, "kept", "lock=")

    assert (changed.lock, changed.operation_seconds, changed.generalized) == ("ReadOnly", 4, True)
    assert world.simulator.machine("kept").spec.lock is None


def test_change_accepts_tables_and_whole_numbers(world: World, inventory: str) -> None:
    """This includes what the preflight of a reimage reads."""
    run("change", inventory, "kept", "lock=CanNotDelete", "lock_scope=subscription", "data_disks=2")
    run(
        "change", inventory, "kept", "failed=true", "image={ id = '/i/versions/1.0.0' }", 'actions=["*/read"]'
    )
    vm = world.vm("kept")["properties"]

    assert world.simulator.machine("kept").spec.lock_scope == "subscription"
    assert vm["provisioningState"] == "Failed"
    assert vm["storageProfile"]["imageReference"] == {"id": "/i/versions/1.0.0", "exactVersion": "1.0.0"}
    assert len(vm["storageProfile"]["dataDisks"]) == 2


def test_script_accepts_lines_and_shows_what_is_pending(world: World, inventory: str) -> None:
    """--clear removes them."""
    first = run("script", inventory, "POST kept: 500", "poll every kept: 503")
    world.reimage("kept")
    second = run("script", inventory)

    assert first == "POST kept: 500\npoll every kept: 503\n"
    assert second == "poll every kept: 503\n"
    assert run("script", inventory, "--clear") == "no fault is pending\n"


def test_log_shows_requests_without_secrets(world: World, inventory: str) -> None:
    """It can be narrowed to one machine and to reimages."""
    world.get(f"{world.simulator.machine('kept').id}?api-version=2026-04-01")
    world.reimage("kept", {"osProfile": {"adminPassword": "p4ssw0rd!"}})
    world.reimage("local")
    everything = run("log", inventory)
    narrowed = run("log", inventory, "--name", "kept", "--posts")

    assert "p4ssw0rd!" not in everything
    assert '"adminPassword": "***"' in everything
    assert len(everything.splitlines()) == 1 + 3
    assert everything.count("answered as api-version 2024-07-01") == 1
    assert len(narrowed.splitlines()) == 1 + 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["remove", "nobody"], 'no machine is called "nobody" (known machines: deleted, kept, local)'),
        (["change", "kept", "lock"], '"lock" is not KEY=VALUE'),
        (["change", "kept", "lokc=ReadOnly"], 'machine "kept": unknown key "lokc"; known keys: name, '),
        (
            ["change", "kept", "location=x", "name=y"],
            "name is part of the resource id, so add another machine",
        ),
        (
            ["script", "POST kept 500"],
            "script line 'POST kept 500': a line reads WHAT [WHICH] [NAME]: EFFECT",
        ),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(inventory: str, arguments: list[str], sentence: str) -> None:
    """There is no traceback."""
    out, err = io.StringIO(), io.StringIO()
    command, *rest = arguments

    assert main([command, inventory, *rest], out, err) == 1
    assert err.getvalue().startswith(f"error: {sentence}")
    assert len(err.getvalue().splitlines()) == 1


def test_help_explains_the_inventory_and_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer needs no other page."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"], io.StringIO(), io.StringIO())

    text = capsys.readouterr().out
    assert "Nothing in Azure is touched" in text
    assert "[[machine]]" in text
    for command in (
        "list",
        "add",
        "recreate",
        "remove",
        "fail",
        "finish",
        "change",
        "script",
        "log",
        "serve",
        "reset",
    ):
        assert f"\n    {command} " in text


def test_the_inventory_that_the_help_shows_works(tmp_path: Path) -> None:
    """It can be copied as it is."""
    path = tmp_path / "machines.toml"
    path.write_text(example())

    assert "web  " in run("list", str(path))


def test_list_shows_the_resource_ids_that_a_program_needs(world: World, inventory: str) -> None:
    """There is one on each line, and nothing else."""
    ids = run("list", inventory, "--ids").splitlines()

    assert ids == [machine.id for machine in world.simulator.machines()]


def test_a_log_without_requests_says_so(inventory: str) -> None:
    """There is no empty table."""
    assert run("log", inventory) == "no request was received\n"


@pytest.mark.usefixtures("socket_enabled")
def test_what_cannot_be_served_is_reported_in_one_line(inventory: str, tmp_path: Path) -> None:
    """Examples are an address in use, one of another machine, and files that are not certificates."""
    (tmp_path / "empty.pem").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refusals = [
            refused("serve", inventory, "--port", port),
            refused("serve", inventory, "--host", "203.0.113.7"),
            refused("serve", inventory, "--certificate", str(tmp_path / "missing.pem")),
            refused("serve", inventory, "--certificate", str(tmp_path / "empty.pem")),
        ]

    for refusal, words in zip(
        refusals, (f"port {port}: ", "203.0.113.7", "missing.pem", "empty.pem"), strict=True
    ):
        assert refusal.startswith("error: cannot serve on ")
        assert words in refusal
        assert refusal.count("\n") == 1


def test_an_invalid_port_is_a_wrong_word(inventory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The parser reports it."""
    with pytest.raises(SystemExit, match="2"):
        main(["serve", inventory, "--port", "99999"], io.StringIO(), io.StringIO())

    assert "argument --port: '99999' is not a whole number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.usefixtures("socket_enabled")
def test_serve_prints_its_url_and_answers(world: World, inventory: str) -> None:
    """Another process changes the same world."""
    command = [sys.executable, "-m", "pulumi_azure_reimage.simulator", "serve", inventory]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command.
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            vm = world.simulator.machine("kept").id
            accepted = httpx.post(f"{url}{vm}/reimage?{API_VERSION}", headers=TOKEN)
        finally:
            process.terminate()

    assert accepted.status_code == 202
    assert len(world.simulator.reimage_requests("kept")) == 1

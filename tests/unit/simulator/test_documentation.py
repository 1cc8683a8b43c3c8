"""docs/simulator.md describes everything that exists, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pulumi_azure_reimage.simulator import pytest_plugin
from pulumi_azure_reimage.simulator.admin.commands import READS, WRITES
from pulumi_azure_reimage.simulator.command_line.parser import make_parser
from pulumi_azure_reimage.simulator.faults.calls import FaultCalls
from pulumi_azure_reimage.simulator.faults.language import parse_fault
from pulumi_azure_reimage.simulator.inventory.specification import MACHINE_KEYS

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")


def table(head: str) -> list[list[str]]:
    """Return the cells of the table with this header, without the two lines of the header."""
    lines = TEXT.partition(f"{head}\n")[2].partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_address_of_the_admin_api_has_its_row() -> None:
    """The row has its keys and its effect, word for word."""
    wanted = [
        [f"`{method} /_simulator/{name}`", _keys(command.keys), command.summary]
        for method, commands in (("GET", READS), ("POST", WRITES))
        for name, command in commands.items()
    ]

    assert table("| address | keys | effect |") == wanted


def _keys(keys: tuple[str, ...]) -> str:
    return "those of `[[machine]]`" if keys == MACHINE_KEYS else ", ".join(f"`{key}`" for key in keys)


def test_every_fixture_has_its_row() -> None:
    """These are the fixtures that the plug-in defines."""
    named = [row[0].strip("`") for row in table("| fixture | lives | what it is |")]
    defined = [
        name
        for name, value in vars(pytest_plugin).items()
        if "azure_simulator" in name and type(value).__name__ == "FixtureFunctionDefinition"
    ]

    assert sorted(named) == sorted(defined)


def test_every_call_for_a_fault_is_named() -> None:
    """These are the calls of the fixtures."""
    sentence = TEXT.partition("Each ordinary fault has a call: ")[2].partition(". ")[0]
    calls = {name for name in vars(FaultCalls) if not name.startswith("_")} - {"inject"}

    assert set(re.findall(r"`(\w+)`", sentence)) == calls


@pytest.mark.parametrize("line", [row[0].strip("`") for row in table("| line | effect |")])
def test_every_line_of_a_script_that_is_shown_is_understood(line: str) -> None:
    """The current language understands it."""
    assert parse_fault(line).line == line


@pytest.mark.parametrize(
    "line", re.findall(r"^python -m pulumi_azure_reimage\.simulator ([^#>\n]+)", TEXT, flags=re.MULTILINE)
)
def test_every_command_that_is_shown_exists(line: str) -> None:
    """It exists with its arguments."""
    assert make_parser().parse_args(line.split()).command == line.split(maxsplit=1)[0]


def test_every_option_of_serve_has_its_row() -> None:
    """The exceptions are those whose help says enough."""
    named = {
        option for row in table("| option | effect |") for option in re.findall(r"`(--[a-z-]+)`", row[0])
    }
    given = vars(make_parser().parse_args(["serve"]))
    options = {f"--{name.replace('_', '-')}" for name in given} - {"--command", "--run", "--inventory"}

    assert options - named == {"--port", "--json", "--ca-file"}
    assert named <= options

"""What a person sees in a terminal while machines are reimaged, kept here as text so that it can be reviewed.

Pulumi cuts what does not fit into a row. At 120 columns, about 22 characters of a message are seen, and at 80
nothing but the table's first columns.
"""

import re

import pyte
import pytest

from tests.cli.conftest import NewProject
from tests.cli.running import InTerminal

# As many machines as a terminal of this height shows completely.
MACHINES = tuple(f"web-{number:02}" for number in range(1, 5))
ROWS = 40
AN_HOUR = 3600.0
# The rows of one machine, without the lines of the tree. … stands for what depends on the time or is cut.
PICTURES = {
    120: """\
azure-reimage:index:VirtualMachineReimage                web-01                         running in Azure …
pulumi-python:dynamic/azure-reimage:ReimageRequest    web-01     updated (…)     [diff: …
pulumi-python:dynamic/azure-reimage:ReimageOperation  web-01     updated (…)     [diff: …
pulumi-python:dynamic/azure-reimage:ReimageResult     web-01     updating (…)     [diff: …
""",
    80: """\
azure-reimage:index:VirtualMachineReimage                web-01
pulumi-python:dynamic/azure-reimage:ReimageRequest    web-01     upd
pulumi-python:dynamic/azure-reimage:ReimageOperation  web-01     upd
pulumi-python:dynamic/azure-reimage:ReimageResult     web-01     upd
""",
}


def screen(terminal: InTerminal, columns: int) -> str:
    """Return what is on the screen."""
    shown = pyte.Screen(columns, ROWS)
    pyte.ByteStream(shown).feed(terminal.printed)
    return "\n".join(line.rstrip() for line in shown.display).rstrip()


def waits(shown: str) -> bool:
    """Return whether all rows show that their machine is waited for, as far as they are visible."""
    said = re.search(r"Status +Info", shown) is None or shown.count("running in Azure") == len(MACHINES)
    return said and len(re.findall(r":ReimageResult +web-\d\d +upd", shown)) == len(MACHINES)


def rows_of(machine: str, shown: str) -> str:
    """Return the rows of a machine as a picture shows them."""
    rows = [line for line in shown.splitlines() if f" {machine}" in line and "azure-reimage:" in line]
    return "".join(f"{tidy(row)}\n" for row in rows).replace(machine, "web-01")


def tidy(row: str) -> str:
    """Return a row as a picture shows it."""
    text = re.sub(r"^[ ~│├└─]+", "", row).rstrip()
    text = re.sub(r"\([\dms.]+\)\.* *", "(…)     ", text)
    text = re.sub(r" +running in Azure.*", f"{' ' * 25}running in Azure …", text)
    return re.sub(r"\[diff:.*", "[diff: …", text)


@pytest.mark.parametrize("columns", PICTURES)
def test_a_person_sees_the_same_rows_for_each_machine(new_project: NewProject, columns: int) -> None:
    """While all of them are being reimaged."""
    project = new_project({name: {} for name in MACHINES}, operation_seconds=AN_HOUR)
    project.set(triggers={"image": "1"})
    project.create()
    assert project.pulumi("up", "--yes", "--skip-preview").code == 0
    project.set(triggers={"image": "2"})
    terminal = project.in_terminal("up", "--yes", "--skip-preview", columns=columns, rows=ROWS)

    terminal.until(lambda: project.posts == len(MACHINES) and waits(screen(terminal, columns)))
    seen = {rows_of(name, screen(terminal, columns)) for name in MACHINES}
    for name in MACHINES:
        project.simulator.finish(name)
    code = terminal.wait()

    assert seen == {PICTURES[columns]}
    assert code == 0
    assert project.posts == len(MACHINES)

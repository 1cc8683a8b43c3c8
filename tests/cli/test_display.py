"""What a person sees in a terminal while machines are reimaged, kept here as text so that it can be reviewed.

Pulumi cuts what does not fit into a row. At 120 columns, about 22 characters of a message are seen, and at 80
nothing but the table's first columns.
"""

import re

import pyte
import pytest

from tests.cli.conftest import NewProject
from tests.cli.running import InTerminal

MACHINES = tuple(f"web-{number:02}" for number in range(1, 13))
# A terminal of this height shows all of them.
ROWS = 70
AN_HOUR = 3600.0
# Of Pulumi's host for dynamic providers (`main` of pulumi/dynamic/__main__.py).
THREADS = 4
# The rows of one machine, without the lines of the tree. … stands for what depends on the time or is cut.
DECIDED = {
    120: """\
pulumi-python:dynamic/azure-reimage:ReimageRequest    web-01     updated (…)     [diff: …
pulumi-python:dynamic/azure-reimage:ReimageOperation  web-01     updated (…)     [diff: …
""",
    80: """\
pulumi-python:dynamic/azure-reimage:ReimageRequest    web-01     upd
pulumi-python:dynamic/azure-reimage:ReimageOperation  web-01     upd
""",
}
WAITED_FOR = {
    120: """\
pulumi-python:dynamic/azure-reimage:ReimageResult     web-01     updating (…)     [diff: …
""",
    80: """\
pulumi-python:dynamic/azure-reimage:ReimageResult     web-01     upd
""",
}
ACCEPTED = {
    120: """\
azure-reimage:index:VirtualMachineReimage                web-01                         accepted …
""",
    80: """\
azure-reimage:index:VirtualMachineReimage                web-01
""",
}
RUNNING = {
    120: """\
azure-reimage:index:VirtualMachineReimage                web-01                         running in Azure …
""",
    80: ACCEPTED[80],
}


class Screen:
    """The screen of a terminal, which reads each byte once: an emulator in Python is slow."""

    def __init__(self, terminal: InTerminal, columns: int) -> None:
        """Show nothing yet."""
        self._terminal = terminal
        self._screen = pyte.Screen(columns, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._read = 0

    @property
    def text(self) -> str:
        """What is on the screen now."""
        printed = self._terminal.printed
        self._stream.feed(printed[self._read :])
        self._read = len(printed)
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()


def are_sent(shown: str) -> bool:
    """Return whether each machine is accepted, and as many are waited for as the host has threads."""
    accepted = re.findall(r":ReimageOperation +web-\d\d +upd", shown)
    waited_for = re.findall(r":ReimageResult +web-\d\d +upd", shown)
    running = shown.count("running in Azure") if re.search(r"Status +Info", shown) else THREADS
    return (len(accepted), running) == (len(MACHINES), THREADS) and len(waited_for) >= THREADS


def rows_of(machine: str, shown: str) -> str:
    """Return the rows of a machine as a picture shows them."""
    rows = [line for line in shown.splitlines() if f" {machine}" in line and "azure-reimage:" in line]
    return "".join(f"{tidy(row)}\n" for row in rows).replace(machine, "web-01")


def tidy(row: str) -> str:
    """Return a row as a picture shows it."""
    text = re.sub(r"^[ ~│├└─]+", "", row).rstrip()
    text = re.sub(r"\([\dms.]+\)\.* *", "(…)     ", text)
    text = re.sub(r" +running in Azure.*", f"{' ' * 25}running in Azure …", text)
    text = re.sub(r" +accepted .*", f"{' ' * 25}accepted …", text)
    return re.sub(r"\[diff:.*", "[diff: …", text)


@pytest.mark.parametrize("columns", [120, 80])
def test_a_person_sees_which_machines_are_accepted_and_which_are_waited_for(
    new_project: NewProject, columns: int
) -> None:
    """All twelve are being reimaged. The host has four threads, so four rows show for how long."""
    project = new_project({name: {} for name in MACHINES}, operation_seconds=AN_HOUR)
    project.set(triggers={"image": "1"})
    project.create()
    assert project.pulumi("up", "--yes", "--skip-preview").code == 0
    project.set(triggers={"image": "2"})
    terminal = project.in_terminal("up", "--yes", "--skip-preview", columns=columns, rows=ROWS)
    screen = Screen(terminal, columns)

    terminal.until(lambda: are_sent(screen.text) and project.posts == len(MACHINES))
    seen = [rows_of(name, screen.text) for name in MACHINES]
    for name in MACHINES:
        project.simulator.finish(name)
    code = terminal.wait()

    decided, waited_for = DECIDED[columns], WAITED_FOR[columns]
    accepted, running = ACCEPTED[columns] + decided, RUNNING[columns] + decided + waited_for
    assert set(seen) <= {accepted, accepted + waited_for, running}
    assert seen.count(running) >= THREADS
    assert code == 0
    assert project.posts == len(MACHINES)

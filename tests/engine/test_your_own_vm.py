"""docs/your-own-vm.md: its files and commands, tried on a simulated machine, and their output."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from pulumi_azure_reimage.simulator import Simulator
from tests.fenced import blocks_of

from .conftest import NewStack
from .harness import EngineResult, EngineStack

PAGE = (Path(__file__).parents[2] / "docs" / "your-own-vm.md").read_text(encoding="utf-8")
# Commands for the stack and its environment, which exist, and for Azure, which the last section replaces.
MADE_BEFORE = ("python3 -m venv ", "pulumi stack init ", "az ", 'pulumi config set vmId "$(az ')


def section(title: str) -> str:
    """Return the text under a heading."""
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def blocks(title: str, language: str = "") -> list[str]:
    """Return the blocks in a language, or the blocks of output, of a section."""
    return [block.text for block in blocks_of(section(title)) if block.language == language]


class Newcomer:
    """Types the commands of the page in the folder of a stack."""

    def __init__(self, stack: EngineStack) -> None:
        """Make the environment that the page makes. The one that runs this test has the package."""
        self.stack = stack
        (stack.folder / ".venv").symlink_to(sys.prefix)

    def type(self, title: str) -> EngineResult | None:
        """Type the commands of a section, and return what the last update did."""
        updated = None
        for line in "".join(blocks(title, "sh")).splitlines():
            if line.startswith(MADE_BEFORE):
                continue
            match shlex.split(line):
                case ["pulumi", "up"]:
                    updated = self.stack.up_as_people_do()
                    assert updated.ok, updated.text
                case ["pulumi", *arguments]:
                    done = self.stack.cli(*arguments)
                    assert done.ok, done.text
                case _:
                    self._run(line)
        return updated

    def _run(self, line: str) -> None:
        ran = subprocess.run(  # noqa: S602 - our own page's command, which needs a shell.
            line,
            shell=True,
            cwd=self.stack.folder,
            env={**os.environ, **self.stack.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def program() -> None:
    """Be `__main__.py` of the page."""
    (text,) = blocks("1. A project", "python")
    exec(compile(text, "__main__.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own page's program.


def printed(text: str) -> str:
    """Return a text on one line, without the random part of a disk's name."""
    return re.sub(r"_[0-9a-f]{32}", "_…", " ".join(text.split()))


def test_the_page_leads_from_a_vm_to_one_reimage(new_stack: NewStack) -> None:
    """Each command runs in its order, and each block of output is what a person sees."""
    (project,) = blocks("1. A project", "yaml")
    newcomer = Newcomer(new_stack(program, project=project))

    newcomer.type("The same without a VM")
    newcomer.type("2. The VM, and the sign-in")
    baseline = newcomer.type("3. The baseline")
    reimage = newcomer.type("4. The reimage")
    again = newcomer.stack.up_as_people_do()

    for title, result in (("3. The baseline", baseline), ("4. The reimage", reimage)):
        assert result is not None
        (promised,) = blocks(title)
        shown = " ".join(printed(said.message) for said in result.diagnostics)
        for part in re.split(r"(?<=changed\.) |(?<=reimaged\.) ", printed(promised)):
            assert part in shown
    assert again.changes.keys() == {"same"}
    with Simulator.open(newcomer.stack.folder / "machines.toml") as simulator:
        assert [request.status for request in simulator.reimage_requests("web")] == [202]

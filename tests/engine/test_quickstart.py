"""The quick start as a newcomer runs it: `make up`, again and again, even after a kill -9."""

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_azure_reimage.simulator import Simulator
from tests.engine.harness import Engine
from tests.engine.processes import MARK_VARIABLE, end_all
from tests.engine.running_up import RunningUp
from tools.quickstart import NEXT

ROOT = Path(__file__).parents[2]
NEEDED = ("Pulumi.yaml", "examples/quickstart", "tools")
MACHINES = ("cache", "web", "worker")
AN_HOUR = 3600.0


class Clone:
    """A copy of what the quick start needs."""

    def __init__(self, folder: Path) -> None:
        """Copy it, without what earlier runs left."""
        self.folder = folder
        self.mark = uuid.uuid4().hex
        for name in NEEDED:
            _copy(ROOT / name, folder / name)
        project = folder / "Pulumi.yaml"
        # A hundredth of each safety wait, which this test does not cover.
        project.write_text(f"{project.read_text()}  azure-reimage:simulatorTimeScale:\n    value: 0.01\n")
        self.simulator = Simulator.open(folder / "examples" / "quickstart" / "machines.toml")
        self.simulator.set_operation_seconds(None, 0.5)

    def start(self) -> RunningUp:
        """Start what `make up` starts."""
        return RunningUp(
            [sys.executable, "-m", "tools.quickstart"],
            folder=self.folder,
            environment={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), MARK_VARIABLE: self.mark},
            log=self.folder / "up.log",
        )

    def waits_for(self, posts: int) -> set[str | None]:
        """Return the machines whose operations were polled after this many reimages were requested."""
        requests = self.simulator.requests()
        sent = [number for number, request in enumerate(requests) if request.is_reimage]
        since = requests[sent[-1] :] if len(sent) == posts else []
        return {request.name for request in since if "/operations/" in request.path}

    def up(self) -> str:
        """Run it to its end, and return the table."""
        run = self.start()
        assert run.wait(), run.text
        table, _, after = run.text.partition("=== What happened\n\n")[2].partition(
            "\n=== What to try next\n\n"
        )
        assert after.splitlines() == list(NEXT)
        return table


@pytest.fixture
def clone(engine: Engine, tmp_path: Path) -> Iterator[Clone]:  # noqa: ARG001 - it puts the CLI on PATH
    """A fresh clone, whose machines are reimaged at once."""
    clone = Clone(tmp_path)
    yield clone
    end_all(clone.mark)
    clone.simulator.close()


def test_each_run_reimages_once_and_a_killed_one_is_resumed(clone: Clone) -> None:
    """The first run also records the baseline. What a killed run requested is not requested again."""
    first = clone.up()
    clone.simulator.set_operation_seconds(None, AN_HOUR)
    run = clone.start()
    # What is polled is in the state. Another test covers a kill before that.
    run.until(lambda: clone.waits_for(2 * len(MACHINES)) == set(MACHINES))
    run.kill9()
    clone.simulator.set_operation_seconds(None, 0.5)
    for name in MACHINES:
        clone.simulator.finish(name)
    after_the_kill = clone.up()

    for table in (first, after_the_kill):
        rows = [line.split() for line in table.splitlines()]
        assert [(row[0], row[1], row[-1]) for row in rows[1:]] == [
            (name, "Succeeded", "1") for name in MACHINES
        ]
    assert len(clone.simulator.reimage_requests()) == 3 * len(MACHINES)


def test_what_to_try_next_can_be_tried(clone: Clone) -> None:
    """The command makes a reimage fail, which is reported, and the next run repeats it."""
    clone.up()
    (command,) = re.findall(r"python (-m \S+ fail .*)$", "\n".join(NEXT), re.MULTILINE)
    subprocess.run([sys.executable, *command.split()], cwd=clone.folder, check=True)  # noqa: S603 - our own command.

    failed = clone.start()
    ended_well = failed.wait()
    repeated = clone.up()

    assert not ended_well
    assert "AllocationFailed" in failed.text
    assert "web     Succeeded" in repeated


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.sqlite3*", "__pycache__"))
    else:
        shutil.copy(source, target)

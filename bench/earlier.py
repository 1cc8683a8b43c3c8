"""Version 0.1.0, measured from its commit: a copy in a temporary folder, with its own environment.

Its own benchmark measures it on its own simulator, with the CLI of this run.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measurement import BenchmarkError, Load, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMIT = "97617cd8d11ae447bbdfe428dbbcdfaacf849f75"

# Its own `measure` records a baseline, runs an `up` without a change twice, and then reimages every machine.
_MEASURE = """
import json, os, sys, tempfile
from pathlib import Path
from bench.designs import OURS
from bench.engine import quiet_engine
from bench.measurement import Load, measure
machines, seconds, retry_after = json.loads(sys.argv[1])
with tempfile.TemporaryDirectory(prefix="reimage-bench-home-") as home:
    found = measure(quiet_engine(Path(home)), OURS, Load(machines, seconds, retry_after))
print(json.dumps([found.reimage_seconds, found.engine_bytes, found.state_bytes, found.stack_bytes]))
"""


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """A copy of the version that can be run.

    Attributes:
        folder: Its repository, as it was.
        python: The Python of its environment.
    """

    folder: Path
    python: Path

    def measure(self, load: Load) -> Measurement:
        """Record a baseline, then reimage every machine.

        Raises:
            BenchmarkError: it failed.
        """
        environment = {**os.environ, "PYTHONPATH": f"{self.folder}:{self.folder / 'provider'}"}
        amount = json.dumps([load.machines, load.seconds, load.retry_after])
        output = _run([str(self.python), "-c", _MEASURE, amount], self.folder, environment)
        seconds, *sizes = json.loads(output.splitlines()[-1])
        return Measurement(load, seconds, *sizes)


@contextmanager
def earlier_version() -> Iterator[EarlierVersion]:
    """Copy the version out of the history of this repository and install what it requires, in about a minute.

    Raises:
        BenchmarkError: the history does not reach that far, or its requirements could not be installed.
    """
    with tempfile.TemporaryDirectory(prefix="reimage-bench-earlier-") as temporary:
        folder = Path(temporary) / "repository"
        archive = _run(["git", "archive", "--format=tar", COMMIT], Path.cwd())
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        environment = Path(temporary) / "environment"
        python = environment / "bin" / "python"
        _run([sys.executable, "-m", "venv", str(environment)], folder)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*install, "--require-hashes", "--requirement", "requirements.lock"], folder)
        yield EarlierVersion(folder, python)


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> bytes:
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    if ended.returncode:
        said = ended.stderr.decode(errors="replace")
        raise BenchmarkError(f"version 0.1.0: {command[:3]} ended with {ended.returncode}:\n{said}")
    return ended.stdout

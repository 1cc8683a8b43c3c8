"""The wheel alone runs on the real engine. `make test-wheel` also installs it into empty environments."""

import os
import sys
import zipfile
from pathlib import Path

from tools.wheel_trial import build_wheel, run_quickstart


def test_the_quick_start_runs_with_what_the_wheel_holds(tmp_path: Path) -> None:
    """This fails if the wheel lacks a file, because Python finds the unpacked wheel first."""
    unpacked, folder = tmp_path / "unpacked", tmp_path / "folder"
    folder.mkdir()
    zipfile.ZipFile(build_wheel(tmp_path)).extractall(unpacked)
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME") if name in os.environ}

    result = run_quickstart(Path(sys.executable), {**environ, "PYTHONPATH": str(unpacked)}, folder)

    assert Path(result["package"]).is_relative_to(unpacked)
    machines = {name: output for name, output in result["outputs"].items() if isinstance(output, dict)}
    assert {name: machine["status"] for name, machine in machines.items()} == dict.fromkeys(
        ("web", "worker", "cache"), "Succeeded"
    )

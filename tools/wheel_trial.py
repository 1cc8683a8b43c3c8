"""Install the built wheel as a user does, and try it: `make test-wheel`.

    python -m tools.wheel_trial   # with each Python that is installed here, in an empty environment

Its dependencies come from the package registry. The environment has the wheel, what it requires, and pytest;
nothing of this repository is on its path. At the end it reports which Pythons were tried.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.other_environments import PYTHONS, ROOT, find_python
from tools.pulumi_cli import pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST = "3.11"
# What `import pulumi_azure_reimage` must not do, because every start of pytest imports it too.
_IMPORT = """
import os, sys, threading
before = set(os.listdir("."))
import pulumi_azure_reimage
assert not {"pulumi", "httpx", "azure", "grpc"} & set(sys.modules), "the import loads libraries"
assert threading.active_count() == 1, "the import starts threads"
assert set(os.listdir(".")) == before, "the import writes files"
from pulumi_azure_reimage import VirtualMachineReimage
assert "site-packages" in pulumi_azure_reimage.__file__, pulumi_azure_reimage.__file__
"""
_TEST = """
import pytest

def test_of_somebody(tmp_path):
    assert tmp_path.is_dir()

def test_with_a_machine(request):
    if not request.config.pluginmanager.has_plugin("azure_reimage_simulator"):
        pytest.skip("without the plug-in")
    simulator = request.getfixturevalue("azure_simulator")
    assert simulator.add("web").name == "web"
"""


class TrialError(Exception):
    """The wheel does not work; the text says where."""


def run_quickstart(python: Path, environ: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Run the quick start's program on the real engine.

    Args:
        python: A Python that has the package.
        environ: Its environment, without the CLI.
        folder: An empty folder.

    Returns:
        What `tools/wheel_quickstart.py` prints.

    Raises:
        TrialError: it failed.
    """
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    program = shutil.ignore_patterns("*.sqlite3*", "__pycache__")
    shutil.copytree(ROOT / "examples" / "quickstart", folder / "examples" / "quickstart", ignore=program)
    driver = str(shutil.copy(ROOT / "tools" / "wheel_quickstart.py", folder))
    path = pulumi_cli(environ).path(environ.get("PATH", ""))
    done = _run([str(python), "-P", driver, str(folder)], folder, {**environ, "PATH": path})
    result: dict[str, Any] = json.loads(done.splitlines()[-1])
    return result


def try_wheel(wheel: Path, python: Path, folder: Path) -> None:
    """Install the wheel into an empty environment, and use it as the documentation says.

    Raises:
        TrialError: something failed.
    """
    uv, environment = str(Path(sys.executable).with_name("uv")), folder / "environment"
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME") if name in os.environ}
    _run([uv, "venv", "--quiet", "--python", str(python), str(environment)], folder, os.environ)
    installed = environment / "bin" / "python"
    # pytest is not installed yet, because the package does not require it.
    _run([uv, "pip", "install", "--quiet", "--python", str(installed), str(wheel)], folder, os.environ)
    _run([str(installed), "-P", "-c", _IMPORT], folder, clean)
    _run([uv, "pip", "install", "--quiet", "--python", str(installed), "pytest"], folder, os.environ)
    _try_pytest(installed, folder, clean)
    _check(run_quickstart(installed, clean, _new(folder / "quickstart")), environment)


def _try_pytest(python: Path, folder: Path, environ: Mapping[str, str]) -> None:
    """Run a user's tests in an environment that has the package, with its plug-in and without it."""
    tests = _new(folder / "tests")
    (tests / "test_of_somebody.py").write_text(_TEST)
    pytest = [str(python), "-P", "-m", "pytest", "-q", "-W", "error", "--strict-markers"]
    for flags in ([], ["-p", "no:azure_reimage_simulator"], ["-p", "no:cacheprovider"]):
        _run([*pytest, *flags], tests, environ)


def _check(result: Mapping[str, Any], environment: Path) -> None:
    if not Path(result["package"]).is_relative_to(environment):
        raise TrialError(f"The package came from {result['package']}.")
    machines = [output for output in result["outputs"].values() if isinstance(output, dict)]
    if [machine["status"] for machine in machines] != ["Succeeded"] * 3:
        raise TrialError(f"The quick start ended with {machines}.")


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _run(command: list[str], folder: Path, environ: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=dict(environ), capture_output=True, check=False, text=True)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
        raise TrialError(f"{' '.join(command)} ended with exit code {done.returncode}:\n{last}")
    return done.stdout


def main(environ: Mapping[str, str]) -> int:
    """Try the wheel with each Python, and return 1 if it failed with one of them."""
    results: dict[str, str] = {}
    for version in (OLDEST, *PYTHONS):
        python = find_python(version, environ)
        if python is None:
            results[version] = "not here"
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            try:
                try_wheel(build_wheel(folder), python, folder)
            except TrialError as error:
                print(error, file=sys.stderr)
                results[version] = "failed"
            else:
                results[version] = f"passed ({python})"
    for version, result in results.items():
        print(f"The wheel with Python {version}: {result}")
    return int("failed" in results.values())


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder, and return it."""
    built = folder / "wheel"
    _run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(built)],
        ROOT,
        os.environ,
    )
    (wheel,) = built.iterdir()
    return wheel


if __name__ == "__main__":
    raise SystemExit(main(os.environ))

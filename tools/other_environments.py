"""Run tests in environments that are not the locked one: newer Pythons, and the newest dependencies.

    python -m tools.other_environments pythons   # `make test-pythons`: each Python that is installed here
    python -m tools.other_environments newest    # `make test-newest`: the newest dependencies, without a lock

Further arguments go to pytest. At the end it reports what the tests ran with, and which Pythons are missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
# `make test` runs with the oldest, 3.11 (or with the one that PYTHON names).
PYTHONS = ("3.12", "3.13", "3.14")
UNIT = ("tests/unit",)
UNIT_AND_SIGN_IN = ("tests/unit", "tests/signin")
_INSTALL = ("install", "--quiet")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment to test in.

    Attributes:
        folder: Where it is made.
        python: The interpreter that it is made with.
        requirements: What uv installs into it.
    """

    folder: Path
    python: Path
    requirements: tuple[str, ...]


def find_python(version: str, environ: Mapping[str, str]) -> Path | None:
    """Return an interpreter of a version such as `3.12`, from PATH or from pyenv; None if there is none."""
    for candidate in _candidates(version, environ):
        if _version_of(candidate) == version:
            return candidate
    return None


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    on_path = shutil.which(f"python{version}", path=environ.get("PATH", ""))
    if on_path:
        yield Path(on_path)
    pyenv = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/")) / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python"))


def _version_of(python: Path) -> str | None:
    """Return the version that an interpreter reports; a pyenv shim fails if its version is not selected."""
    program = "import sys; print('{}.{}'.format(*sys.version_info))"
    try:
        ended = subprocess.run([str(python), "-c", program], capture_output=True, check=False, text=True)
    except OSError:
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None


def locked(version: str, python: Path) -> Environment:
    """Return an environment with another Python and the locked requirements, which suit every version."""
    return Environment(
        ROOT / f".venv-{version}",
        python,
        ("--require-hashes", "--requirement", str(ROOT / "requirements-dev.lock")),
    )


def newest() -> Environment:
    """Return the environment with the newest dependencies."""
    groups = ("--group", f"{ROOT / 'pyproject.toml'}:test", "--group", f"{ROOT / 'pyproject.toml'}:build")
    return Environment(
        ROOT / ".venv-newest",
        Path(sys.executable),
        ("--upgrade", "--requirement", str(ROOT / "pyproject.toml"), *groups),
    )


def run_tests(environment: Environment, tests: Sequence[str], arguments: Sequence[str]) -> int:
    """Make the environment, run tests in it, and return pytest's exit code."""
    python = environment.folder / "bin" / "python"
    _run("venv", "--quiet", "--clear", "--python", str(environment.python), str(environment.folder))
    into = ("pip", *_INSTALL, "--python", str(python))
    _run(*into, *environment.requirements)
    _run(*into, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    command = [str(python), "-m", "pytest", "-n", "auto", "--dist", "worksteal", *tests, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _run(*arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name("uv")), *arguments], cwd=ROOT, check=True)


def run_with_pythons(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the unit tests with each installed Python, and report each result."""
    results: dict[str, str] = {}
    for version in PYTHONS:
        python = find_python(version, environ)
        if python is None:
            results[version] = "not here"
        else:
            print(f"Python {version}: {python}", flush=True)
            code = run_tests(locked(version, python), UNIT, arguments)
            results[version] = f"failed ({code})" if code else "passed"
    for version, result in results.items():
        print(f"Python {version}: {result}")
    return int(any(result.startswith("failed") for result in results.values()))


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command and return its exit code."""
    match list(arguments):
        case ["pythons", *rest]:
            return run_with_pythons(rest, environ)
        case ["newest", *rest]:
            return run_tests(newest(), UNIT_AND_SIGN_IN, rest)
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

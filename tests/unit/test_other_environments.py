"""Finding the Pythons that are installed here: `make test-pythons`."""

from pathlib import Path

import pytest

from tools import other_environments
from tools.other_environments import find_python, main


def put(folder: Path, name: str, script: str) -> Path:
    """Write a program."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_the_one_on_path_comes_first(tmp_path: Path) -> None:
    """It must have the requested version."""
    python = put(tmp_path / "bin", "python3.12", "echo 3.12")
    put(tmp_path / ".pyenv/versions/3.12.1/bin", "python", "echo 3.12")

    assert find_python("3.12", {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}) == python


@pytest.mark.parametrize("shim", ["echo 'pyenv: python3.12: command not found' >&2; exit 127", "echo 3.11"])
def test_a_shim_that_runs_another_or_none_is_passed_over(tmp_path: Path, shim: str) -> None:
    """With pyenv, PATH has a shim for each version that any folder has selected."""
    put(tmp_path / "bin", "python3.12", shim)
    python = put(tmp_path / "root/versions/3.12.1/bin", "python", "echo 3.12")

    found = find_python("3.12", {"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path / "root")})

    assert found == python


def test_one_that_cannot_be_run_is_ignored(tmp_path: Path) -> None:
    """An example is one for another platform."""
    (tmp_path / "python3.12").write_bytes(b"\x7fELF")
    (tmp_path / "python3.12").chmod(0o755)

    assert find_python("3.12", {"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None
    assert find_python("3.13", {}) is None


def test_a_missing_python_is_reported_and_is_not_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contributor need not have every Python."""
    assert main(["pythons"], {"PATH": "", "HOME": str(tmp_path)}) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Python {version}: not here" for version in other_environments.PYTHONS
    ]


def test_an_unknown_command_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """The command does nothing else."""
    assert main(["all"], {}) == 2
    assert "tools.other_environments newest" in capsys.readouterr().err

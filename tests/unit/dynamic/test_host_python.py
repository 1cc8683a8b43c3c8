"""Which Python Pulumi's launcher starts for the resources, and how a wrong one is refused."""

import os
import sys
from pathlib import Path

import pytest

from pulumi_azure_reimage.dynamic.host_python import HostPython, find_host_python, refusal
from pulumi_azure_reimage.version import VERSION

WAYS = f"set PULUMI_PYTHON_CMD={sys.executable}"


def put(folder: Path, name: str, script: str = "exit 0") -> Path:
    """Write a program that takes the place of Python."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, ("bin/python3", "PATH"), id="nothing is set"),
        pytest.param({"PULUMI_PYTHON_CMD": ""}, ("bin/python3", "PATH"), id="an empty command"),
        pytest.param({"PULUMI_PYTHON_CMD": "py"}, ("bin/py", "PULUMI_PYTHON_CMD"), id="a name"),
        pytest.param({"PULUMI_PYTHON_CMD": "{0}/bin/py"}, ("bin/py", "PULUMI_PYTHON_CMD"), id="a path"),
        pytest.param(
            {"PULUMI_RUNTIME_VIRTUALENV": "venv/", "PULUMI_PYTHON_CMD": "py"},
            ("venv/bin/python", "runtime.options of Pulumi.yaml"),
            id="an environment wins, and its path starts at the folder",
        ),
        pytest.param(
            {"PULUMI_RUNTIME_VIRTUALENV": "{0}/venv", "PULUMI_RUNTIME_TOOLCHAIN": "poetry"},
            ("venv/bin/python", "runtime.options of Pulumi.yaml"),
            id="an environment wins over a toolchain",
        ),
        pytest.param(
            {"PULUMI_RUNTIME_TOOLCHAIN": "uv"},
            (".venv/bin/python", "runtime.options of Pulumi.yaml"),
            id="uv",
        ),
        pytest.param({"PULUMI_RUNTIME_TOOLCHAIN": "pip"}, ("bin/python3", "PATH"), id="pip"),
    ],
)
def test_the_python_is_the_one_that_the_launcher_starts(
    tmp_path: Path, environ: dict[str, str], expected: tuple[str, str]
) -> None:
    """The rows are the branches of Pulumi's script."""
    for name in ("bin/python3", "bin/py", "venv/bin/python", ".venv/bin/python"):
        put((tmp_path / name).parent, Path(name).name)
    set_ = {key: value.format(tmp_path) for key, value in environ.items()}

    found = find_host_python({"PATH": str(tmp_path / "bin"), **set_}, tmp_path)

    assert found == HostPython(str(tmp_path / expected[0]), expected[1], exists=True)


def test_what_poetry_would_answer_is_not_guessed(tmp_path: Path) -> None:
    """The launcher would run Poetry, which may create an environment."""
    environ = {"PATH": str(tmp_path), "PULUMI_RUNTIME_TOOLCHAIN": "poetry"}

    assert find_host_python(environ, tmp_path) is None
    assert refusal(environ, tmp_path) is None


def test_a_python_without_the_package_is_refused_with_each_way_out(tmp_path: Path) -> None:
    """The exit code of a probe shows this, so nothing that a Python prints can count as an answer."""
    python = put(tmp_path, "python3", "exit 3")

    refused = refusal({"PATH": str(tmp_path)}, tmp_path)

    assert refused == (
        f"Pulumi runs the resources of this package with {python} (chosen by PATH), which does not have the "
        f"package pulumi-azure-reimage. Nothing was sent. To continue, {WAYS}, or write "
        f"`virtualenv: {sys.prefix}` below `runtime.options` in Pulumi.yaml, or run `{python} -m pip install "
        f"pulumi-azure-reimage=={VERSION}`."
    )


def test_an_environment_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """PULUMI_PYTHON_CMD would not help, because the launcher prefers the environment."""
    refused = refusal({"PATH": os.defpath, "PULUMI_RUNTIME_VIRTUALENV": "venv"}, tmp_path)

    assert refused == (
        f"Pulumi runs the resources of this package with {tmp_path}/venv/bin/python (chosen by "
        f"runtime.options of Pulumi.yaml), which does not exist. Nothing was sent. To continue, write "
        f"`virtualenv: {sys.prefix}` below `runtime.options` in Pulumi.yaml, or create that environment, and "
        "install the package in it."
    )


def test_a_command_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """The launcher would fail to start it."""
    refused = refusal({"PATH": str(tmp_path), "PULUMI_PYTHON_CMD": "python9"}, tmp_path) or ""

    assert "with python9 (chosen by PULUMI_PYTHON_CMD), which does not exist." in refused
    assert WAYS in refused


@pytest.mark.parametrize("script", ["exit 0", "exit 1", "exit 127", "kill -9 $$"])
def test_a_python_is_refused_only_if_it_reports_that_it_lacks_the_package(
    tmp_path: Path, script: str
) -> None:
    """In any other case, the host reports a missing package."""
    put(tmp_path, "python3", script)

    assert refusal({"PATH": f"{tmp_path}:{os.defpath}"}, tmp_path) is None


def test_the_python_that_runs_this_is_known_to_have_the_package(tmp_path: Path) -> None:
    """No probe is started."""
    assert refusal({"PULUMI_PYTHON_CMD": sys.executable}, tmp_path) is None
    assert refusal({"PATH": str(Path(sys.executable).parent)}, tmp_path) is None


def test_another_python_is_probed(tmp_path: Path) -> None:
    """One has the package under another path, and one lacks its requirements."""
    same = tmp_path / "python3"
    same.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    same.chmod(0o755)
    isolated = put(tmp_path, "isolated", f'exec {sys.executable} -I -S "$@"')

    assert refusal({"PATH": f"{tmp_path}:{os.defpath}"}, tmp_path) is None
    assert "does not have" in (refusal({"PULUMI_PYTHON_CMD": str(isolated)}, tmp_path) or "")

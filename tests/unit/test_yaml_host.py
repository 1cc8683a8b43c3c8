"""The YAML language host: where it comes from, and what is said if it is unavailable."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tools.go_tool import MissingGoError, build_name, dotted
from tools.pulumi_cli import PulumiCli
from tools.yaml_host import HOST, prepare

ROOT = Path(__file__).parents[2]


def put_program(path: Path, line: str = "exit 1") -> Path:
    """Write a program that consists of one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


def put_build(cache: Path) -> Path:
    """Leave a build of our go.mod in the cache, as an earlier run does."""
    name = build_name(HOST, HOST.go_mod, platform.system(), platform.machine())
    return put_program(cache / "pulumi-azure-reimage" / name / HOST.name)


def test_the_host_that_comes_with_the_cli_is_used(tmp_path: Path) -> None:
    """If Pulumi is installed, nothing is built. Package managers link the CLI into a folder on PATH."""
    put_program(tmp_path / "real" / HOST.name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(put_program(tmp_path / "real" / "pulumi"))

    prepare(PulumiCli(tmp_path / "bin" / "pulumi", ()), tmp_path / "home", {"PATH": ""})

    assert not (tmp_path / "home").exists()


def test_a_build_is_put_where_the_cli_looks_without_a_warning(tmp_path: Path) -> None:
    """It is in PULUMI_HOME, under the name of an installed plugin."""
    host = put_build(tmp_path)
    cli = PulumiCli(put_program(tmp_path / "pulumi"), ())

    prepare(cli, tmp_path / "home", {"PATH": "", "XDG_CACHE_HOME": str(tmp_path)})

    folder = tmp_path / "home" / "plugins" / f"language-yaml-v{dotted(HOST.version)}"
    assert (folder / HOST.name).resolve() == host


def test_without_a_host_and_without_go_the_reason_is_a_sentence(tmp_path: Path) -> None:
    """The tests of the literal CLI are skipped with that sentence."""
    cli = PulumiCli(put_program(tmp_path / "pulumi"), ())

    with pytest.raises(MissingGoError, match=r"^not built: there is no go on PATH\.$"):
        prepare(cli, tmp_path / "home", {"PATH": "", "XDG_CACHE_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("go", "code", "said"),
    [
        (
            None,
            0,
            "not built: there is no go on PATH. The tests of the literal CLI are skipped.",
        ),
        ('[ "$1" = version ] && echo go1.99.0 && exit\nexit 1', 1, "the build failed."),
    ],
    ids=["no-go", "build-fails"],
)
def test_make_test_continues_without_go_and_fails_on_a_failed_build(
    tmp_path: Path, go: str | None, code: int, said: str
) -> None:
    """A pipeline must not skip what it could run."""
    put_program(tmp_path / "bin" / "pulumi", "echo v3.300.0")
    if go:
        put_program(tmp_path / "bin" / "go", go)
    environment = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}/bin", "XDG_CACHE_HOME": str(tmp_path)}

    result = subprocess.run(
        [sys.executable, "-m", "tools.yaml_host"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == code
    assert result.stderr.splitlines()[-1].startswith(f"{HOST.name}: {said}")

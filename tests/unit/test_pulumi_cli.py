"""The installer of the CLI: which CLI is used, and under which name a build is kept."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tools.go_tool import (
    BuildError,
    GoTool,
    MissingGoError,
    build_name,
    built,
    dotted,
    parse_version,
    recent_go,
    required_go,
    required_version,
)
from tools.kept_folder import cache_folder
from tools.pulumi_cli import (
    CLI,
    DYNAMIC_HOST,
    OLDEST,
    OLDEST_CLI,
    PulumiCli,
    fits,
    pulumi_cli,
    write_dynamic_host,
)
from tools.yaml_host import HOST

ROOT = Path(__file__).parents[2]
# From this version on, the engine supports pending waits (pulumi/pulumi#24694).
FIRST_WITH_PENDING = (3, 274, 0)

GO_MOD = """\
module example.com/cli

go 1.25.11

tool github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

require (
	github.com/pulumi/pulumi/pkg/v3 v3.259.0 // indirect
)
"""


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("v3.262.0-alpha.x4f2a", (3, 262, 0)),
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.27rc1 linux/amd64", (1, 27, 0)),
        ("", None),
        ("pulumi: command not found", None),
    ],
)
def test_a_version_is_found_in_what_a_program_says_of_itself(
    text: str, version: tuple[int, int, int] | None
) -> None:
    """Both `pulumi version` and `go version` are read."""
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v3.258.9", False),
        ("v3.259.0", True),
        ("v3.1000.0", True),
        ("v4.0.0", False),
        ("not a version", False),
    ],
)
def test_a_cli_fits_from_3_259_to_the_next_major_version(text: str, *, expected: bool) -> None:
    """The SDK refuses another major version."""
    assert fits(parse_version(text)) is expected


def test_go_mod_says_which_go_and_which_cli() -> None:
    """One file holds both, and Go reads the same file."""
    assert required_go(GO_MOD) == (1, 25, 11)
    assert required_version(GO_MOD, CLI.source) == (3, 259, 0)


def test_a_go_mod_without_the_line_is_refused() -> None:
    """A build under a wrong name would be mistaken for a correct one later."""
    with pytest.raises(ValueError, match=r"^go\.mod "):
        required_go("module example.com/cli\n")
    with pytest.raises(ValueError, match=r"^go\.mod "):
        required_version(f"module {CLI.source}\n", CLI.source)


def test_our_go_mod_builds_a_cli_that_fits() -> None:
    """The build is no older than what is accepted on PATH, and supports pending waits."""
    assert fits(CLI.version)
    assert CLI.version >= FIRST_WITH_PENDING


def test_the_oldest_cli_that_is_accepted_is_the_one_that_can_be_built_for_a_test() -> None:
    """`make test-oldest` runs the oldest pair, and nothing else builds that CLI."""
    assert OLDEST.version == OLDEST_CLI


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ({"XDG_CACHE_HOME": "/var/cache/me"}, Path("/var/cache/me/pulumi-azure-reimage")),
        ({"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache" / "pulumi-azure-reimage"),
        ({"XDG_CACHE_HOME": ""}, Path.home() / ".cache" / "pulumi-azure-reimage"),
        ({}, Path.home() / ".cache" / "pulumi-azure-reimage"),
    ],
)
def test_the_cache_is_the_users(variable: dict[str, str], expected: Path) -> None:
    """The XDG specification says that a relative path is ignored."""
    assert cache_folder(variable) == expected


def test_a_build_has_its_own_name_per_version_and_platform() -> None:
    """A fresh clone finds the same build, but another go.mod or machine does not."""
    name = build_name(CLI, GO_MOD, "Linux", "x86_64")

    assert name.startswith("pulumi-3.259.0-linux-x86_64-")
    assert name == build_name(CLI, GO_MOD, "Linux", "x86_64")
    assert name != build_name(CLI, GO_MOD, "Linux", "aarch64")
    assert name != build_name(CLI, GO_MOD.replace("1.25.11", "1.25.12"), "Linux", "x86_64")


def test_the_dynamic_host_is_started_with_the_chosen_python(tmp_path: Path) -> None:
    """PULUMI_PYTHON_CMD names the Python that has our package."""
    (tmp_path / "echo").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "echo").chmod(0o755)
    write_dynamic_host(tmp_path)

    said = subprocess.run(  # noqa: S603 - the file that was just written
        [tmp_path / DYNAMIC_HOST, "127.0.0.1:1234"],
        env={"PULUMI_PYTHON_CMD": str(tmp_path / "echo")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == "-u -m pulumi.dynamic 127.0.0.1:1234\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["echo", DYNAMIC_HOST]


@pytest.mark.parametrize("is_relative", [True, False])
def test_the_dynamic_host_is_started_with_the_environment_of_the_project(
    tmp_path: Path, *, is_relative: bool
) -> None:
    """The CLI passes on what Pulumi.yaml names. A relative path starts at the program's folder."""
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    _program(environment / "bin" / "python", 'echo "$@"')
    write_dynamic_host(tmp_path)
    virtualenv = "environment" if is_relative else str(environment)

    said = subprocess.run(  # noqa: S603 - the file that was just written
        [tmp_path / DYNAMIC_HOST, "127.0.0.1:1234"],
        env={"PULUMI_PYTHON_CMD": "/nothing", "PULUMI_RUNTIME_VIRTUALENV": virtualenv},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == "-u -m pulumi.dynamic 127.0.0.1:1234\n"


def test_the_cli_on_path_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If Pulumi is installed, nothing is downloaded or built."""
    _program(tmp_path / "pulumi", "echo v3.300.1")
    _program(tmp_path / DYNAMIC_HOST, "exit 1")

    cli = pulumi_cli({"PATH": str(tmp_path)})

    assert cli == PulumiCli(tmp_path / "pulumi", (tmp_path,))
    assert capsys.readouterr().err == f"pulumi: using {tmp_path}/pulumi, v3.300.1, which is on PATH.\n"


def test_a_cli_without_the_dynamic_host_gets_one(tmp_path: Path) -> None:
    """Some packages ship only the CLI."""
    _program(tmp_path / "bin" / "pulumi", "echo v3.300.1")

    cli = pulumi_cli({"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path / "cache")})

    added = tmp_path / "cache" / "pulumi-azure-reimage" / "dynamic-host"
    assert cli.folders == (tmp_path / "bin", added)
    assert os.access(added / DYNAMIC_HOST, os.X_OK)


def test_a_dynamic_host_behind_a_symbolic_link_counts(tmp_path: Path) -> None:
    """Package managers link the CLI into a folder on PATH, and the CLI looks beside the real file."""
    _program(tmp_path / "real" / "pulumi", "echo v3.300.1")
    _program(tmp_path / "real" / DYNAMIC_HOST, "exit 1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(tmp_path / "real" / "pulumi")

    cli = pulumi_cli({"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path / "cache")})

    assert cli == PulumiCli(tmp_path / "bin" / "pulumi", (tmp_path / "bin",))


def test_an_old_cli_is_passed_over_for_the_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, so that the user knows why it is not used."""
    _program(tmp_path / "bin" / "pulumi", "echo v3.100.0")
    built = _finished_build(tmp_path)

    cli = pulumi_cli({"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path)})

    assert cli == PulumiCli(built / "pulumi", (built,))
    assert capsys.readouterr().err == (
        f"pulumi: passed over: {tmp_path}/bin/pulumi says its version is v3.100.0, "
        "and 3.259.0 or a newer 3.x is needed.\n"
        f"pulumi: using {built}/pulumi, built from tools/pulumi-cli.\n"
    )


@pytest.mark.parametrize(
    ("says", "taken"), [("go1.25.11", True), ("go1.26.0", True), ("go1.25.10", False), ("go1.22.2", False)]
)
def test_an_old_go_builds_nothing(tmp_path: Path, says: str, *, taken: bool) -> None:
    """Otherwise Go would try to download a newer Go, and fail late if it cannot."""
    _program(tmp_path / "go", f'echo "go version {says} linux/amd64, $GOTOOLCHAIN"')

    environment = {"PATH": str(tmp_path)}

    if taken:
        assert recent_go((1, 25, 11), environment) == str(tmp_path / "go")
    else:
        with pytest.raises(MissingGoError):
            recent_go((1, 25, 11), environment)


def test_an_old_go_is_named(tmp_path: Path) -> None:
    """The message says what was found and what is needed."""
    _program(tmp_path / "go", 'echo "go version go1.22.2, toolchain $GOTOOLCHAIN"')

    with pytest.raises(MissingGoError) as old:
        recent_go((1, 25, 11), {"PATH": str(tmp_path)})
    with pytest.raises(MissingGoError) as none:
        recent_go((1, 25, 11), {"PATH": ""})

    assert str(old.value) == (
        "not built: go version go1.22.2, toolchain local is too old, and Go 1.25.11 or newer is needed."
    )
    assert str(none.value) == "not built: there is no go on PATH."


def test_complete_builds_are_kept_and_the_rest_of_a_killed_one_is_removed(tmp_path: Path) -> None:
    """A build appears by a rename, when both of its programs are complete."""
    _go(tmp_path, 'shift $(($# - 2)); echo "a CLI" > "$1"; chmod +x "$1"')
    cache = tmp_path / "pulumi-azure-reimage"
    name = build_name(CLI, CLI.go_mod, platform.system(), platform.machine())
    (cache / f".filling-{name}-killed").mkdir(parents=True)
    (cache / f".filling-{name}-killed" / "pulumi").touch()

    executable = built(CLI, _with_go(tmp_path))

    assert os.access(executable, os.X_OK)
    assert os.access(executable.parent / DYNAMIC_HOST, os.X_OK)
    assert [folder for folder in cache.iterdir() if folder.is_dir()] == [executable.parent]


def test_a_build_that_lost_its_program_is_made_again(tmp_path: Path) -> None:
    """After it was removed from the cache, there is a new build, and not a path that leads nowhere."""
    _go(tmp_path, 'shift $(($# - 2)); echo "a CLI" > "$1"; chmod +x "$1"')
    built(CLI, _with_go(tmp_path)).unlink()

    assert built(CLI, _with_go(tmp_path)).exists()


@pytest.mark.parametrize("others", [OLDEST, HOST])
def test_every_tool_is_built_beside_the_cli(tmp_path: Path, others: GoTool) -> None:
    """Each go.mod has its own build in the cache."""
    _go(tmp_path, 'shift $(($# - 2)); echo "a program" > "$1"; chmod +x "$1"')

    both = [built(tool, _with_go(tmp_path)).parent for tool in (CLI, others)]

    assert [folder.parent for folder in both] == [tmp_path / "pulumi-azure-reimage"] * 2
    assert both[0].name.startswith(f"pulumi-{dotted(CLI.version)}-")
    assert both[1].name.startswith(f"{others.name}-{dotted(others.version)}-")


def test_a_failed_build_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error has what Go said last, and names the file with all of it."""
    _go(tmp_path, "echo no space left on device; exit 1")
    log = tmp_path / "pulumi-azure-reimage" / "pulumi.log"

    with pytest.raises(BuildError) as failed:
        built(CLI, _with_go(tmp_path))

    said = f"a/package\nno space left on device\nthe build failed. All that Go said is in {log}."
    assert str(failed.value) == said
    assert log.read_text() == "a/package\nno space left on device\n"

    assert not [path for path in (tmp_path / "pulumi-azure-reimage").iterdir() if path.is_dir()]
    assert capsys.readouterr().err.startswith(f"pulumi: building Pulumi {dotted(CLI.version)} with Go. ")


def test_the_folders_are_all_that_stdout_holds(tmp_path: Path) -> None:
    """A makefile puts them in front of PATH."""
    built = _finished_build(tmp_path)

    said = subprocess.run(
        [sys.executable, "-m", "tools.pulumi_cli"],
        cwd=ROOT,
        env={"PATH": "", "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == f"{built}\n"


def test_the_folders_go_in_front_of_path() -> None:
    """The CLI's own folder comes first: it looks for its plugins there."""
    cli = PulumiCli(Path("/a/pulumi"), (Path("/a"), Path("/b")))

    assert cli.path("/usr/bin") == os.pathsep.join(["/a", "/b", "/usr/bin"])


def _program(path: Path, line: str) -> None:
    """Write a program that consists of `line`."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _go(folder: Path, builds: str) -> None:
    """Write a recent Go that builds as `builds` says. Its last arguments are -o FILE PACKAGE."""
    answers = '[ "$1" = version ] && echo go1.99.0 && exit\n[ "$1" = list ] && echo a/package && exit'
    _program(folder / "go", f"{answers}\n{builds}")


def _with_go(folder: Path) -> dict[str, str]:
    """Return an environment with the Go of `folder`, and with a cache there."""
    return {"PATH": f"{folder}:/usr/bin:/bin", "XDG_CACHE_HOME": str(folder)}


def _finished_build(cache: Path) -> Path:
    """Return the folder of a build of our go.mod that an earlier run left in `cache`."""
    name = build_name(CLI, CLI.go_mod, platform.system(), platform.machine())
    folder = cache / "pulumi-azure-reimage" / name
    folder.mkdir(parents=True)
    _program(folder / "pulumi", "echo v3.259.0")
    return folder

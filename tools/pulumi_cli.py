"""Make the Pulumi CLI available, and print the folders that go in front of PATH.

In this order:

1. `pulumi` on PATH, when it is recent enough.
2. A build of `tools/pulumi-cli` with Go, kept in the user's cache folder (`$XDG_CACHE_HOME`, or `~/.cache`).
3. Pulumi's own installer, through `pulumi.automation`.

Stdout holds nothing but the folders, joined as PATH joins them; everything that is said goes to stderr:

    PATH="$(python tools/pulumi_cli.py):$PATH" pulumi version

With `--oldest`, it is always the oldest CLI that is supported, built from `tools/pulumi-cli-oldest`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Version = tuple[int, int, int]

# The oldest CLI that the engine tests were run with. The Python SDK refuses another major version.
OLDEST_CLI: Version = (3, 259, 0)
FIRST_UNKNOWN_CLI: Version = (4, 0, 0)

GO_MODULE = Path(__file__).parent / "pulumi-cli"
# Requires OLDEST_CLI. Only `make test-oldest` builds it.
OLDEST_GO_MODULE = Path(__file__).parent / "pulumi-cli-oldest"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
BUILD_TAGS = "osusergo,grpcnotrace"

STDERR = 2

# What Pulumi's releases ship as a longer script: it starts the host of the dynamic resources.
# Which Python runs it is for the caller to say, because that Python must have our package.
DYNAMIC_HOST = "pulumi-resource-pulumi-python"
DYNAMIC_HOST_SCRIPT = '#!/bin/sh\nexec "${PULUMI_PYTHON_CMD:-python3}" -u -m pulumi.dynamic "$@"\n'


class NoPulumiCliError(Exception):
    """None of the three ways led to a Pulumi CLI."""


@dataclass(frozen=True, slots=True)
class PulumiCli:
    """A CLI that can run Python's dynamic resources.

    Attributes:
        executable: The CLI itself.
        folders: What goes in front of PATH: the CLI's folder, and the dynamic host's if that is another one.
    """

    executable: Path
    folders: tuple[Path, ...]

    def path(self, old: str) -> str:
        """Return `old`, a PATH, with our folders in front."""
        return os.pathsep.join([*map(str, self.folders), old])


def pulumi_cli(environment: Mapping[str, str]) -> PulumiCli:
    """Find, build or install the Pulumi CLI, and say which of these it was.

    Raises:
        NoPulumiCliError: none of them is possible here.
    """
    cli = _on_path(environment) or built(environment) or _installed()
    if cli is None:
        raise NoPulumiCliError(
            f"no way to a CLI was found: put pulumi {dotted(OLDEST_CLI)} or a newer 3.x on PATH, "
            f"or a Go that can build tools/{GO_MODULE.name}, and run this again."
        )
    return cli


def parse_version(text: str) -> Version | None:
    """Return the first `1.2.3` or `1.2` of `text`, or None where it has none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def dotted(version: Version) -> str:
    """Return `version` as text."""
    return ".".join(map(str, version))


def fits(version: Version | None) -> bool:
    """Return whether a CLI of this version can be used."""
    return version is not None and OLDEST_CLI <= version < FIRST_UNKNOWN_CLI


def required_go(go_mod: str) -> Version:
    """Return the oldest Go that builds this module: the `go` line of its go.mod.

    Raises:
        ValueError: the file has no such line.
    """
    line = re.search(r"^go (\S+)$", go_mod, re.MULTILINE)
    version = parse_version(line[1]) if line else None
    if version is None:
        raise ValueError("go.mod has no go line")
    return version


def required_cli(go_mod: str) -> Version:
    """Return the version of the CLI that this go.mod builds.

    Raises:
        ValueError: the file does not require the CLI's module.
    """
    line = re.search(r"github\.com/pulumi/pulumi/pkg/v3 (v\S+)", go_mod)
    version = parse_version(line[1]) if line else None
    if version is None:
        raise ValueError("go.mod does not require github.com/pulumi/pulumi/pkg/v3")
    return version


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder that keeps what was built, outside the clone so that the next clone finds it too."""
    # The XDG specification: a relative path in the variable is to be ignored.
    chosen = Path(environment.get("XDG_CACHE_HOME", ""))
    return (chosen if chosen.is_absolute() else Path.home() / ".cache") / "pulumi-azure-reimage"


def build_name(go_mod: str, system: str, machine: str) -> str:
    """Return the cache's name for a build: another version, recipe or platform has another name."""
    recipe = f"{go_mod}\n{CLI_PACKAGE}\n{BUILD_TAGS}\n{VERSION_VARIABLE}\n{DYNAMIC_HOST_SCRIPT}"
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    return f"pulumi-{dotted(required_cli(go_mod))}-{system}-{machine}-{digest}".lower()


def write_dynamic_host(folder: Path) -> None:
    """Put the dynamic host's starter into `folder`; whoever looks finds the whole file or none."""
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
        file.write(DYNAMIC_HOST_SCRIPT)
    Path(file.name).chmod(0o755)
    Path(file.name).replace(folder / DYNAMIC_HOST)


def _on_path(environment: Mapping[str, str]) -> PulumiCli | None:
    """Return the CLI on PATH; None where there is none that fits."""
    found = shutil.which("pulumi", path=environment.get("PATH"))
    if found is None:
        return None
    answer = subprocess.run(
        [found, "version"],
        env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    ).stdout.strip()
    if not fits(parse_version(answer)):
        _say(
            f"passed over: {found} says its version is {answer or 'nothing'}, "
            f"and {dotted(OLDEST_CLI)} or a newer 3.x is needed."
        )
        return None
    _say(f"using {found}, {answer}, which is on PATH.")
    executable = Path(found)
    if _has_dynamic_host(executable, environment):
        return PulumiCli(executable, (executable.parent,))
    folder = cache_folder(environment) / "dynamic-host"
    folder.mkdir(parents=True, exist_ok=True)
    write_dynamic_host(folder)
    _say(f"it comes without {DYNAMIC_HOST}, which is taken from {folder}.")
    return PulumiCli(executable, (executable.parent, folder))


def _has_dynamic_host(executable: Path, environment: Mapping[str, str]) -> bool:
    """Return whether this CLI finds the dynamic host: on PATH, or beside itself with links resolved."""
    beside = os.fspath(executable.resolve().parent)
    search = os.pathsep.join([beside, environment.get("PATH", "")])
    return shutil.which(DYNAMIC_HOST, path=search) is not None


def built(environment: Mapping[str, str], module: Path = GO_MODULE) -> PulumiCli | None:
    """Return the CLI that `module` requires, built now or earlier; None where it cannot be built here."""
    go_mod = (module / "go.mod").read_text()
    cache = cache_folder(environment)
    folder = cache / build_name(go_mod, platform.system(), platform.machine())
    cli = PulumiCli(folder / "pulumi", (folder,))
    if not cli.executable.exists():
        go = recent_go(required_go(go_mod), environment)
        if go is None:
            return None
        cache.mkdir(parents=True, exist_ok=True)
        with _only_one_builder(cache):
            # Another process may have built it while this one waited.
            if not cli.executable.exists() and not _build(go, module, folder, environment):
                return None
    _say(f"using {cli.executable}, built from tools/{module.name}.")
    return cli


def recent_go(needed: Version, environment: Mapping[str, str]) -> str | None:
    """Return the path of a Go that can build the CLI; None, and a word about it, where there is none."""
    go = shutil.which("go", path=environment.get("PATH"))
    if go is None:
        _say("not built: there is no go on PATH.")
        return None
    answer = subprocess.run(
        [go, "version"], env=_go_environment(environment), stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip()
    version = parse_version(answer)
    if version is None or version < needed:
        _say(f"not built: {answer or go} is too old, and Go {dotted(needed)} or newer is needed.")
        return None
    return go


def _go_environment(environment: Mapping[str, str]) -> dict[str, str]:
    # local: Go would otherwise download another Go, from a place that may be out of reach, and fail late.
    # Without cgo the build needs no C compiler, as Pulumi's own releases.
    return {**environment, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}


def _build(go: str, module: Path, folder: Path, environment: Mapping[str, str]) -> bool:
    """Build the CLI and the dynamic host's starter into `folder`, which appears complete or not at all.

    Returns:
        Whether it worked; Go has said why not.
    """
    version = required_cli((module / "go.mod").read_text())
    _say(f"building Pulumi {dotted(version)} with Go. This takes about three minutes, once.")
    for left_over in folder.parent.glob(".building-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    building = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".building-"))
    flags = ["-trimpath", "-buildvcs=false", "-tags", BUILD_TAGS]
    flags += ["-ldflags", f"-s -w -X {VERSION_VARIABLE}=v{dotted(version)}"]
    # Stdout is kept for the folders that we print.
    outcome = subprocess.run(
        [go, "build", *flags, "-o", building / "pulumi", CLI_PACKAGE],
        cwd=module,
        env=_go_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=STDERR,
        check=False,
    )
    if outcome.returncode != 0:
        shutil.rmtree(building)
        _say("the build failed.")
        return False
    write_dynamic_host(building)
    building.chmod(0o755)
    # A folder without the CLI is none that we made: a rename replaces only an empty one.
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    return True


@contextlib.contextmanager
def _only_one_builder(cache: Path) -> Iterator[None]:
    """Let one process build at a time; the lock ends with the process, however that ends."""
    with (cache / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another process is building it; waiting for that.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _installed() -> PulumiCli | None:
    """Return the CLI that Pulumi's installer put, now or earlier, into `~/.pulumi`; None where it fails."""
    # Only here is the SDK needed: where the CLI is found or built, any Python can run this file.
    from pulumi import automation  # noqa: PLC0415 - see above

    _say("using Pulumi's own installer, which downloads the CLI once.")
    try:
        command = automation.PulumiCommand.install()
    except (OSError, subprocess.SubprocessError, automation.InvalidVersionError) as error:
        _say(f"the installer failed: {error}")
        return None
    executable = Path(command.command)
    _say(f"using {executable}, {command.version}.")
    return PulumiCli(executable, (executable.parent,))


def _say(sentence: str) -> None:
    print(f"pulumi: {sentence}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Print the folders that go in front of PATH."""
    try:
        cli = _oldest(os.environ) if "--oldest" in arguments else pulumi_cli(os.environ)
    except NoPulumiCliError as error:
        _say(str(error))
        return 1
    print(os.pathsep.join(map(str, cli.folders)))
    return 0


def _oldest(environment: Mapping[str, str]) -> PulumiCli:
    cli = built(environment, OLDEST_GO_MODULE)
    if cli is None:
        raise NoPulumiCliError(f"pulumi {dotted(OLDEST_CLI)} could not be built.")
    return cli


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

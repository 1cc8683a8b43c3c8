"""Make the Pulumi CLI available, and print the folders that go in front of PATH.

In this order:

1. `pulumi` on PATH, if it is recent enough.
2. A build of `tools/pulumi-cli` with Go, kept in the user's cache folder (`$XDG_CACHE_HOME`, or `~/.cache`).
3. Pulumi's own installer, through `pulumi.automation`.

Stdout holds nothing but the folders, joined as PATH joins them; all messages go to stderr:

    PATH="$(python -m tools.pulumi_cli):$PATH" pulumi version

With `--oldest`, it is always the oldest CLI that is supported, built from `tools/pulumi-cli-oldest`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tools.go_tool import BuildError, GoTool, Version, built, dotted, parse_version, write_script
from tools.kept_folder import cache_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The oldest CLI that the engine tests were run with. The Python SDK refuses another major version.
OLDEST_CLI: Version = (3, 259, 0)
FIRST_UNKNOWN_CLI: Version = (4, 0, 0)

# It starts the host of the dynamic resources, with the Python that Pulumi.yaml or the caller names. The
# script in Pulumi's releases chooses in the same way, and has more messages:
# https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/python/dist/pulumi-resource-pulumi-python
DYNAMIC_HOST = "pulumi-resource-pulumi-python"
DYNAMIC_HOST_SCRIPT = """\
#!/bin/sh
case ${PULUMI_RUNTIME_VIRTUALENV:-} in
    "") exec "${PULUMI_PYTHON_CMD:-python3}" -u -m pulumi.dynamic "$@" ;;
    /*) ;;
    *) PULUMI_RUNTIME_VIRTUALENV=$PWD/$PULUMI_RUNTIME_VIRTUALENV ;;
esac
PATH=$PULUMI_RUNTIME_VIRTUALENV/bin:$PATH
export PATH
exec "$PULUMI_RUNTIME_VIRTUALENV/bin/python" -u -m pulumi.dynamic "$@"
"""

CLI = GoTool(
    name="pulumi",
    title="Pulumi",
    module=Path(__file__).parent / "pulumi-cli",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    source="github.com/pulumi/pulumi/pkg/v3",
    version_variable="github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    duration="three minutes",
    scripts={DYNAMIC_HOST: DYNAMIC_HOST_SCRIPT},
)
# Requires OLDEST_CLI. Only `make test-oldest` builds it.
OLDEST = replace(CLI, module=Path(__file__).parent / "pulumi-cli-oldest")


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
    cli = _on_path(environment) or _built(CLI, environment) or _installed()
    if cli is None:
        raise NoPulumiCliError(
            f"No Pulumi CLI was found: put pulumi {dotted(OLDEST_CLI)} or a newer 3.x on PATH, "
            f"or a Go that can build tools/{CLI.module.name}, and run this again."
        )
    return cli


def fits(version: Version | None) -> bool:
    """Return whether a CLI of this version can be used."""
    return version is not None and OLDEST_CLI <= version < FIRST_UNKNOWN_CLI


def write_dynamic_host(folder: Path) -> None:
    """Put the dynamic host's starter into `folder`."""
    write_script(folder, DYNAMIC_HOST, DYNAMIC_HOST_SCRIPT)


def _on_path(environment: Mapping[str, str]) -> PulumiCli | None:
    """Return the CLI on PATH, or None if there is none that fits."""
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


def _built(tool: GoTool, environment: Mapping[str, str]) -> PulumiCli | None:
    """Return the CLI, built now or earlier, or None with a message if it cannot be built here."""
    try:
        executable = built(tool, environment)
    except BuildError as error:
        tool.say(str(error))
        return None
    return PulumiCli(executable, (executable.parent,))


def _installed() -> PulumiCli | None:
    """Return the CLI that Pulumi's installer put into `~/.pulumi`, now or earlier, or None if it fails."""
    # Only this way needs the SDK. If the CLI is found or built, any Python can run this file.
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


_say = CLI.say


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
    cli = _built(OLDEST, environment)
    if cli is None:
        raise NoPulumiCliError(f"pulumi {dotted(OLDEST_CLI)} could not be built.")
    return cli


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Make Pulumi's YAML language host available, so that tests run the literal CLI on YAML: `make test`.

It comes with Pulumi's releases. If the CLI has none, it is built from `tools/pulumi-language-yaml` with Go,
as the CLI is.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tools.go_tool import BuildError, GoTool, MissingGoError, built, dotted
from tools.pulumi_cli import NoPulumiCliError, pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.pulumi_cli import PulumiCli

HOST = GoTool(
    name="pulumi-language-yaml",
    title="Pulumi's YAML language host",
    module=Path(__file__).parent / "pulumi-language-yaml",
    package="github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    source="github.com/pulumi/pulumi-yaml",
    version_variable="github.com/pulumi/pulumi-yaml/pkg/version.Version",
    duration="two minutes",
)


def prepare(cli: PulumiCli, home: Path, environment: Mapping[str, str]) -> None:
    """Make sure that `cli` finds a YAML language host if PULUMI_HOME is `home`.

    Raises:
        BuildError: it comes with none, and none can be built here.
    """
    if _comes_with(cli, environment):
        return
    host = built(HOST, environment)
    # The engine looks here last. It would warn of a host on PATH that is not the one beside the CLI
    # (getPluginInfoAndPath of pulumi: sdk/go/common/workspace/plugins.go).
    folder = home / "plugins" / f"language-yaml-v{dotted(HOST.version)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HOST.name).symlink_to(host)


def _comes_with(cli: PulumiCli, environment: Mapping[str, str]) -> bool:
    """Return whether this CLI finds one without help: on PATH, or beside itself with links resolved."""
    beside = os.fspath(cli.executable.resolve().parent)
    search = os.pathsep.join([beside, environment.get("PATH", "")])
    return shutil.which(HOST.name, path=search) is not None


def main() -> int:
    """Build the host if the CLI has none; return 1 if that fails, and 0 if there is no Go for it."""
    try:
        if not _comes_with(pulumi_cli(os.environ), os.environ):
            built(HOST, os.environ)
    except MissingGoError as error:
        HOST.say(f"{error} The tests of the literal CLI are skipped.")
    except (BuildError, NoPulumiCliError) as error:
        HOST.say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

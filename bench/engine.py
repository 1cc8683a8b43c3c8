"""The Pulumi CLI, in an environment without the settings and credentials of whoever measures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pulumi import automation

from tests.engine.harness import Engine
from tools.pulumi_cli import pulumi_cli

if TYPE_CHECKING:
    from pathlib import Path

_FOREIGN = ("PULUMI_", "ARM_", "AZURE_")


def quiet_engine(home: Path) -> Engine:
    """Find the CLI, and change this process's environment for it.

    Raises:
        NoPulumiCliError: there is none, and none can be made.
    """
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    os.environ["PATH"] = pulumi_cli(os.environ).path(os.environ["PATH"])
    os.environ["PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK"] = "true"  # `pulumi_cli` has judged the version.
    return Engine(automation.PulumiCommand(), home)

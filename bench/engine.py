"""The Pulumi CLI, in an environment without the settings and credentials of the person who measures."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi import automation

from tests.engine.harness import Engine
from tools.pulumi_cli import pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOREIGN = ("PULUMI_", "ARM_", "AZURE_")


@contextmanager
def quiet_engine() -> Iterator[Engine]:
    """Find the CLI, change this process's environment for it, and give it a home while the block runs.

    Raises:
        NoPulumiCliError: there is none, and none can be made.
    """
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    os.environ["PATH"] = pulumi_cli(os.environ).path(os.environ["PATH"])
    os.environ["PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK"] = "true"  # `pulumi_cli` has checked it.
    with tempfile.TemporaryDirectory(prefix="reimage-bench-home-") as home:
        yield Engine(automation.PulumiCommand(), Path(home))

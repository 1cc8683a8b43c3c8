"""A fake world to sign in to, and this process inside it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.signin.world import World, open_world

FOREIGN = ("ARM_", "AZURE_", "ACTIONS_", "SYSTEM_", "IDENTITY_", "MSI_", "IMDS_")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Direct every client of this process to the hosts on this machine."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    with open_world(tmp_path) as opened:
        for name, value in opened.variables.items():
            monkeypatch.setenv(name, value)
        yield opened

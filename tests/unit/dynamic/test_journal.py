"""A stack with a journal: what a preview does about it, and what an update leaves in it."""

from pathlib import Path

import pytest

from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import Stack


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return the file of the journal, which does not exist yet."""
    return tmp_path / "reimages.jsonl"


@pytest.fixture
def stack(inventory: Path, clock: FakeClock, journal: Path) -> Stack:
    """Return a stack with a journal."""
    return Stack(inventory, clock, {"azure-reimage:journal": str(journal)})


def test_a_bad_path_is_refused_in_the_preview(stack: Stack, journal: Path, simulator: Simulator) -> None:
    """Before anything is read or sent."""
    journal.mkdir()

    with pytest.raises(ConfigurationError, match=r"azure-reimage:journal names the file .*a regular file"):
        stack.preview()

    assert simulator.requests() == []


def test_a_preview_and_a_refresh_write_nothing(stack: Stack, journal: Path) -> None:
    """They decide nothing, and may be run by anyone who can read."""
    stack.up(triggers={"image": 1})
    journal.unlink(missing_ok=True)

    stack.preview(triggers={"image": 2})
    stack.refresh()

    assert not journal.exists()

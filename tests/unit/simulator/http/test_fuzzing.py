"""Raw requests that are nearly valid, from a fixed seed: each is answered, and nothing is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import serve

from .fuzzing import check_whole, fuzzed, send_all

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import World

SEEDS = range(4)
REQUESTS = 300


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("seed", SEEDS)
def test_no_request_breaks_the_server(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    """None gets a 5xx, each gets an answer, and no traceback is printed."""
    with serve(world.simulator) as server:
        counted = send_all(server, fuzzed(world.simulator, seed, REQUESTS))

    assert counted[200]
    assert counted[400]
    assert capsys.readouterr().err == ""
    check_whole(world.simulator, tmp_path / "machines.sqlite3")

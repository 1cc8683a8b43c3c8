"""The service around a reimage: image catalogue, preemption, and operation records that expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..client import World, code, status_url

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import FakeNow

MACHINE = """
[[machine]]
name = "one"
image = { publisher = "P", offer = "o", sku = "s" }
image_version = "1.0"
"""
CATALOGUE = """
[[image]]
publisher = "p"
offer = "o"
sku = "s"
versions = ["1.0", "2.0"]
"""


def version_of(world: World) -> str:
    """Return the image version that the machine shows."""
    version: str = world.vm("one")["properties"]["storageProfile"]["imageReference"]["exactVersion"]
    return version


def test_a_version_of_the_catalogue_is_accepted(tmp_path: Path, now: FakeNow) -> None:
    """Without a version, the machine keeps its own."""
    (tmp_path / "machines.toml").write_text(MACHINE + CATALOGUE)
    with World.open(tmp_path / "machines.toml", now) as world:
        world.reimage_to_the_end("one", {"exactVersion": "2.0"})
        first = version_of(world)
        world.reimage_to_the_end("one")

        assert (first, version_of(world)) == ("2.0", "2.0")


def test_a_version_that_is_not_in_the_catalogue_is_refused(tmp_path: Path, now: FakeNow) -> None:
    """The refusal has the words of the service at creation."""
    (tmp_path / "machines.toml").write_text(MACHINE + CATALOGUE)
    with World.open(tmp_path / "machines.toml", now) as world:
        refused = world.reimage("one", {"exactVersion": "0.1"})

        assert (refused.status, code(refused)) == (404, "PlatformImageNotFound")
        assert "The platform image 'p:o:s:0.1' is not available." in refused.json()["error"]["message"]
        assert world.reimage("one").status == 202


def test_a_catalogue_may_ignore_a_version_as_recorded_in_2023(tmp_path: Path, now: FakeNow) -> None:
    """It is accepted and succeeds, and the version stays."""
    (tmp_path / "machines.toml").write_text(MACHINE + CATALOGUE + 'unknown_version = "ignore"')
    with World.open(tmp_path / "machines.toml", now) as world:
        accepted = world.reimage_to_the_end("one", {"exactVersion": "0.1"})

        assert world.get(status_url(accepted)).json()["status"] == "Succeeded"
        assert version_of(world) == "1.0"


def test_a_second_reimage_may_preempt_the_first(tmp_path: Path, now: FakeNow) -> None:
    """Whether Azure does so or answers 409 is not known, so both can be configured."""
    (tmp_path / "machines.toml").write_text('while_running = "preempt"' + MACHINE)
    with World.open(tmp_path / "machines.toml", now) as world:
        first = world.reimage("one")
        world.now.advance(1)
        second = world.reimage("one")
        world.now.advance(75)
        ends = [world.get(status_url(accepted)).json() for accepted in (first, second)]

    assert [end["status"] for end in ends] == ["Canceled", "Succeeded"]
    assert ends[0]["error"]["code"] == "OperationPreempted"
    assert ends[0]["endTime"] == "2024-08-26T07:15:57.304804+00:00"


@pytest.mark.parametrize(("seconds", "status"), [(24 * 3600, 200), (24 * 3600 + 1, 404)])
def test_the_record_of_an_operation_expires_a_day_after_its_end(
    world: World, seconds: int, status: int
) -> None:
    """Both of its URLs are gone."""
    accepted = world.reimage_to_the_end("kept")
    world.now.advance(seconds)

    assert world.get(status_url(accepted)).status == status
    assert world.get(accepted.headers["location"]).status == status


def test_how_long_records_are_kept_can_be_set(tmp_path: Path, now: FakeNow) -> None:
    """A running operation is never forgotten."""
    (tmp_path / "machines.toml").write_text("operation_record_seconds = 5\noperation_seconds = 60" + MACHINE)
    with World.open(tmp_path / "machines.toml", now) as world:
        status = status_url(world.reimage("one"))
        world.now.advance(59)
        running = world.get(status)
        world.now.advance(7)

        assert running.json()["status"] == "InProgress"
        assert code(world.get(status)) == "NotFound"

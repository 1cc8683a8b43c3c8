"""Bodies of `POST …/reimage`: which are known to be accepted, and which to be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_azure_reimage.simulator import Request

from ..client import API_VERSION, BASE, TOKEN, code

if TYPE_CHECKING:
    from ..client import World


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"tempDisk": False},
        {"osProfile": None},
        {"osProfile": {"adminPassword": "password", "customData": "dGVzdA=="}, "tempDisk": False},
        {"exactVersion": "0.1", "osProfile": {"adminPassword": "password"}},
    ],
)
@pytest.mark.parametrize("name", ["kept", "deleted"])
def test_a_body_that_was_recorded_to_be_accepted(world: World, name: str, body: object) -> None:
    """Azure accepted the password "password" and the version "0.1"."""
    accepted = world.reimage(name, body)

    assert accepted.status == 202


@pytest.mark.parametrize(
    ("body", "expected", "target"),
    [
        ({"tempDisk": True}, "InvalidParameter", "tempDisk"),
        ({"tempDisk": "yes"}, "BadRequest", "tempDisk"),
        ({"exact_version": "1"}, "BadRequest", "exact_version"),
        ({"exactVersion": 1}, "BadRequest", "exactVersion"),
        ({"osProfile": []}, "BadRequest", "osProfile"),
        ({"osProfile": {"password": "x"}}, "BadRequest", "osProfile.password"),
        ({"osProfile": {"adminPassword": 1}}, "BadRequest", "osProfile.adminPassword"),
        ({"osProfile": {"customData": "?"}}, "InvalidParameter", "customData"),
        ({"osProfile": {"customData": "AAAA" * 21846}}, "InvalidParameter", "customData"),
    ],
)
def test_a_body_that_is_refused(world: World, body: object, expected: str, target: str) -> None:
    """The machine stays as it is."""
    refused = world.reimage("kept", body)

    assert (refused.status, code(refused)) == (400, expected)
    assert refused.json()["error"]["target"] == target
    assert world.simulator.machine("kept").provisioning_state == "Succeeded"


def test_temp_disk_is_accepted_for_an_ephemeral_os_disk(world: World) -> None:
    """It exists for ephemeral disks."""
    accepted = world.reimage("local", {"tempDisk": True})

    assert accepted.status == 202


def test_custom_data_must_be_what_the_machine_was_created_with(world: World) -> None:
    """A machine that was created without any accepts anything."""
    other: dict[str, Any] = {"osProfile": {"customData": "b3RoZXI="}}
    refused = world.reimage("deleted", other)
    accepted = world.reimage("kept", other)

    assert (refused.status, code(refused)) == (400, "BadRequest")
    assert "should be same as the custom data" in refused.json()["error"]["message"]
    assert accepted.status == 202


@pytest.mark.parametrize(
    ("content", "content_type", "status", "expected"),
    [
        (b"{", "application/json", 400, "InvalidRequestContent"),
        (b"\xff", "application/json", 400, "InvalidRequestContent"),
        (b"[]", "application/json; charset=utf-8", 400, "BadRequest"),
        (b"{}", "text/plain", 415, "UnsupportedMediaType"),
    ],
)
def test_content_that_is_not_a_json_object_is_refused(
    world: World, content: bytes, content_type: str, status: int, expected: str
) -> None:
    """ARM reads the media type first."""
    url = f"{BASE}{world.simulator.machine('kept').id}/reimage?{API_VERSION}"
    headers = {**TOKEN, "Content-Type": content_type}
    refused = world.simulator.handle(Request("POST", url, headers, content))

    assert (refused.status, code(refused)) == (status, expected)

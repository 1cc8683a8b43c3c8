"""Every API version is answered, unless the inventory accepts only the listed ones."""

from pathlib import Path

import pytest

from ..client import FakeNow, World, code, status_url

GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/RG-one/providers"
VM = f"{GROUP}/Microsoft.Compute/virtualMachines/kept"
# The defaults of azure-mgmt-compute 39.0, @azure/arm-compute 24.1 and azure-cli 2.91, and others.
SENT = ("2026-04-01", "2026-03-01", "2022-11-01", "2015-06-15", "2026-08-06-preview")


def listed_only(folder: Path) -> Path:
    """Write an inventory that refuses versions that are not listed."""
    path = folder / "listed.toml"
    path.write_text('api_versions = "listed"\n[[machine]]\nname = "vm"\n')
    return path


@pytest.mark.parametrize("version", SENT)
def test_another_version_is_answered_as_the_one_that_was_recorded(world: World, version: str) -> None:
    """The answer is the same to the byte."""
    recorded = world.get(f"{VM}?$expand=instanceView&api-version=2024-07-01")
    other = world.get(f"{VM}?$expand=instanceView&api-version={version}")

    assert (other.status, other.body) == (200, recorded.body)


def test_the_request_log_notes_which_version_an_answer_has(world: World) -> None:
    """A listed version needs no note."""
    accepted = world.send("POST", f"{VM}/reimage?api-version=2026-04-01")
    world.get(status_url(accepted))
    world.get(f"{VM}?api-version=2024-07-01")
    for version in ("2020-01-01", "2024-03-02", "2024-11-30-preview", "2031-01-01"):
        world.get(f"{world.simulator.machine('kept').os_disk_id}?api-version={version}")

    assert [(request.api_version, request.note) for request in world.simulator.requests()] == [
        ("2026-04-01", "answered as api-version 2024-07-01"),
        ("2026-04-01", "answered as api-version 2024-07-01"),
        ("2024-07-01", ""),
        ("2020-01-01", "answered as api-version 2023-10-02"),
        ("2024-03-02", ""),
        ("2024-11-30-preview", "answered as api-version 2024-03-02"),
        ("2031-01-01", "answered as api-version 2025-01-02"),
    ]


def test_links_carry_the_version_of_the_request(world: World) -> None:
    """A recording of 2024 shows this."""
    accepted = world.send("POST", f"{VM}/reimage?api-version=2026-04-01")

    assert "&api-version=2026-04-01&t=" in status_url(accepted)
    assert "&api-version=2026-04-01&t=" in accepted.headers["location"]


MALFORMED = (
    "new",
    "2024",
    "2024-7-1",
    "20240701",
    "2024-07-01T00:00:00Z",
    "2024-07-01-",
    "2024-07-01-beta3",
    "%202024-07-01",
    "2024-02-30",
    "2024-13-01",
    "0000-00-00",
    "\N{FULLWIDTH DIGIT TWO}024-07-01",
)


@pytest.mark.parametrize("version", MALFORMED)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_what_is_not_a_version_is_refused_in_the_words_of_arm(
    world: World, method: str, version: str
) -> None:
    """This holds on every path, whether something exists there or not."""
    status = status_url(world.send("POST", f"{VM}/reimage?api-version=2024-07-01"))
    paths = (VM, f"{VM}/reimage", "/nothing", f"{GROUP}/Microsoft.Authorization/locks")
    urls = [*(f"{path}?api-version={version}" for path in paths), f"{status}&api-version={version}"]

    refused = [world.send(method, url) for url in urls]

    assert {(one.status, code(one)) for one in refused} == {(400, "InvalidApiVersionParameter")}
    for one in refused:
        message = one.json()["error"]["message"]
        assert message.startswith("The api-version '")
        assert "' is invalid. The supported versions are '2018-08-01,2018-07-01," in message


@pytest.mark.parametrize("query", ["", "?", "?api-version=", "?api-version", "?version=2024-07-01"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_request_without_a_version_is_refused(world: World, method: str, query: str) -> None:
    """The refusal has ARM's words, on every path."""
    refused = [world.send(method, f"{path}{query}") for path in (VM, f"{VM}/reimage", "/nothing")]

    assert {(one.status, code(one)) for one in refused} == {(400, "MissingApiVersionParameter")}
    assert {one.json()["error"]["message"] for one in refused} == {
        "The api-version query parameter (?api-version=) is required for all requests."
    }


@pytest.mark.parametrize("version", SENT)
def test_an_inventory_can_accept_the_listed_versions_only(tmp_path: Path, version: str) -> None:
    """Any other is refused, as Azure refuses one that a resource type does not have. Nothing happens."""
    with World.open(listed_only(tmp_path), FakeNow()) as world:
        machine = world.simulator.machine("vm")
        refused = world.send("POST", f"{machine.id}/reimage?api-version={version}")
        accepted = world.reimage("vm")
        poll = world.get(status_url(accepted).replace("2024-07-01", version))

        assert [(one.status, code(one)) for one in (refused, poll)] == [
            (400, "NoRegisteredProviderFound")
        ] * 2
        assert refused.json()["error"]["message"] == (
            f"No registered resource provider found for location 'westeurope' and API version '{version}' "
            "for type 'virtualMachines'. The supported api-versions are '2024-07-01'. "
            "The supported locations are 'westeurope'."
        )
        assert accepted.status == 202
        assert {request.note for request in world.simulator.requests()} == {""}

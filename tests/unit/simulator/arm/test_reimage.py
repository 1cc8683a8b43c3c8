"""A reimage from its request to its end, answered as in recordings of Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..client import code, status_url

if TYPE_CHECKING:
    from ..client import World


def test_an_accepted_reimage_answers_202_without_a_body_and_with_both_urls(world: World) -> None:
    """The headers are those of the recording."""
    accepted = world.reimage("kept")

    assert (accepted.status, accepted.body) == (202, b"")
    assert accepted.headers["content-length"] == "0"
    assert accepted.headers["azure-asyncnotification"] == "Enabled"
    assert accepted.headers["retry-after"] == "20"
    assert accepted.headers["x-ms-request-id"] in status_url(accepted)
    assert "&monitor=true&" in accepted.headers["location"]
    assert "monitor" not in status_url(accepted)


def test_operation_urls_are_as_long_as_recorded(world: World) -> None:
    """The recorded URLs have 3,224 and 3,237 characters."""
    accepted = world.reimage("kept")

    assert len(status_url(accepted)) == 3224
    assert len(accepted.headers["location"]) == 3237


def test_a_running_operation_is_in_progress_on_both_urls(world: World) -> None:
    """The status says InProgress. The Location answers 202 and names itself again."""
    accepted = world.reimage("kept")
    world.now.advance(74.9)
    status = world.get(status_url(accepted))
    location = world.get(accepted.headers["location"])

    assert status.status == 200
    assert status.json() == {
        "startTime": "2024-08-26T07:15:56.304804+00:00",
        "status": "InProgress",
        "name": accepted.headers["x-ms-request-id"],
    }
    assert (location.status, location.body) == (202, b"")
    assert location.headers["location"] == accepted.headers["location"]
    assert location.headers["retry-after"] == "20"


def test_an_operation_that_succeeded_says_so_on_both_urls(world: World) -> None:
    """The status has an endTime, and the Location answers 200 without a body."""
    accepted = world.reimage("kept")
    world.now.advance(75)
    status = world.get(status_url(accepted))
    location = world.get(accepted.headers["location"])

    assert status.json() == {
        "startTime": "2024-08-26T07:15:56.304804+00:00",
        "endTime": "2024-08-26T07:17:11.304804+00:00",
        "status": "Succeeded",
        "name": accepted.headers["x-ms-request-id"],
    }
    assert "retry-after" not in status.headers
    assert (location.status, location.body) == (200, b"")


def test_a_machine_is_updating_while_its_reimage_runs(world: World) -> None:
    """The OS disk is still the old one."""
    before = world.vm("kept")
    world.reimage("kept")
    during = world.vm("kept")

    assert during["properties"]["provisioningState"] == "Updating"
    assert during["properties"]["storageProfile"] == before["properties"]["storageProfile"]


def test_a_managed_reimage_changes_the_os_disk_and_the_etag_and_nothing_else(world: World) -> None:
    """The recorded etag went from "2" to "4"."""
    before = world.vm("kept")
    world.reimage_to_the_end("kept")
    after = world.vm("kept")

    old, new = (vm["properties"]["storageProfile"].pop("osDisk") for vm in (before, after))
    assert old["name"] != new["name"]
    assert old["managedDisk"]["id"] != new["managedDisk"]["id"]
    assert (before.pop("etag"), after.pop("etag")) == ('"2"', '"4"')
    assert before == after


def test_the_old_os_disk_is_kept_under_detach(world: World) -> None:
    """It belongs to no machine, and still exists."""
    old = world.simulator.machine("kept").os_disk_id
    world.reimage_to_the_end("kept")
    disk = world.get(f"{old}?api-version=2024-03-02").json()

    assert "managedBy" not in disk
    assert disk["properties"]["diskState"] == "Unattached"


def test_the_old_os_disk_is_gone_under_delete(world: World) -> None:
    """The new one is attached to the machine."""
    machine = world.simulator.machine("deleted")
    world.reimage_to_the_end("deleted")
    old = world.get(f"{machine.os_disk_id}?api-version=2024-03-02")
    new_id = world.simulator.machine("deleted").os_disk_id
    new = world.get(f"{new_id}?api-version=2024-03-02").json()

    assert (old.status, code(old)) == (404, "ResourceNotFound")
    assert new["managedBy"] == machine.id


def test_an_ephemeral_os_disk_keeps_its_name_and_id(world: World) -> None:
    """Only the etag shows that something happened."""
    before = world.vm("local")
    world.reimage_to_the_end("local")
    after = world.vm("local")

    assert before.pop("etag") != after.pop("etag")
    assert before == after
    assert after["properties"]["storageProfile"]["osDisk"]["diffDiskSettings"]["option"] == "Local"


def test_an_accepted_exact_version_is_shown_after_success_only(world: World) -> None:
    """While the operation runs, the old version is shown."""
    world.reimage("kept", {"exactVersion": "24.04.1"})
    during = world.vm("kept")["properties"]["storageProfile"]["imageReference"]["exactVersion"]
    world.now.advance(75)
    after = world.vm("kept")["properties"]["storageProfile"]["imageReference"]["exactVersion"]

    assert during != "24.04.1"
    assert after == "24.04.1"


def test_a_failed_reimage_names_its_error(world: World) -> None:
    """The machine is in provisioning state Failed."""
    world.simulator.fail("kept", "AllocationFailed", "No capacity.")
    accepted = world.reimage_to_the_end("kept")
    status = world.get(status_url(accepted))

    assert status.status == 200
    assert status.json()["status"] == "Failed"
    assert status.json()["error"] == {"code": "AllocationFailed", "message": "No capacity."}
    assert world.get(accepted.headers["location"]).status == 409
    assert world.vm("kept")["properties"]["provisioningState"] == "Failed"


def test_a_fault_ends_one_reimage(world: World) -> None:
    """The next one succeeds, and the machine is healthy again."""
    world.simulator.cancel("kept", "AllocationFailed", "No capacity.")
    first = world.reimage_to_the_end("kept")
    second = world.reimage_to_the_end("kept")

    assert world.get(status_url(first)).json()["status"] == "Canceled"
    assert world.get(status_url(second)).json()["status"] == "Succeeded"
    assert world.vm("kept")["properties"]["provisioningState"] == "Succeeded"


def test_a_second_reimage_of_a_busy_machine_is_a_conflict(world: World) -> None:
    """Other machines are not affected, and after the end the first one can be reimaged again."""
    world.reimage("kept")
    refused = world.reimage("kept")
    other = world.reimage("deleted")
    world.now.advance(75)
    later = world.reimage("kept")

    assert (refused.status, code(refused)) == (409, "OperationNotAllowed")
    assert "another operation is in progress" in refused.json()["error"]["message"]
    assert (other.status, later.status) == (202, 202)


def test_links_lead_back_to_where_the_client_came_from(world: World) -> None:
    """ARM's links carry the host of the request."""
    vm = world.simulator.machine("kept").id
    accepted = world.send("POST", f"http://127.0.0.1:8080{vm}/reimage?api-version=2024-07-01")

    assert status_url(accepted).startswith("http://127.0.0.1:8080/subscriptions/")
    assert accepted.headers["location"].startswith("http://127.0.0.1:8080/subscriptions/")

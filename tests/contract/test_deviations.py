"""What the simulator does not imitate, shown where no recording can, and listed in docs/simulator.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pulumi_azure_reimage.simulator import Response
from tests.unit.simulator.client import API_VERSION, FakeNow, World, code, status_url

from .deviations import DEVIATIONS
from .recording import CLI_2024, SCALE_SET_2024, load
from .replay import machine_as_recorded
from .test_status_times import LEFT_AS_IT_WAS

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/simulated/providers"
PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with the machine that was recorded in 2024."""
    with machine_as_recorded(CLI_2024, tmp_path) as world:
        yield world


def test_the_page_lists_every_deviation_and_no_other() -> None:
    """The page uses the words of the list, in the same order."""
    section = PAGE.read_text().partition("## What it does not imitate\n\n")[2].partition("\n\n")[0]

    told = re.findall(r"^- (.+)$", section, re.MULTILINE)

    assert told == [deviation.said for deviation in DEVIATIONS]


def test_nothing_runs(world: World) -> None:
    """A command ends an hour of provisioning at once, and the VM agent becomes ready after its own delay."""
    world.simulator.set_operation_seconds(None, 3600)
    world.reimage("vm")

    assert world.simulator.finish("vm")
    world.now.advance(4)
    view = world.get(f"{world.simulator.machine('vm').id}/instanceView?{API_VERSION}").json()
    assert view["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"


def test_nothing_else_exists(world: World) -> None:
    """Neither the recorded addresses of a scale set nor a data disk exist."""
    recorded = {
        (exchange.method, exchange.url)
        for exchange in load(SCALE_SET_2024)
        if "operations" not in exchange.url
    }
    answers = [world.send(method, url) for method, url in recorded]
    group = world.send("PUT", f"{GROUP.rpartition('/')[0]}?{API_VERSION}", {"location": "westus"})
    world.simulator.change("vm", data_disks=1)
    data_disk = world.vm("vm")["properties"]["storageProfile"]["dataDisks"][0]["managedDisk"]["id"]

    assert len(recorded) == 2
    assert {answer.status for answer in answers} == {404}
    assert (group.status, group.json()["properties"]["provisioningState"]) == (201, "Succeeded")
    assert world.get(f"{data_disk}?api-version=2024-03-02").status == 404


def test_a_template_does_what_az_vm_create_writes(world: World) -> None:
    """A function beyond that is refused, and the refusal of a VM fails a deployment that was accepted."""
    group = GROUP.rpartition("/")[0]
    assert world.send("PUT", f"{group}?{API_VERSION}", {"location": "westus"}).status == 201
    vm = {"type": "Microsoft.Compute/virtualMachines", "apiVersion": "2024-07-01", "location": "westus"}

    def deploy(name: str) -> Response:
        template = {"resources": [{**vm, "name": name, "properties": {}}]}
        body = {"properties": {"mode": "Incremental", "template": template}}
        return world.send("PUT", f"{GROUP}/Microsoft.Resources/deployments/d?{API_VERSION}", body)

    unknown, refused = deploy("[uniqueString('a')]"), deploy("new")

    assert (unknown.status, code(unknown)) == (400, "InvalidTemplate")
    assert refused.status == 201
    assert world.get(status_url(refused)).json()["error"]["code"] == "DeploymentFailed"


def test_every_api_version_is_answered_alike(world: World) -> None:
    """The recorded version is answered like the inventory's own, except where the answer repeats it."""
    recorded = [exchange for exchange in load(CLI_2024) if exchange.method == "POST"]
    path = f"{world.simulator.machine('vm').id}?api-version="

    answers = [world.send(exchange.method, exchange.url, exchange.body) for exchange in recorded]

    assert [answer.status for answer in answers] == [202]
    assert "&api-version=2022-11-01&" in status_url(answers[0])
    assert world.get(f"{path}2022-11-01").body == world.get(f"{path}2024-07-01").body


def test_an_operation_starts_with_its_request_and_takes_exactly_as_long_as_set(world: World) -> None:
    """The duration is exact to the microsecond."""
    world.simulator.set_operation_seconds("vm", 12.5)
    accepted = world.reimage("vm")
    world.now.advance(12.499999)
    before = world.get(status_url(accepted)).json()
    world.now.advance(0.000001)
    after = world.get(status_url(accepted)).json()

    assert (before["status"], after["status"]) == ("InProgress", "Succeeded")
    assert before["startTime"] == after["startTime"] == "2024-08-26T07:14:30.115761+00:00"
    assert after["endTime"] == "2024-08-26T07:14:42.615761+00:00"


def test_any_sign_in_is_accepted(world: World) -> None:
    """A token is required, with any content."""
    vm = f"{world.simulator.machine('vm').id}?{API_VERSION}"

    assert world.send("GET", vm, headers={"authorization": "Bearer nonsense"}).status == 200
    assert world.send("GET", vm, headers={}).status == 401


def test_what_was_never_recorded_is_a_guess(world: World) -> None:
    """Each guess that the page names is as it is now."""
    world.simulator.fail("vm", "AllocationFailed", "No room.")
    accepted = world.reimage("vm")
    busy = world.reimage("vm")
    tampered = world.get(status_url(accepted).replace("&c=", "&c=x"))
    world.simulator.finish("vm")
    location = world.get(accepted.headers["location"])
    world.now.advance(24 * 3600)
    kept = world.get(status_url(accepted))
    world.now.advance(1)
    forgotten = world.get(status_url(accepted))
    disk = world.get(f"{world.simulator.machine('vm').os_disk_id}?api-version=2024-03-02").json()

    assert (busy.status, code(busy)) == (409, "OperationNotAllowed")
    assert (tampered.status, code(tampered)) == (403, "InvalidOperationLink")
    assert (location.status, code(location)) == (409, "AllocationFailed")
    assert (kept.status, forgotten.status) == (200, 404)
    assert sorted(disk["properties"]) == [
        "creationData",
        "diskSizeGB",
        "diskState",
        "osType",
        "provisioningState",
        "timeCreated",
    ]


def test_what_was_never_recorded_of_image_versions_is_a_guess(tmp_path: Path) -> None:
    """A version that is not in the region, or does not exist, is refused as at a creation."""
    gallery = f"{GROUP}/Microsoft.Compute/galleries/g/images/i"
    (tmp_path / "machines.toml").write_text(
        f'[[machine]]\nname = "vm"\nlock = "CanNotDelete"\nimage = {{ id = "{gallery}" }}\n'
        f'[[image]]\nid = "{gallery}"\nversions = [{{ name = "1.1.0", regions = ["eastus"] }}]'
    )
    with World.open(tmp_path / "machines.toml", FakeNow()) as world:
        refusals = [world.reimage("vm", {"exactVersion": version}) for version in ("1.1.0", "9.9.9")]
        version = world.get(f"{gallery}/versions/1.1.0?api-version=2024-03-03").json()
        vm = f"{world.simulator.machine('vm').id}/providers/Microsoft.Authorization"
        locks = world.get(f"{vm}/locks?api-version=2016-09-01").json()

    assert [(refused.status, code(refused)) for refused in refusals] == [(404, "GalleryImageNotFound")] * 2
    assert sorted(version["properties"]) == ["provisioningState", "publishingProfile", "storageProfile"]
    assert sorted(locks["value"][0]) == ["id", "name", "properties", "type"]


def test_each_operation_moves_the_time_of_the_status(world: World) -> None:
    """A restart does so too, although one recording of Azure shows a restart without it."""
    vm = world.simulator.machine("vm").id

    def time() -> str:
        status: str = world.get(f"{vm}/instanceView?{API_VERSION}").json()["disks"][0]["statuses"][0]["time"]
        return status

    before = time()
    world.now.advance(60)
    world.send("POST", f"{vm}/restart?{API_VERSION}")

    assert "2020-07-03" in LEFT_AS_IT_WAS
    assert time() != before


def test_the_activity_log_is_punctual_and_has_requests_only(world: World) -> None:
    """A command changes a VM without leaving an event, and a reimage by a stranger leaves one."""
    period = quote(f"eventTimestamp ge '{world.now.time.isoformat()}'")
    insights = f"{GROUP.partition('/resourceGroups')[0]}/providers/Microsoft.Insights"
    log = f"{insights}/eventtypes/management/values?api-version=2015-04-01&$filter={period}"
    world.simulator.change("vm", power="stopped")
    world.simulator.reimage("vm", caller="someone@example.com")
    world.reimage("vm")
    seen = []
    for wait in (299.999, 0.001, 0.001):
        world.now.advance(wait)
        seen.append([event["caller"] for event in world.get(log).json()["value"]])

    assert [len(callers) for callers in seen] == [0, 2, 4]
    assert set(seen[2]) == {"someone@example.com", "00000000-0000-0000-0000-00000000c11e"}


def test_every_deviation_is_shown() -> None:
    """A recording or a test of this file shows it."""
    shown = {
        "nothing-runs": test_nothing_runs,
        "nothing-else": test_nothing_else_exists,
        "templates": test_a_template_does_what_az_vm_create_writes,
        "one-version": test_every_api_version_is_answered_alike,
        "exact-time": test_an_operation_starts_with_its_request_and_takes_exactly_as_long_as_set,
        "sign-in": test_any_sign_in_is_accepted,
        "status-times": test_each_operation_moves_the_time_of_the_status,
        "activity-log": test_the_activity_log_is_punctual_and_has_requests_only,
        "guesses": test_what_was_never_recorded_is_a_guess,
    }

    assert [one.name for one in DEVIATIONS if not one.places and one.name not in shown] == []
    assert set(shown) - {one.name for one in DEVIATIONS} == set()

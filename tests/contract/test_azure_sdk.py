"""An independent client, azure-mgmt-compute over HTTPS, observes what our client observes."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import OSProfileProvisioningData, VirtualMachineReimageParameters

from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.inputs.os_profile import OsProfile
from pulumi_azure_reimage.inputs.parameters import ReimageParameters
from pulumi_azure_reimage.json_reading import get, get_str
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.wait import wait_for_reimage
from pulumi_azure_reimage.simulator import serve
from tests.unit.fakes import desired
from tests.unit.reimage.steps import send
from tests.unit.simulator.client import API_VERSION, FakeNow, World

from .clients import azure_client, our_target
from .replay import API_VERSION as VERSION

Body = dict[str, Any]

INVENTORY = """
operation_seconds = 75.0
resource_group = "rg"

[[machine]]
name = "managed"
custom_data = "dGVzdA=="

[[machine]]
name = "deleting"
os_disk = "Delete"

[[machine]]
name = "ephemeral"
os_disk = "Ephemeral"
os_type = "Windows"
"""
IN_GALLERY = "resourceGroups/rg/providers/Microsoft.Compute/galleries/g/images/i"
IMAGES = f"""
[[image]]
publisher = "p"
offer = "o"
sku = "s"
versions = [{{ name = "1.1", deprecated = 2099-01-01 }}]

[[image]]
id = "/subscriptions/00000000-0000-0000-0000-000000000000/{IN_GALLERY}"

[[image.versions]]
name = "1.0.0"
excluded = true
end_of_life = 2024-01-31
regions = {{ westeurope = "Replicating", northeurope = "Completed" }}
"""
MACHINES = ("managed", "deleting", "ephemeral")
PASSWORD = "correct-Horse-1"  # noqa: S105 - what a test sends


@dataclass(frozen=True, slots=True)
class Side:
    """A client in its own world, which has the same machines as the world of the other.

    Attributes:
        azure: Azure's client.
        carrier: What carries our client's requests.
    """

    world: World
    url: str
    azure: ComputeManagementClient
    carrier: httpx.HTTPTransport

    def ours(self, name: str) -> VmContext:
        """Our client for a VM."""
        return our_target(self.world, name, self.carrier, self.url)


@pytest.fixture
def sides(tmp_path: Path, socket_enabled: None) -> Iterator[tuple[Side, Side]]:  # noqa: ARG001 - loopback
    """Serve two worlds over HTTPS, with a certificate of the test's own authority."""
    authority = trustme.CA()
    pem, certificate = tmp_path / "authority.pem", tmp_path / "server.pem"
    authority.cert_pem.write_to_path(pem)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)

    @contextmanager
    def side(name: str) -> Iterator[Side]:
        inventory = tmp_path / f"{name}.toml"
        inventory.write_text(INVENTORY + IMAGES)
        with (
            World.open(inventory, FakeNow()) as world,
            serve(world.simulator, certificate=certificate) as server,
            azure_client(world, server.url, pem) as azure,
            httpx.HTTPTransport(verify=ssl.create_default_context(cafile=pem)) as carrier,
        ):
            yield Side(world, server.url, azure, carrier)

    with side("one") as one, side("other") as other:
        yield one, other


def test_azures_client_reads_image_versions(sides: tuple[Side, Side]) -> None:
    """It reads them at its own addresses, and finds every fact that decides about a reimage."""
    side, _ = sides
    market: Any = side.azure.virtual_machine_images.get(
        "westeurope", "p", "o", "s", "1.1", api_version=VERSION
    )
    gallery: Any = side.azure.gallery_image_versions.get(
        "rg", "g", "i", "1.0.0", expand="ReplicationStatus", api_version="2024-03-03"
    )
    with pytest.raises(HttpResponseError, match="Artifact: VMImage was not found"):
        side.azure.virtual_machine_images.get("westeurope", "p", "o", "s", "9.9", api_version=VERSION)

    deprecation = market.properties.image_deprecation_status
    profile, replication = gallery.properties.publishing_profile, gallery.properties.replication_status
    assert market.properties.os_disk_image.operating_system == "Linux"
    assert market.properties.hyper_v_generation == "V2"
    assert deprecation.image_state == "ScheduledForDeprecation"
    assert deprecation.scheduled_deprecation_time == datetime(2099, 1, 1, tzinfo=UTC)
    assert profile.exclude_from_latest
    assert profile.end_of_life_date == datetime(2024, 1, 31, tzinfo=UTC)
    assert profile.published_date < side.world.now.time
    assert [(region.name, region.exclude_from_latest) for region in profile.target_regions] == [
        ("West Europe", True),
        ("North Europe", True),
    ]
    assert replication.aggregated_state == "InProgress"
    assert [(region.region, region.state, region.progress) for region in replication.summary] == [
        ("West Europe", "Replicating", 50),
        ("North Europe", "Completed", 100),
    ]


@pytest.mark.parametrize("name", MACHINES)
def test_both_read_the_same_vm(sides: tuple[Side, Side], name: str) -> None:
    """They agree on every fact that decides about a reimage."""
    side, _ = sides
    theirs = side.azure.virtual_machines.get("rg", name, api_version=VERSION)
    ours = side.ours(name).look()

    disk = theirs.storage_profile.os_disk
    assert ours.disk.vm_unique_id == theirs.vm_id
    assert ours.disk.os_disk_id == disk.managed_disk.id
    assert ours.disk.image_version == theirs.storage_profile.image_reference.exact_version
    assert ours.disk.delete_option == disk.delete_option
    assert ours.disk.ephemeral == (disk.diff_disk_settings is not None)
    assert (ours.name, ours.provisioning_state, ours.etag) == (
        theirs.name,
        theirs.provisioning_state,
        theirs.etag,
    )


def test_azures_client_understands_the_instance_view(sides: tuple[Side, Side]) -> None:
    """Expanded and on its own, it has the power state, the agent and the disks."""
    side, _ = sides
    expanded = side.azure.virtual_machines.get("rg", "managed", expand="instanceView", api_version=VERSION)
    alone = side.azure.virtual_machines.instance_view("rg", "managed", api_version=VERSION)
    plain = side.azure.virtual_machines.get("rg", "managed", api_version=VERSION)

    assert plain.instance_view is None
    assert expanded.instance_view is not None
    for view in (expanded.instance_view.as_dict(), alone.as_dict()):
        codes = [status["code"] for status in view["statuses"]]
        assert codes == ["ProvisioningState/succeeded", "PowerState/running"]
        assert [status["displayStatus"] for status in view["vmAgent"]["statuses"]] == ["Ready"]
        assert [disk["name"] for disk in view["disks"]] == [
            side.world.simulator.machine("managed").os_disk_name
        ]


@dataclass(frozen=True, slots=True)
class Observed:
    """What a client observed of a reimage, and what the simulator observed of the client.

    Attributes:
        end: `Succeeded`, or ARM's error code.
        told: ARM's message; empty after a success.
        posts: The statuses that its requests for a reimage were answered with.
        bodies: What it sent.
        new_disk: Whether the VM has another OS disk than before.
    """

    end: str
    told: str
    posts: tuple[int | None, ...]
    bodies: tuple[object, ...]
    new_disk: bool


def observed_by_azure(side: Side, name: str, body: Body | None) -> Observed:
    """Reimage with Azure's client."""
    machines = side.azure.virtual_machines
    before = machines.get("rg", name, api_version=VERSION).storage_profile.os_disk.managed_disk.id
    end, told = "Succeeded", ""
    try:
        machines.begin_reimage(
            "rg", name, _parameters(body), api_version=VERSION, polling_interval=10
        ).result()
    except HttpResponseError as error:
        # Azure's client could not read the envelope if this were None.
        end, told = (str(error.error.code), str(error.error.message)) if error.error else ("", "")
    after = machines.get("rg", name, api_version=VERSION).storage_profile.os_disk.managed_disk.id
    return _observed(side, end, told, new_disk=before != after)


def _parameters(body: Body | None) -> VirtualMachineReimageParameters | None:
    """Return a body as the model of Azure's client."""
    if body is None:
        return None
    profile = body.get("osProfile")
    return VirtualMachineReimageParameters(
        temp_disk=body.get("tempDisk"),
        exact_version=body.get("exactVersion"),
        os_profile=profile
        and OSProfileProvisioningData(
            admin_password=profile["adminPassword"], custom_data=profile["customData"]
        ),
    )


def observed_by_us(side: Side, name: str, body: Body | None, told: str) -> Observed:
    """Reimage with our client; `told` is looked for in its text, which has more than ARM's message."""
    target = side.ours(name)
    before = target.look().disk.os_disk_id
    end, said = "Succeeded", ""
    try:
        # Without the preflight, which Azure's client does not have.
        profile = get(body, "osProfile")
        parameters = ReimageParameters(
            exact_version=get_str(body, "exactVersion"),
            temp_disk=get(body, "tempDisk") is True or None,
            os_profile=OsProfile(
                get_str(profile, "adminPassword"), custom_data=get_str(profile, "customData")
            ),
        )
        look = Look.at(target.look())
        record = send(target, desired(parameters=parameters), Record(look.disk), look)
        end = wait_for_reimage(target, record).status
    except ReimageError as error:
        end, said = _code(error), str(error)
    after = target.look().disk.os_disk_id
    return _observed(side, end, told if told.rstrip(".") in said else said, new_disk=before != after)


def _code(error: ReimageError) -> str:
    """Return ARM's code, which is only in the text of the error that ReimageResult raises for a refusal."""
    named = re.search(r"\((\w+), HTTP \d+", str(error))
    return error.code or (named[1] if named else "")


def _observed(side: Side, end: str, told: str, *, new_disk: bool) -> Observed:
    posts = side.world.simulator.reimage_requests()
    return Observed(
        end, told, tuple(post.status for post in posts), tuple(post.json() for post in posts), new_disk
    )


BODY = {"exactVersion": "1.2.3", "osProfile": {"adminPassword": PASSWORD, "customData": "dGVzdA=="}}
THROTTLED = 'POST managed: 429 TooManyRequests "Slow down.", retry-after 7'


@pytest.mark.parametrize(
    ("name", "body", "script", "expected"),
    [
        ("managed", None, [], ("Succeeded", "", (202,), True)),
        ("managed", BODY, [], ("Succeeded", "", (202,), True)),
        ("deleting", None, [], ("Succeeded", "", (202,), True)),
        ("ephemeral", {"tempDisk": True}, [], ("Succeeded", "", (202,), False)),
        (
            "managed",
            None,
            ['reimage managed: fail AllocationFailed "No room."'],
            ("AllocationFailed", "No room.", (202,), True),
        ),
        (
            "managed",
            None,
            ['reimage managed: fail AllocationFailed "No room.", disk untouched'],
            ("AllocationFailed", "No room.", (202,), False),
        ),
        (
            "managed",
            None,
            ["reimage managed: cancel"],
            (
                "OperationPreempted",
                "The operation has been preempted by a more recent operation.",
                (202,),
                False,
            ),
        ),
        ("managed", None, [THROTTLED], ("Succeeded", "", (429, 202), True)),
        ("managed", None, ["poll 2-3 managed: 500", "poll 4 managed: 503"], ("Succeeded", "", (202,), True)),
        (
            "managed",
            None,
            ['POST managed: 403 AuthorizationFailed "No."'],
            ("AuthorizationFailed", "No.", (403,), False),
        ),
        (
            "managed",
            {"tempDisk": True},
            [],
            ("InvalidParameter", "The value of parameter tempDisk is invalid.", (400,), False),
        ),
    ],
    ids=[
        "success",
        "parameters",
        "delete",
        "ephemeral",
        "failed",
        "failed-untouched",
        "canceled",
        "throttled",
        "polls-fail",
        "forbidden",
        "refused",
    ],
)
def test_both_clients_observe_the_same(
    sides: tuple[Side, Side],
    name: str,
    body: Body | None,
    script: list[str],
    expected: tuple[str, str, tuple[int, ...], bool],
) -> None:
    """They agree on the end, ARM's words, what was sent and how often, and what happened to the disk."""
    end, told, posts, new_disk = expected
    for side in sides:
        side.world.simulator.script(*script)

    theirs = observed_by_azure(sides[0], name, body)
    ours = observed_by_us(sides[1], name, body, told)

    assert theirs == Observed(end, told, posts, (body,) * len(posts), new_disk)
    assert ours == theirs


def test_an_empty_bucket_is_waited_out_by_both(sides: tuple[Side, Side]) -> None:
    """Twelve requests empty the VM's bucket. The thirteenth is throttled, then accepted after Retry-After."""
    for side in sides:
        vm = side.world.simulator.machine("managed").id
        for _ in range(12):
            side.world.send("POST", f"{vm}/reimage?{API_VERSION}")
            side.world.simulator.finish("managed")

    theirs = observed_by_azure(sides[0], "managed", None)
    ours = observed_by_us(sides[1], "managed", None, "")

    assert theirs.posts[12:] == (429, 202)
    assert ours == theirs

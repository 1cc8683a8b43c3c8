"""The configured api-version is for Microsoft.Compute. Every other provider's document keeps its own."""

from dataclasses import replace
from urllib.parse import parse_qs

import httpx
import pytest

from pulumi_azure_reimage.arm.client import ArmClient
from pulumi_azure_reimage.arm.image import Image
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId

from ..fakes import (
    IDS,
    LINK,
    LOCKS,
    LOG,
    LOOK,
    PERMISSIONS,
    POLL,
    POST,
    START,
    VM_ID,
    Azure,
    Question,
    Reply,
    accepted,
    running,
    vm_reply,
)

VM = VirtualMachineId.parse(VM_ID)
STACK_HUB = "2020-06-01"
MARKETPLACE = Image(marketplace=("Canonical", "ubuntu", "server"))
GALLERY = Image(
    id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/shared/images/web"
)


@pytest.fixture
def client(azure: Azure) -> ArmClient:
    """Return a client for Azure Stack Hub."""
    return ArmClient(azure.transport, azure.clock, STACK_HUB)


def version_of(request: httpx.Request) -> str:
    """Return the api-version of a request, which must have exactly one."""
    (version,) = parse_qs(request.url.query.decode())["api-version"]
    return version


def version_of_only(azure: Azure) -> str:
    """Return the api-version of the only request."""
    (request,) = azure.http.sent
    return version_of(request)


def test_the_vm_and_its_reimage_have_the_configured_one(azure: Azure, client: ArmClient) -> None:
    """The POST has it, and so have the reads before and after it."""
    azure.script((LOOK, vm_reply()), (POST, accepted()))

    client.virtual_machine(VM, IDS)
    client.reimage(VM, None, IDS)

    assert [version_of(request) for request in azure.http.sent] == [STACK_HUB] * 2


def test_a_marketplace_image_has_the_configured_one(azure: Azure, client: ArmClient) -> None:
    """In the profile 2020-09-01-hybrid, `locations/publishers` has the version of the VMs."""
    url = MARKETPLACE.version_url("1.0.0", VM.subscription_id, "westeurope", "") or ""
    azure.script((Question("GET", url.partition("?")[0]), Reply(body={})))

    client.image_version(VM, MARKETPLACE, "1.0.0", "westeurope", IDS)

    assert version_of_only(azure) == STACK_HUB


def test_a_gallery_has_its_own(azure: Azure, client: ArmClient) -> None:
    """Galleries and VMs have separate versions."""
    url = GALLERY.version_url("1.0.0", VM.subscription_id, "westeurope", "") or ""
    azure.script((Question("GET", url.partition("?")[0]), Reply(body={})))

    client.image_version(VM, GALLERY, "1.0.0", "westeurope", IDS)

    assert version_of_only(azure) == "2024-03-03"


@pytest.mark.parametrize(
    ("question", "own"), [(PERMISSIONS, "2022-04-01"), (LOCKS, "2016-09-01"), (LOG, "2015-04-01")]
)
def test_other_providers_have_their_own(
    azure: Azure, client: ArmClient, question: Question, own: str
) -> None:
    """A version of Microsoft.Compute is not one of theirs."""
    azure.http.forever(question, Reply(body={"value": []}))
    match question:
        case Question(path=path) if path == PERMISSIONS.path:
            client.permissions(VM, IDS)
        case Question(path=path) if path == LOCKS.path:
            client.locks(VM, IDS)
        case _:
            client.activity_log(VM, START, START, IDS)

    assert version_of_only(azure) == own


def test_a_poll_keeps_the_version_of_its_link(azure: Azure, client: ArmClient) -> None:
    """Azure signs the link as a whole."""
    azure.script((POLL, running()))

    client.poll(LINK, IDS)

    assert version_of_only(azure) == "2024-07-01"


def test_a_link_without_one_gets_the_configured_one(azure: Azure, client: ArmClient) -> None:
    """ARM refuses a request without an api-version."""
    link = replace(LINK, url=LINK.url.partition("?")[0])
    azure.script((POLL, running()))

    client.poll(link, IDS)

    assert version_of_only(azure) == STACK_HUB

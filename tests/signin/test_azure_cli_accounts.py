"""With several accounts in the Azure CLI, each VM is reached with the account of its subscription."""

import os
from pathlib import Path

import pytest

from pulumi_azure_reimage.auth.azure_cli import run_az
from pulumi_azure_reimage.auth.sign_ins import SignIns
from pulumi_azure_reimage.dynamic.host import HostProcess
from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.errors import ConfigurationError
from tests.signin.internet import Host, Request, Response
from tests.signin.world import CLOUDS, World
from tests.unit.fakes import VM_ID
from tests.unit.stack import FakeLog, configured

OURS = VM_ID.split("/")[2]
THEIRS = "99999999-9999-9999-9999-999999999999"
ARM = CLOUDS["public"][1]
WRONG_TENANT = Response(
    401,
    {"error": {"code": "InvalidAuthenticationTokenTenant", "message": "The token is of another tenant."}},
)


def accept_only(world: World, tokens: dict[str, str]) -> None:
    """Put each subscription into a different tenant, and make it accept the tokens of that tenant only.

    All of them lead to the same VM.
    """
    arm: Host = world.internet.hosts[ARM]

    def checked(request: Request) -> Response:
        subscription = request.path.split("/")[2]
        if tokens[subscription] != request.bearer:
            return WRONG_TENANT
        path = request.path.replace(subscription, OURS)
        return arm(Request(request.method, request.host, path, request.query, request.headers, request.body))

    world.internet.hosts[ARM] = checked


def test_a_vm_of_another_account_is_reached_with_that_account(world: World) -> None:
    """Nothing is configured, and the active account belongs to another tenant."""
    active = world.az_signed_in()
    token = world.az_signed_in(subscription=OURS)
    accept_only(world, {OURS: token})

    assert world.target({}).look().disk.os_disk_id
    assert world.tokens_at_arm() == [token]
    assert active != token


def test_each_subscription_signs_in_once_with_its_own_account(world: World) -> None:
    """The number of its VMs and the spelling of their ids do not matter."""
    tokens = {name: world.az_signed_in(subscription=name) for name in (OURS, THEIRS)}
    accept_only(world, tokens)
    session = world.session({})

    for _ in range(2):
        for subscription in (OURS, THEIRS):
            world.target_of(session, VM_ID.replace(OURS, subscription)).look()
            world.target_of(session, VM_ID.replace("/web", "/WEB")).look()

    assert len(world.az_asked) == 4
    assert [asked.split()[1] for asked in world.az_asked] == ["show", "get-access-token"] * 2


@pytest.mark.parametrize(
    ("settings", "argument"),
    [({"subscriptionId": "mine"}, "--subscription mine"), ({"tenantId": "theirs"}, "--tenant theirs")],
)
def test_a_configured_account_is_used_for_every_vm(
    world: World, settings: dict[str, str], argument: str
) -> None:
    """azure-native does the same: it passes these two settings to the Azure CLI."""
    world.az_signed_in()
    session = world.session(settings)

    for subscription in (OURS, THEIRS):
        world.target_of(session, VM_ID.replace(OURS, subscription))
    world.target_of(session, VM_ID).look()

    assert [OURS in asked or THEIRS in asked for asked in world.az_asked] == [False, False]
    assert argument in world.az_asked[-1]


def test_a_subscription_that_the_azure_cli_does_not_know_is_named_with_the_way_out(world: World) -> None:
    """Its list may be old, or the account may have no subscription at all."""
    said = f"ERROR: Subscription '{OURS}' not found. Check the spelling and casing and try again."
    world.az("account show", None, error=said)

    with pytest.raises(ConfigurationError) as caught:
        world.target({})

    assert f"`az account show` failed: {said} It was run for {OURS}, the subscription of the VM." in str(
        caught.value
    )
    assert "run `az login` again" in str(caught.value)
    assert "or set azure-native:tenantId or ARM_TENANT_ID" in str(caught.value)


def test_a_configured_subscription_that_it_does_not_know_is_not_called_that_of_the_vm(world: World) -> None:
    """The VM is in another one."""
    world.az("account show", None, error="ERROR: Subscription 'mine' not found.")

    with pytest.raises(ConfigurationError) as caught:
        world.target({"subscriptionId": "mine"})

    assert "of the VM" not in str(caught.value)


def test_clouds_are_the_same_by_their_authority_and_not_by_their_name(world: World) -> None:
    """The authority decides where a token is valid. Names are free to choose when a cloud is registered."""
    authority, endpoint = CLOUDS["custom"]
    world.az_signed_in("MyStack")
    addresses = {
        "activeDirectory": f"https://{authority}",
        "activeDirectoryResourceId": "https://audience/x",
        "resourceManager": f"https://{endpoint}",
    }
    world.az("cloud show", {"name": "MyStack", "endpoints": addresses})
    same = {
        "activeDirectoryAuthorityHost": f"https://{authority}/",
        "resourceManagerAudience": "https://audience/x",
        "resourceManagerEndpoint": f"https://{endpoint}/",
    }

    world.target(same).look()
    # The metadata endpoint names the same addresses AzureStack.
    world.target({"metadataHost": endpoint}).look()
    with pytest.raises(ConfigurationError, match="is not the one that the Azure CLI is signed in to"):
        world.target({**same, "activeDirectoryAuthorityHost": "https://login.another.example"})


def test_a_cloud_of_the_same_name_and_another_authority_is_another_cloud(world: World) -> None:
    """An Azure Stack Hub is registered under the name that the metadata endpoint uses."""
    world.az_signed_in("AzureStack")
    addresses = {
        "activeDirectory": "https://login.another.example",
        "activeDirectoryResourceId": "https://audience/x",
        "resourceManager": f"https://{CLOUDS['custom'][1]}",
    }
    world.az("cloud show", {"name": "AzureStack", "endpoints": addresses})

    with pytest.raises(ConfigurationError, match="is not the one that the Azure CLI is signed in to"):
        world.target({"metadataHost": CLOUDS["custom"][1]})


def test_it_cannot_read_the_input_of_the_program(world: World) -> None:
    """A CLI that asks a question must neither wait for an answer nor read one that was meant for another."""
    (world.folder / "bin" / "az").write_text('#!/bin/sh\nread -r line\necho "[\\"$line\\"]"\n')
    ours, theirs = os.pipe()
    kept = os.dup(0)
    try:
        os.write(theirs, b"meant for another program\n")
        os.dup2(ours, 0)

        assert run_az(["account", "show"]) == [""]
    finally:
        os.dup2(kept, 0)
        for descriptor in (ours, theirs, kept):
            os.close(descriptor)


def test_it_runs_in_a_folder_of_the_system(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows, cmd.exe would find programs in the folder of the Pulumi program first."""
    (world.folder / "bin" / "az").write_text('#!/bin/sh\necho "[\\"$(pwd -P)\\"]"\n')
    monkeypatch.chdir(tmp_path)

    assert run_az(["account", "show"]) == [os.path.realpath("/bin")]


def test_the_three_providers_of_a_process_share_a_sign_in(world: World) -> None:
    """Pulumi configures one provider for each resource, and each start of the Azure CLI takes a second."""
    world.az_signed_in()
    settings: dict[str, object] = {}
    shared = SignIns()

    for _ in range(3):
        session = Session(settings.get, {}, world.log, world.clock, shared)
        world.target_of(session, VM_ID).look()

    assert [asked.split()[1] for asked in world.az_asked] == ["show", "get-access-token"]


def test_a_host_process_has_its_sign_ins() -> None:
    """Another host process has others, and so does another run."""
    host = HostProcess(FakeLog())
    providers = [configured(make(), {}, host) for make in (ReimageRequestProvider, ReimageResultProvider)]

    assert all(provider.host.sign_ins is host.sign_ins for provider in providers)
    assert HostProcess(FakeLog()).sign_ins is not host.sign_ins

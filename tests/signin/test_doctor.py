"""The doctor: what is configured, whether it works, and an exit code for scripts."""

import io
import json
import os
import subprocess
from pathlib import Path

import pytest

from pulumi_azure_reimage.doctor import main, stack_configuration
from pulumi_azure_reimage.errors import ConfigurationError
from tests.signin.entra import CLIENT, SECRET, TENANT
from tests.signin.internet import Response
from tests.signin.world import World
from tests.unit.fakes import VM_ID

ENVIRONMENT = {"ARM_TENANT_ID": TENANT, "ARM_CLIENT_ID": CLIENT, "ARM_CLIENT_SECRET": SECRET}


def doctor(*arguments: str, environ: dict[str, str]) -> tuple[int, list[str]]:
    """Run it; return the exit code, and the lines with single spaces."""
    out = io.StringIO()
    code = main(arguments, environ, out)
    assert SECRET not in out.getvalue()
    return code, [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_it_says_what_is_configured_and_that_it_works(world: World) -> None:
    """Without a VM."""
    code, lines = doctor(environ=ENVIRONMENT)

    assert lines == [
        "sign-in client secret, because ARM_CLIENT_SECRET is set",
        "found ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET",
        "cloud AzureCloud, because no other is set",
        "https://management.azure.com, authority https://login.microsoftonline.com",
        "subscription the one of each VM",
        "token received",
    ]
    assert code == 0
    assert len(world.entra.issued) == 1


def test_it_names_the_subscription_of_the_azure_cli(world: World) -> None:
    """And its cloud."""
    world.az_signed_in("AzureUSGovernment")

    code, lines = doctor(environ={})

    assert code == 0
    assert "cloud AzureUSGovernment, because the Azure CLI is signed in to it" in lines
    assert "subscription sub (Subscription), of the Azure CLI" in lines


def test_it_says_that_a_vm_can_be_read_and_reimaged(world: World) -> None:
    """And reimages nothing."""
    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-4:] == [
        "token received",
        "VM can be read: web, Succeeded",
        "allowed Microsoft.Compute/virtualMachines/read",
        "allowed Microsoft.Compute/virtualMachines/reimage/action",
    ]
    assert code == 0
    assert world.simulator.reimage_requests() == []


def test_it_says_that_a_role_does_not_allow_a_reimage(world: World) -> None:
    """A role that only reads."""
    world.simulator.change("web", actions=["*/read"])

    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-2:] == [
        "allowed Microsoft.Compute/virtualMachines/read",
        "NOT ALLOWED Microsoft.Compute/virtualMachines/reimage/action",
    ]
    assert code == 1


def test_it_says_that_a_vm_is_not_there(world: World) -> None:
    """In Azure's words."""
    code, lines = doctor(VM_ID.replace("/web", "/none"), environ=ENVIRONMENT)

    (said,) = [line for line in lines if line.startswith("VM cannot be read: The Resource")]
    assert "If the VM was deleted, remove its reimage from the program" in said
    assert code == 1
    assert world.simulator.reimage_requests() == []


def test_it_says_what_entra_says(world: World) -> None:
    """And ends with 1."""
    code, lines = doctor(environ={**ENVIRONMENT, "ARM_CLIENT_SECRET": "another"})

    assert lines[-1].startswith(
        "problem Could not sign in to Azure (client secret): Authentication failed: AADSTS7000215"
    )
    assert code == 1
    assert world.entra.issued == {}


def test_it_says_that_permissions_cannot_be_read(world: World) -> None:
    """What it does not know does not work."""
    arm = world.internet.hosts["management.azure.com"]
    refusal = Response(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    world.internet.hosts["management.azure.com"] = lambda request: (
        refusal if request.path.endswith("/permissions") else arm(request)
    )

    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-2:] == ["VM can be read: web, Succeeded", "permissions cannot be read: No."]
    assert code == 1


def test_a_simulated_stack_signs_in_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its machines are asked as Azure's are; the configuration is that of a stack, from the CLI of Pulumi."""
    inventory = tmp_path / "machines.json"
    machine = {"name": "web", "resource_group": "rg"}
    inventory.write_text(json.dumps({"subscription_id": VM_ID.split("/")[2], "machine": [machine]}))
    pulumi = tmp_path / "pulumi"
    configuration = json.dumps({"azure-reimage:simulator": {"value": str(inventory), "secret": False}})
    pulumi.write_text(f"#!/bin/sh\necho '{configuration}'\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    code, lines = doctor(VM_ID, "--stack", "dev", environ={})

    assert lines[0].startswith("cloud simulated machines (")
    assert lines[-1] == "allowed Microsoft.Compute/virtualMachines/reimage/action"
    assert code == 0


def test_it_says_what_is_missing() -> None:
    """Before anything is contacted."""
    code, lines = doctor(environ={"ARM_CLIENT_SECRET": SECRET})

    (line,) = lines
    assert "azure-native:tenantId or ARM_TENANT_ID" in line
    assert code == 1


def test_it_refuses_what_is_no_vm() -> None:
    """With the rule for the id."""
    code, lines = doctor("web", environ={"ARM_USE_MSI": "true"})

    assert lines[-1].startswith("problem ")
    assert code == 1


def test_it_notes_what_may_surprise(world: World) -> None:
    """Such as an assertion that ends soon."""
    token = world.issuer.assertion()
    environ = {
        "ARM_TENANT_ID": TENANT,
        "ARM_CLIENT_ID": CLIENT,
        "ARM_USE_OIDC": "true",
        "ARM_OIDC_TOKEN": token,
    }

    code, lines = doctor(environ=environ)

    assert any(line.startswith("note ARM_OIDC_TOKEN cannot be renewed") for line in lines)
    assert code == 0


def test_it_reads_the_configuration_of_a_stack() -> None:
    """Its secrets too, from the CLI of Pulumi, which decrypts them."""
    printed = {
        "azure-native:clientSecret": {"value": SECRET, "secret": True},
        "azure-native:tenantId": {"value": TENANT, "secret": False},
        "other:thing": {"secret": False},
    }
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, json.dumps(printed), "")

    assert stack_configuration("dev", run) == {
        "azure-native:clientSecret": SECRET,
        "azure-native:tenantId": TENANT,
    }
    assert asked == [["pulumi", "config", "--json", "--show-secrets", "--stack", "dev"]]


def test_a_stack_that_cannot_be_read_is_named() -> None:
    """With what the CLI said."""

    def fails(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 255, "", "error: no stack named 'dev' found")

    def absent(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        raise FileNotFoundError(command[0])

    with pytest.raises(
        ConfigurationError, match="could not read stack dev: error: no stack named 'dev' found"
    ):
        stack_configuration("dev", fails)
    with pytest.raises(ConfigurationError, match="needs the pulumi CLI on PATH"):
        stack_configuration("dev", absent)

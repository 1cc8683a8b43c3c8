"""Signing in on the real engine: settings reach the provider, and secrets reach only the provider."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pulumi

from pulumi_azure_reimage import Provider, VirtualMachineReimage
from tests.engine.conftest import NewStack
from tests.signin.entra import CLIENT, SECRET, TENANT
from tests.signin.world import World, open_world
from tests.unit.fakes import VM_ID
from tests.unit.stack import WEB

STACK = {"azure-native:tenantId": TENANT, "azure-native:clientId": CLIENT}


def now() -> datetime:
    """Return the time, which is also that of Pulumi's processes."""
    return datetime.now(UTC)


def variables(world: World) -> dict[str, str]:
    """Return the variables of a machine without any configuration."""
    return {name: value for name, value in world.variables.items() if name != "PATH"}


def test_a_secret_of_the_stack_signs_in_and_is_nowhere_else(new_stack: NewStack, tmp_path: Path) -> None:
    """It is neither in the output of the CLI nor in the state, even if Entra quotes it."""
    release = {"value": "1"}

    def program() -> None:
        VirtualMachineReimage("web", vm_id=VM_ID, triggers=dict(release))

    with open_world(tmp_path, seconds=1, now=now) as world:
        stack = new_stack(program, config=STACK, environment=variables(world))
        stack.set_config("azure-native:clientSecret", SECRET, secret=True)

        baseline = stack.up(diff=True)
        release["value"] = "2"
        world.entra.refusal = ("invalid_client", f"AADSTS7000222: The client secret {SECRET} is expired.")
        refused = stack.up(diff=True)
        world.entra.refusal = None
        reimaged = stack.up(diff=True)

        assert baseline.ok, baseline.text
        assert not refused.ok
        assert "AADSTS7000222: The client secret [secret] is expired. The client secret has" in refused.text
        assert reimaged.ok, reimaged.text
        assert len(world.simulator.reimage_requests()) == 1
        assert {asked["client_secret"] for asked in world.entra.issued.values()} == {SECRET}
    for result in (baseline, refused, reimaged):
        assert SECRET not in result.text
        assert SECRET not in repr(result.events)
    assert SECRET not in stack.checkpoint_file.read_text()
    assert "Traceback" not in baseline.text + reimaged.text


def test_settings_that_cannot_work_are_refused_in_the_preview(new_stack: NewStack, tmp_path: Path) -> None:
    """Nothing is contacted before. The error says what was found and what is missing, without values."""

    def program() -> None:
        VirtualMachineReimage("web", vm_id=VM_ID)

    with open_world(tmp_path) as world:
        stack = new_stack(
            program, config={"azure-native:useOidc": "true", **STACK}, environment=variables(world)
        )

        preview = stack.preview()

        assert not preview.ok
        assert "Signing in with OIDC is chosen, because azure-native:useOidc is set, and" in preview.text
        assert "Found: azure-native:tenantId, azure-native:clientId, azure-native:useOidc" in preview.text
        assert TENANT not in preview.text
        # The call that the doctor makes to read a stack.
        config = json.loads(stack.cli("config", "--json", "--show-secrets").text)
        assert config["azure-native:tenantId"]["value"] == TENANT
        assert world.internet.log == []


def test_two_providers_sign_in_as_two_applications(new_stack: NewStack, tmp_path: Path) -> None:
    """Typed settings reach the provider's own process. The machine's variables supply what is missing."""
    settings: dict[str, Any] = {"use_oidc": True, "auxiliary_tenant_ids": ["another"]}

    def program() -> None:
        providers = {
            "secret": Provider("secret", tenant_id=TENANT, client_id=CLIENT, client_secret=SECRET),
            "oidc": Provider("oidc", **settings),
        }
        for name, provider in providers.items():
            VirtualMachineReimage(name, pulumi.ResourceOptions(provider=provider), vm_id=VM_ID)

    with open_world(tmp_path) as world:
        file = tmp_path / "token"
        world.issuer.write(file)
        world.entra.single_use = False
        machine = {"ARM_TENANT_ID": TENANT, "ARM_CLIENT_ID": CLIENT, "ARM_OIDC_TOKEN_FILE_PATH": str(file)}
        stack = new_stack(program, environment={**variables(world), **machine})

        result = stack.up()

        assert result.ok, result.text
        ways = {"secret" if "client_secret" in asked else "oidc" for asked in world.entra.issued.values()}
        assert ways == {"secret", "oidc"}
    assert SECRET not in result.text
    assert SECRET not in stack.checkpoint_file.read_text()


def test_a_misspelled_key_is_refused_in_one_sentence(new_stack: NewStack) -> None:
    """Otherwise the machines would silently not be simulated."""

    def program() -> None:
        VirtualMachineReimage("web", vm_id=VM_ID)

    preview = new_stack(program, config={"azure-reimage:simulatr": "machines.toml"}).preview()

    assert not preview.ok
    assert "azure-reimage:simulatr (did you mean azure-reimage:simulator?)" in preview.text
    assert "Traceback" not in preview.text


def test_the_doctor_reads_the_stack_that_is_selected(new_stack: NewStack) -> None:
    """It runs the same CLI, and says that the stack is simulated."""
    stack = new_stack(lambda: None, config={"azure-reimage:simulator": "machines.json"})
    (stack.folder / "machines.json").write_text(json.dumps({"machine": [{"name": "web"}]}))
    selected = stack.cli("stack", "select")

    ended = subprocess.run(  # noqa: S603 - our own command, without a shell.
        [sys.executable, "-m", "pulumi_azure_reimage.doctor", WEB],
        cwd=stack.folder,
        env={**os.environ, **stack.environment},
        capture_output=True,
        check=False,
        text=True,
    )

    assert selected.ok, selected.text
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert lines[0].endswith(", which is selected"), ended.stderr
    assert lines[1].startswith("cloud simulated machines (machines.json)")
    assert lines[2] == "VM can be read: web, Succeeded"
    assert ended.returncode == 0

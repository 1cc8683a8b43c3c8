"""The first preview of a resource: it reads the VM once, and says what the update will find."""

from pathlib import Path

from pulumi_azure_reimage import VirtualMachineReimage
from tests.engine.commands import ONE, said
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging, vm_id
from tests.engine.test_signin import STACK, now, variables
from tests.signin.entra import SECRET
from tests.signin.world import open_world
from tests.unit.fakes import VM_ID

FAILS = "The update fails, unless this has changed by then: "


def test_the_first_preview_says_that_signing_in_fails(new_stack: NewStack, tmp_path: Path) -> None:
    """It does not fail, because the update can run with another identity. Otherwise, the update fails."""

    def program() -> None:
        VirtualMachineReimage("web", vm_id=VM_ID)

    with open_world(tmp_path, seconds=1, now=now) as world:
        stack = new_stack(program, config=STACK, environment=variables(world))
        stack.set_config("azure-native:clientSecret", SECRET, secret=True)
        world.entra.refusal = ("invalid_client", f"AADSTS7000222: The client secret {SECRET} is expired.")

        preview = stack.preview()
        result = stack.up()

    assert preview.ok, preview.text
    (line,) = said(preview)
    assert line.startswith(FAILS)
    assert "AADSTS7000222" in line
    assert not result.ok
    assert "AADSTS7000222" in result.text
    assert SECRET not in preview.text + result.text


def test_the_first_preview_names_the_disk_and_a_vm_that_does_not_exist(new_stack: NewStack) -> None:
    """The program may create the missing VM, so it is a warning. There is one request for each machine."""
    fleet = Reimaging.start(new_stack, {**ONE, "missing": {}}, seconds=0)
    fleet.inputs["missing"]["vm_id"] = vm_id("never")
    disk = (fleet.simulator.machine("web").os_disk_id or "").rpartition("/")[2]

    preview = fleet.preview(exact_version="24.04.202611010")

    assert preview.ok, preview.text
    baseline, warning = said(preview, "web")
    assert f"Baseline: OS disk {disk}, version 24.04.202610010. Nothing is reimaged." in baseline
    assert "exact_version is 24.04.202611010" in warning
    (line,) = said(preview, "missing")
    assert line.startswith(f"{FAILS}Cannot read VM never: ")
    assert [request.method for request in fleet.simulator.requests()] == ["GET", "GET"]

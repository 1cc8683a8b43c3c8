"""Inputs on the real engine: names of files, and values that no program can mean."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from pulumi_azure_reimage import VirtualMachineReimage, hash_files
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging
from tests.unit.fakes import VM_ID

Inputs = Callable[[], dict[str, Any]]


def mapping_with_a_number_as_key() -> dict[str, Any]:
    """Return inputs that the SDK cannot send, in a trigger that is a secret Output."""
    return {"triggers": {"a": pulumi.Output.secret("x").apply(lambda _: {1: "hunter2"})}}


def bytes_in_a_secret() -> dict[str, Any]:
    """Return inputs that the SDK cannot send, beside a password."""
    return {"os_profile": pulumi.Output.secret({"admin_password": "hunter2", "custom_data": b"hunter2"})}


def output_in_a_text() -> dict[str, Any]:
    """Return inputs with a trigger that never fires: https://github.com/pulumi/pulumi/issues/4650."""
    return {"triggers": {"image": f"image-{pulumi.Output.secret('hunter2')}"}}


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (
            mapping_with_a_number_as_key,
            "VirtualMachineReimage web: triggers.a has a key that is a number",
        ),
        (
            bytes_in_a_secret,
            "web: os_profile.custom_data is or holds a value of the type bytes. Use a string",
        ),
        (
            output_in_a_text,
            "has a problem: triggers.image holds Pulumi's help text in place of a value",
        ),
    ],
)
def test_what_no_program_can_mean_is_refused_in_one_line(
    new_stack: NewStack, inputs: Inputs, sentence: str
) -> None:
    """The line has the name, no traceback and no value, and comes before anything is sent."""
    fleet = Reimaging.start(new_stack, {"web": {}})

    def program() -> None:
        VirtualMachineReimage("web", vm_id=VM_ID, **inputs())

    fleet.stack.program = program

    result = fleet.stack.preview()

    assert not result.ok
    assert sentence in result.text
    assert "Traceback" not in result.text
    assert "hunter2" not in result.text
    assert fleet.simulator.requests() == []


PROJECTS = ["name: test\nruntime: python\n", "name: test\nruntime: python\nmain: elsewhere\n"]


@pytest.mark.parametrize("project", PROJECTS, ids=["in the project's folder", "with main"])
def test_one_relative_name_is_one_file(
    new_stack: NewStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str
) -> None:
    """This holds although the provider and a program of the Automation API run in different folders."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "init.yaml").write_text("#cloud-config of the program")
    monkeypatch.chdir(here)
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)
    elsewhere = fleet.stack.folder / "elsewhere"
    elsewhere.mkdir()
    for folder in (fleet.stack.folder, elsewhere):
        (folder / "init.yaml").write_text("of another folder")
    (fleet.stack.folder / "Pulumi.yaml").write_text(project)
    fleet.stack.set_config("azure-reimage:simulator", str(fleet.stack.folder / "machines.json"))
    fleet.up(triggers={"init": "none yet"}, os_profile={"custom_data_file": "init.yaml"})

    result = fleet.up(triggers={"init": hash_files("init.yaml")})

    assert result.ok, result.text
    content = base64.b64encode(b"#cloud-config of the program").decode()
    assert fleet.bodies() == [{"osProfile": {"customData": content}}]
    assert hash_files("init.yaml") == hash_files(here / "init.yaml")

"""What `examples/azure` requests from Azure, tested without Azure."""

import base64
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage import hash_files
from pulumi_azure_reimage.inputs.parameters import parse_inputs
from pulumi_azure_reimage.inputs.validation import check
from tests.examples.mocked_program import Registered, run_program

EXAMPLE = Path(__file__).parents[2] / "examples" / "azure"
IMAGE_VERSION = "24.04.202510010"
CONFIG = {"imageVersion": IMAGE_VERSION, "sshPublicKey": "ssh-ed25519 AAAA"}

Program = dict[str, "Registered"]


@pytest.fixture(scope="module")
def program() -> Program:
    """The resources of the example."""
    return run_program(EXAMPLE, CONFIG)


@pytest.fixture
def vm(program: Program) -> Registered:
    """The VM."""
    return program["azure-native:compute:VirtualMachine"]


@pytest.fixture
def request_(program: Program) -> Registered:
    """The resource that decides, and checks the inputs."""
    return program["pulumi-python:dynamic/azure-reimage:ReimageRequest"]


@pytest.fixture
def reimage(program: Program) -> Registered:
    """The resource that sends the request."""
    return program["pulumi-python:dynamic/azure-reimage:ReimageOperation"]


def test_it_reimages_its_vm_and_depends_on_it(
    vm: Registered, request_: Registered, reimage: Registered
) -> None:
    """A change of the VM, such as new user data, reaches it before the new disk boots."""
    assert vm.id == request_.inputs["vm_id"] == reimage.inputs["vm_id"]
    assert vm.urn in request_.dependencies
    assert request_.urn in reimage.dependencies


def test_the_request_names_the_image_version(reimage: Registered) -> None:
    """Nothing else is sent: the VM has neither custom data nor a password."""
    sent = parse_inputs(reimage.inputs, {}).parameters.to_arm()

    assert sent == {"exactVersion": IMAGE_VERSION}


def test_cloud_init_is_the_trigger(reimage: Registered) -> None:
    """The image version is a trigger too, as `exact_version`."""
    assert {"cloud-init": hash_files(EXAMPLE / "cloud-init.yaml")} == reimage.inputs["triggers"]
    assert reimage.inputs["exact_version"] == IMAGE_VERSION


def test_the_new_disk_boots_with_the_same_cloud_init(vm: Registered) -> None:
    """It is in user data, which Azure can change. In custom data, a change would be refused."""
    assert (EXAMPLE / "cloud-init.yaml").read_bytes() == base64.b64decode(vm.inputs["userData"])
    assert "customData" not in vm.inputs["osProfile"]


def test_a_reimage_is_not_a_change_of_the_vm(vm: Registered) -> None:
    """Pulumi ignores a path only if it is spelled like the input. A wrong path fails silently."""
    assert {
        "storageProfile.imageReference.version",
        "storageProfile.osDisk.name",
        "storageProfile.osDisk.managedDisk.id",
    } == set(vm.ignored)
    assert _at(vm.inputs, "storageProfile.imageReference.version") == IMAGE_VERSION
    assert all(isinstance(_at(vm.inputs, path.rpartition(".")[0]), dict) for path in vm.ignored)


def test_the_old_disk_is_deleted_because_it_says_so(vm: Registered) -> None:
    """By default, Azure would keep it and bill it."""
    assert _at(vm.inputs, "storageProfile.osDisk.deleteOption") == "Delete"


def test_its_inputs_pass_the_check(request_: Registered) -> None:
    """The preview makes the same check."""
    refused = check(
        {key: value for key, value in request_.inputs.items() if key != "__provider"},
        {},
        also_allowed={"component_urn"},
    )

    assert refused == []


def _at(value: Any, path: str) -> Any:  # noqa: ANN401 - whatever is there
    for key in path.split("."):
        value = value[key]
    return value

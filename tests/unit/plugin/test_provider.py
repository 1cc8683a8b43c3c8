"""What the plugin declares for a program in another language, on Pulumi's mocks."""

from pathlib import Path
from typing import Any

import pulumi
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import ConfigureRequest

from pulumi_azure_reimage.plugin.explicit import ExplicitProvider
from pulumi_azure_reimage.plugin.provider import OUTPUTS, ComponentProvider
from tests.examples.mocked_program import Registered, run_program

from ..stack import WEB

PROVIDER = "urn:pulumi:test::test::pulumi:providers:azure-reimage::"
REQUEST = "pulumi-python:dynamic/azure-reimage:ReimageRequest"
PROGRAM = """
from pulumi import ResourceOptions
from pulumi_azure_reimage.plugin.provider import COMPONENT, ComponentProvider
from tests.unit.plugin.test_provider import settings

provider = ComponentProvider()
provider.explicit.configure(settings("prod", tenantId="t", clientSecret=SECRET))
declared = provider.explicit.declared("engine")
assert provider.explicit.declared("engine") is declared
result = provider.construct(
    "web", COMPONENT, INPUTS, ResourceOptions(providers=[declared])
)
assert "osDiskIdBefore" in result.state
"""
SECRET = {rpc._special_sig_key: rpc._special_secret_sig, "value": "hunter2"}  # noqa: SLF001 - of the protocol.


def settings(name: str, **given: Any) -> ConfigureRequest:  # noqa: ANN401 - settings of any type.
    """Return the request with which the engine configures a provider."""
    args = Struct()
    args.update(given)
    return ConfigureRequest(urn=f"{PROVIDER}{name}", args=args)


def declared(tmp_path: Path, **inputs: object) -> dict[str, Registered]:
    """Return what is declared for a component with these inputs."""
    program = PROGRAM.replace("SECRET", repr(SECRET)).replace("INPUTS", repr({"vmId": WEB, **inputs}))
    (tmp_path / "__main__.py").write_text(program)
    return run_program(tmp_path, {})


def test_the_children_get_what_a_program_in_python_would_give_them(tmp_path: Path) -> None:
    """They have the names in Python, and the program's spelling."""
    resources = declared(
        tmp_path, tempDisk=False, osProfile={"adminPassword": "x"}, allowedCauses=["exactVersion"]
    )
    request = resources[REQUEST].inputs

    assert request["temp_disk"] is False
    assert request["allowed_causes"] == ["exact_version"]
    assert request["spelling"] == "camelCase"
    assert rpc.unwrap_rpc_secret(request["os_profile"]) == {"admin_password": "x"}
    assert "azure-reimage:index:VirtualMachineReimage" in resources


def test_a_provider_of_the_program_is_one_of_the_host(tmp_path: Path) -> None:
    """It has the same name and is declared once, and its secrets stay secret."""
    provider = declared(tmp_path)["pulumi:providers:pulumi-python"]

    assert provider.urn.endswith("::prod")
    assert provider.inputs["azure-native:tenantId"] == "t"
    assert rpc.is_rpc_secret(provider.inputs["azure-native:clientSecret"])


@pytest.mark.parametrize("name", ["default", "default_0_1_0"])
def test_the_default_provider_declares_nothing(name: str) -> None:
    """The host itself reads the stack's configuration, and the engine may name no provider."""
    explicit = ExplicitProvider()
    explicit.configure(settings(name, simulator="machines.toml", whatever="x"))
    explicit.configure(ConfigureRequest())

    assert explicit.declared("engine") is None


def test_every_setting_that_does_not_exist_is_named() -> None:
    """They are named together. Keys that the engine adds are not settings."""
    with pytest.raises(pulumi.RunError, match=r"^The provider prod has no setting client, tenant\.$"):
        ExplicitProvider().configure(settings("prod", tenant="x", client="y", clientId="z", version="0.1.0"))


def test_another_component_is_refused() -> None:
    """The message names its type."""
    with pytest.raises(pulumi.RunError, match=r"has no azure-reimage:index:Other, only "):
        ComponentProvider().construct("web", "azure-reimage:index:Other", {})


def test_every_output_is_served() -> None:
    """The plugin serves all outputs of the component."""
    assert len(OUTPUTS) == 14

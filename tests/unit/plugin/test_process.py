"""The process of the plugin, as the engine starts, calls and ends it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import ConfigureRequest, ConstructRequest, GetSchemaRequest, provider_pb2_grpc

from pulumi_azure_reimage.plugin.schema_file import package_version, schema_text

# Nothing listens there. The plugin talks to an engine only when it constructs a component.
ENGINE = "127.0.0.1:9"
PROVIDER = "urn:pulumi:test::test::pulumi:providers:azure-reimage::prod"
# In seconds. The plugin needs a fraction of it.
PATIENCE = 60

MODULES = [
    ["pulumi_azure_reimage.plugin"],
    # The command that the language host runs for a folder with PulumiPlugin.yaml.
    ["pulumi.run.plugin", "pulumi-azure-reimage"],
]


@contextmanager
def started(module: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Start the plugin, and kill it at the end."""
    plugin = subprocess.Popen(  # noqa: S603 - ours.
        [sys.executable, "-m", *module, ENGINE, "--logtostderr"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Without a Python for the children, nothing is declared.
        env={**os.environ, "PULUMI_PYTHON_CMD": sys.executable},
        text=True,
    )
    with plugin:
        try:
            yield plugin
        finally:
            plugin.kill()


@contextmanager
def stub_of(plugin: subprocess.Popen[str]) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """Connect to the port that the plugin prints."""
    assert plugin.stdout is not None
    port = int(plugin.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


@pytest.mark.parametrize("module", MODULES, ids=" ".join)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_ends_silently(module: list[str], how: signal.Signals) -> None:
    """It prints its port and nothing else."""
    with started(module) as plugin:
        with stub_of(plugin) as stub:
            schema = stub.GetSchema(GetSchemaRequest(), timeout=PATIENCE).schema
        plugin.send_signal(how)
        rest = plugin.communicate(timeout=PATIENCE)

    assert json.loads(schema) == json.loads(schema_text())
    assert json.loads(schema)["version"] == package_version()
    assert rest == ("", "")
    assert plugin.returncode == 0


def test_it_ends_with_the_process_that_started_it() -> None:
    """A `kill -9` of the engine leaves no process behind."""
    script = (
        "import subprocess, sys; "
        f"plugin = subprocess.Popen([sys.executable, '-m', 'pulumi_azure_reimage.plugin', {ENGINE!r}], "
        "stdout=subprocess.PIPE); plugin.stdout.readline(); print('ready', flush=True); input()"
    )
    with subprocess.Popen(  # noqa: S603 - ours.
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as engine:
        assert engine.stdout is not None
        assert engine.stdout.readline() == b"ready\n"
        engine.kill()
        # The plugin shares this stderr, which reaches its end only when the plugin has ended.
        assert engine.communicate(timeout=PATIENCE)[1] == b""


def test_what_it_refuses_is_one_sentence() -> None:
    """This covers an unknown component and an unknown setting. No Python traceback follows."""
    with started(MODULES[0]) as plugin, stub_of(plugin) as stub:
        with pytest.raises(grpc.RpcError) as component:
            stub.Construct(
                ConstructRequest(
                    type="azure-reimage:index:Reimage", name="web", project="test", stack="test"
                ),
                timeout=PATIENCE,
            )
        settings = Struct()
        settings.update({"tenant": "x", "clientId": "y"})
        with pytest.raises(grpc.RpcError) as provider:
            stub.Configure(ConfigureRequest(urn=PROVIDER, args=settings), timeout=PATIENCE)
        stub.Configure(
            ConfigureRequest(urn=PROVIDER.replace("prod", "default_0_1_0"), args=settings), timeout=PATIENCE
        )

    assert component.value.details() == (
        "The package azure-reimage has no azure-reimage:index:Reimage, only "
        "azure-reimage:index:VirtualMachineReimage."
    )
    assert provider.value.details() == "The provider prod has no setting tenant."

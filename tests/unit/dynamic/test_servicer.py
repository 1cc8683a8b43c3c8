"""The three providers behind Pulumi's own servicer, with pickling and protocol buffers."""

import ast
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pulumi.dynamic
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from pulumi_azure_reimage.dynamic.host import host_process
from pulumi_azure_reimage.dynamic.resources import ProviderByName
from pulumi_azure_reimage.errors import ReimageError, RequestRejectedError
from pulumi_azure_reimage.simulator import Simulator

from ..stack import COMPONENT, WEB


class Context:
    """A gRPC context."""

    def abort(self, _: object, details: str) -> NoReturn:
        """Raise the message that the engine would show."""
        raise RuntimeError(details)


class Host:
    """Pulumi's own dynamic provider host, without its server."""

    def __init__(self, inventory: Path) -> None:
        self._servicer = _host_module().DynamicResourceProviderServicer()
        arguments = _struct({"azure-reimage:simulator": str(inventory)})
        self._servicer.Configure(provider_pb2.ConfigureRequest(args=arguments), Context())

    def check(self, provider: object, news: dict[str, Any], olds: dict[str, Any] | None = None) -> list[str]:
        """Return the reasons for the failures."""
        before = {"olds": olds} if olds else {}
        return [failure.reason for failure in self._call("Check", provider, news=news, **before).failures]

    def diff(self, provider: object, olds: dict[str, Any], news: dict[str, Any]) -> tuple[bool, list[str]]:
        """Return whether there are changes, and the inputs that cause a replacement."""
        answer = self._call("Diff", provider, id="id", olds=olds, news=news)
        return answer.changes == provider_pb2.DiffResponse.DIFF_SOME, list(answer.replaces)

    def create(self, provider: object, news: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs."""
        return _plain(self._call("Create", provider, properties=news).properties)

    def update(self, provider: object, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs."""
        return _plain(self._call("Update", provider, id="id", olds=olds, news=news).properties)

    def read(self, provider: object, olds: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs."""
        return _plain(self._call("Read", provider, id="id", properties=olds).properties)

    def delete(self, provider: object, olds: dict[str, Any]) -> None:
        """Delete the resource."""
        self._call("Delete", provider, id="id", properties=olds)

    def _call(self, verb: str, provider: object, **fields: Any) -> Any:  # noqa: ANN401 - protocol buffers.
        """Send a request of the engine, whose properties contain the pickled provider."""
        given = {
            name: _struct(_with(provider, value)) if isinstance(value, dict) else value
            for name, value in fields.items()
        }
        return getattr(self._servicer, verb)(getattr(provider_pb2, f"{verb}Request")(**given), Context())


def _host_module() -> Any:  # noqa: ANN401 - a module that is made here.
    """Load the host's module without its last statement, which serves until the process ends."""
    path = Path(pulumi.dynamic.__file__).with_name("__main__.py")
    tree = ast.parse(path.read_text())
    last = tree.body.pop()
    assert ast.unparse(last) == "main()"
    module = ModuleType("pulumi_dynamic_host")
    exec(compile(tree, path, "exec"), module.__dict__)  # noqa: S102 - the SDK's own source.
    return module


def _with(provider: Any, properties: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - either provider.
    return {**properties, "__provider": serialize_provider(provider)}


def _struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


def _plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    return json_format.MessageToDict(properties)


_DECIDED = ("vm_id", "component_urn", "triggers", "exact_version")


def _to_operation(request: dict[str, Any]) -> dict[str, Any]:
    return {key: request[key] for key in (*_DECIDED, "request") if key in request}


def _to_result(request: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {
        key: request[key] for key in ("vm_id", "component_urn", "request") if key in request
    }
    return {**known, "operation": operation["operation"]}


@pytest.fixture
def host(inventory: Path) -> Host:
    """Return a configured host, as one run of the engine starts it."""
    host_process.cache_clear()
    return Host(inventory)


REQUEST, OPERATION, RESULT = map(ProviderByName, ("request", "operation", "result"))


def test_the_providers_work_behind_the_real_servicer(host: Host, simulator: Simulator) -> None:
    """Baseline, reimage, result, refresh and delete all work through protocol buffers."""
    inputs = {"vm_id": WEB, "triggers": {"a": 1, "list": [1, None]}, "component_urn": COMPONENT}
    assert host.check(REQUEST, inputs) == []
    request = host.create(REQUEST, inputs)
    operation = host.create(OPERATION, _to_operation(request))
    result = host.create(RESULT, _to_result(request, operation))
    baseline = result["result"]["status"]
    changed = {**inputs, "triggers": {"a": 2, "list": [1]}}
    assert host.diff(REQUEST, request, inputs) == (False, [])
    assert host.diff(REQUEST, request, changed) == (True, [])

    request = host.update(REQUEST, request, changed)
    assert host.diff(OPERATION, operation, _to_operation(request)) == (True, [])
    operation = host.update(OPERATION, operation, _to_operation(request))
    # The wait would sleep until ARM's Retry-After has passed, so the request is made older.
    record = operation["operation"]["record"]
    past = datetime.fromisoformat(record["requested_at"]) - timedelta(minutes=1)
    record["requested_at"] = past.isoformat()
    assert host.diff(RESULT, result, _to_result(request, operation)) == (True, [])
    result = host.update(RESULT, result, _to_result(request, operation))

    assert (baseline, result["result"]["status"]) == ("Baseline", "Succeeded")
    causes = [cause["text"] for cause in request["request"]["causes"]]
    assert causes == ["triggers.a changed", "triggers.list changed"]
    assert host.diff(OPERATION, operation, _to_operation(request)) == (False, [])
    assert host.diff(RESULT, result, _to_result(request, operation)) == (False, [])
    for provider, state in ((REQUEST, request), (OPERATION, operation), (RESULT, result)):
        assert host.read(provider, state) == state
        host.delete(provider, state)
    assert len(simulator.reimage_requests()) == 1


@pytest.mark.parametrize(
    ("news", "words"),
    [
        pytest.param({"triggers": {"a": rpc.UNKNOWN}}, "may be reimaged", id="a trigger"),
        pytest.param({"triggers": rpc.UNKNOWN}, "may be reimaged", id="all triggers"),
        pytest.param({"triggers": {"a": 1}, "exact_version": rpc.UNKNOWN}, "may be reimaged", id="version"),
        pytest.param({"vm_id": rpc.UNKNOWN, "triggers": {"a": 1}}, None, id="the VM alone"),
        pytest.param(
            {"vm_id": rpc.UNKNOWN, "triggers": {"a": 2}}, "may be reimaged", id="the VM and a trigger"
        ),
        pytest.param(
            {"triggers": {"a": 2}, "exact_version": rpc.UNKNOWN},
            "will be reimaged: triggers.a changed, exact_version not known yet.",
            id="one is certain",
        ),
    ],
)
def test_a_preview_that_does_not_know_a_value_yet_says_so(
    host: Host, capsys: pytest.CaptureFixture[str], news: dict[str, Any], words: str | None
) -> None:
    """An unknown id alone never causes a reimage."""
    request = host.create(REQUEST, {"vm_id": WEB, "triggers": {"a": 1}, "component_urn": COMPONENT})
    operation = host.create(OPERATION, _to_operation(request))
    capsys.readouterr()
    inputs = {"vm_id": WEB, "component_urn": COMPONENT, **news}

    assert host.check(REQUEST, inputs, request) == []
    assert host.diff(REQUEST, request, inputs) == (words is not None, [])
    if words is not None:
        unknown = _to_operation({**inputs, "request": rpc.UNKNOWN})
        assert host.diff(OPERATION, operation, unknown) == (True, [])
    assert host.check(RESULT, {**inputs, "request": rpc.UNKNOWN}) == []

    said = capsys.readouterr().err
    assert words in said if words else said == ""


def test_an_unknown_result_is_a_change(host: Host) -> None:
    """The preview of a reimage does not know its request yet."""
    request = host.create(REQUEST, {"vm_id": WEB})
    operation = host.create(OPERATION, _to_operation(request))
    result = host.create(RESULT, _to_result(request, operation))
    unknown = {**request, "request": rpc.UNKNOWN}

    assert host.diff(OPERATION, operation, _to_operation(unknown)) == (True, [])
    assert host.diff(RESULT, result, _to_result(unknown, {"operation": rpc.UNKNOWN})) == (True, [])


def test_what_the_engine_shows_ends_with_our_sentence(host: Host) -> None:
    """Since SDK 3.272 a traceback precedes it, which shows no library."""
    with pytest.raises((RuntimeError, RequestRejectedError)) as caught:
        host.create(REQUEST, {"vm_id": WEB.replace("/web", "/nobody")})

    shown = str(caught.value).rstrip()
    name = f"{RequestRejectedError.__module__}.{RequestRejectedError.__name__}"
    assert shown.splitlines()[-1].removeprefix(f"{name}: ").startswith("Cannot read VM nobody: ")
    assert "During handling" not in shown
    assert "direct cause" not in shown


def test_every_error_of_ours_is_one_tree() -> None:
    """The boundary to the host catches its root class."""
    assert issubclass(RequestRejectedError, ReimageError)

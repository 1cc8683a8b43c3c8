"""One VirtualMachineReimage in a stack without an engine: the calls that the engine makes, and the state."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from pulumi.runtime import rpc

from pulumi_azure_reimage.clock import Clock
from pulumi_azure_reimage.dynamic.host import HostProcess
from pulumi_azure_reimage.dynamic.operation import ReimageOperationProvider
from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.dynamic.session_provider import SessionProvider
from pulumi_azure_reimage.errors import ReimageError

from .fakes import FakeClock

INVENTORY = """
operation_seconds = 0
retry_after = 5

[[machine]]
name = "web"

[[machine]]
name = "other"
"""
WEB = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/simulated"
    "/providers/Microsoft.Compute/virtualMachines/web"
)
OTHER = WEB.replace("/web", "/other")
COMPONENT = "urn:pulumi:test::project::azure-reimage:index:VirtualMachineReimage::web"

Properties = dict[str, Any]

# What the host passes to a provider for a value that a preview does not know yet.
NOT_KNOWN = rpc.deserialize_property(rpc.UNKNOWN, keep_unknowns=True)


class FakeLog:
    """The engine's log."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.informed: list[str] = []
        self.progressed: list[str] = []
        self.urns: set[str] = set()

    def warn(self, message: str, urn: str = "") -> None:
        """Record a message that stays."""
        self.warnings.append(message)
        self.urns.add(urn)

    def inform(self, message: str, urn: str = "") -> None:
        """Record a message that stays and needs no attention."""
        self.informed.append(message)
        self.urns.add(urn)

    def warn_once(self, message: str) -> None:
        """Record a message about the run."""
        if message not in self.warnings:
            self.warnings.append(message)

    def progress(self, message: str, urn: str = "") -> None:
        """Record a message that the next one replaces."""
        self.progressed.append(message)
        self.urns.add(urn)

    def is_heard(self) -> bool:
        """Report that the engine answers."""
        return True


class FakeHost(HostProcess):
    """A host process whose engine keeps the outputs of a failed step.

    Attributes:
        kept: The outputs of the step that failed last.
    """

    kept: ClassVar[list[Properties]] = []

    def keeps_failures(self) -> bool:
        """Report that the engine keeps them."""
        return True

    def failing(self, error: ReimageError, outputs: Properties, inputs: Properties) -> Exception:  # noqa: ARG002 - as in HostProcess.
        """Keep them."""
        self.kept.append(outputs)
        return error


def configured(
    provider: SessionProvider,
    settings: Mapping[str, str],
    host: HostProcess | None = None,
    clock: Clock | None = None,
) -> SessionProvider:
    """Return a provider after its `configure`, in its own host process if none is given."""
    provider.host = host or HostProcess(FakeLog())
    provider.session = Session(settings.get, {}, provider.host.log, clock, provider.host.sign_ins)
    return provider


class Resource:
    """A dynamic resource: its provider, and what state holds of it."""

    def __init__(self, provider: SessionProvider) -> None:
        self.provider = provider
        self.id = ""
        self.inputs: Properties = {}
        self.outputs: Properties | None = None

    def plan(self, inputs: Mapping[str, Any]) -> str:
        """Check and diff as a preview does, and return what will be done."""
        checked = self.provider.check(dict(self.inputs), dict(inputs))
        assert not checked.failures, [failure.reason for failure in checked.failures]
        if self.outputs is None:
            return "create"
        diff = self.provider.diff(self.id, dict(self.outputs), dict(inputs))
        if diff.replaces:
            return "replace"
        return "update" if diff.changes else "same"

    def apply(self, inputs: Mapping[str, Any]) -> str:
        """Do it, and return what was done. An error leaves the state as it is."""
        done = self.plan(inputs)
        if done in {"create", "replace"}:
            created = self.provider.create(dict(inputs))
            self.id, self.outputs = created.id, dict(created.outs or {})
        elif done == "update":
            FakeHost.kept.clear()
            try:
                updated = self.provider.update(self.id, dict(self.outputs or {}), dict(inputs))
            finally:
                # The engine keeps new outputs with old inputs.
                self.outputs = FakeHost.kept.pop() if FakeHost.kept else self.outputs
            self.outputs = dict(updated.outs or {})
        # The engine stores them even if nothing is to be done.
        self.inputs = dict(inputs)
        return done

    def refresh(self) -> bool:
        """Read it, and return whether the engine shows drift, which it finds with this call."""
        self.outputs = dict(self.provider.read(self.id, dict(self.outputs or {})).outs or {})
        return bool(self.provider.diff(self.id, dict(self.outputs), dict(self.inputs)).changes)


_SENT_WITH = {
    "temp_disk",
    "os_profile",
    "timeout",
    "require_delete_option",
    "allowed_causes",
    "prevent_reimage",
    "skip_if_current",
    "preflight",
    "reimage_on_create",
    "spelling",
}


class Stack:
    """A stack with one VirtualMachineReimage on the embedded simulator."""

    def __init__(self, inventory: Path, clock: FakeClock, settings: Mapping[str, str] | None = None) -> None:
        self._settings = {"azure-reimage:simulator": str(inventory), **(settings or {})}
        self._clock = clock
        self.log = FakeLog()
        self.refused: list[str] = []
        self.refused_properties: list[str] = []
        self.request = Resource(ReimageRequestProvider())
        self.operation = Resource(ReimageOperationProvider())
        self.result = Resource(ReimageResultProvider())
        self.restart()

    def restart(self) -> None:
        """Start another run of Pulumi, with new provider processes, an empty log and the same state."""
        self.log = FakeLog()
        host = FakeHost(self.log)
        for resource in (self.request, self.operation, self.result):
            configured(resource.provider, self._settings, host, self._clock)

    @property
    def told(self) -> Properties:
        """What ReimageResult reports: the component's outputs."""
        return dict((self.result.outputs or {})["result"])

    @property
    def record(self) -> Properties:
        """What ReimageOperation keeps about the request that was last taken."""
        return dict((self.operation.outputs or {})["operation"]["record"])

    @property
    def causes(self) -> list[str]:
        """Why the last reimage was decided."""
        return [cause["text"] for cause in (self.request.outputs or {})["request"]["causes"]]

    def preview(self, **inputs: object) -> str:
        """Return what an `up` would do to the first changed resource; `refused` says why it would not."""
        self.restart()
        decides = self.request.plan(self.inputs(inputs))
        request = None if decides == "same" else NOT_KNOWN
        sends = self.operation.plan(self._to_operation(inputs, request))
        operation = None if sends == "same" else NOT_KNOWN
        given = self._to_result(inputs, request, operation)
        checked = self.result.provider.check(dict(self.result.inputs), given)
        self.refused = [failure.reason for failure in checked.failures]
        self.refused_properties = [failure.property for failure in checked.failures]
        if self.refused:
            return "refused"
        planned = (decides, sends, self.result.plan(given))
        return next((change for change in planned if change != "same"), "same")

    def up(self, **inputs: object) -> tuple[str, str]:
        """Return what was done to ReimageRequest and to ReimageResult."""
        self.begin(**inputs)
        return self._decided, self.end(**inputs)

    def begin(self, **inputs: object) -> None:
        """Start an `up` that is killed before it waits."""
        self.restart()
        self._decided = self.request.apply(self.inputs(inputs))
        self.operation.apply(self._to_operation(inputs))

    def end(self, **inputs: object) -> str:
        """Wait, after `begin` in the same run; return what was done to ReimageResult."""
        return self.result.apply(self._to_result(inputs))

    def try_up(self, **inputs: object) -> None:
        """Start an `up` that ends with an error of ours."""
        with suppress(ReimageError):
            self.up(**inputs)
            raise AssertionError("It succeeded.")

    def refresh(self) -> tuple[bool, bool]:
        """Read the resources, and return whether there is drift of the first two, and of ReimageResult."""
        self.restart()
        return self.request.refresh() or self.operation.refresh(), self.result.refresh()

    def destroy(self) -> None:
        """Delete the resources."""
        self.restart()
        for resource in (self.result, self.operation, self.request):
            resource.provider.delete(resource.id, dict(resource.outputs or {}))

    @staticmethod
    def inputs(inputs: Mapping[str, object]) -> Properties:
        """Return the inputs of ReimageRequest."""
        return {"vm_id": WEB, "component_urn": COMPONENT, **inputs}

    def _to_operation(self, inputs: Mapping[str, object], request: object = None) -> Properties:
        """Return the inputs of ReimageOperation. `request` is what a preview knows of a changing request.

        Of a resource that changes, a preview knows only the inputs, as its outputs.
        """
        outputs = self.request.outputs or {}
        given = {name: inputs[name] for name in _SENT_WITH & inputs.keys()}
        known = outputs if request is None else {**self.inputs(inputs), "request": request}
        decided = {name: known.get(name) for name in ("vm_id", "triggers", "exact_version", "request")}
        return {**given, **decided, "component_urn": COMPONENT}

    def _to_result(
        self, inputs: Mapping[str, object], request: object = None, operation: object = None
    ) -> Properties:
        """Return the inputs of ReimageResult; see `_to_operation`."""
        outputs = self.operation.outputs or {}
        given = {name: inputs[name] for name in _SENT_WITH & inputs.keys()}
        known = outputs if operation is None else {**self.inputs(inputs), "operation": operation}
        ended = {name: known.get(name) for name in ("vm_id", "exact_version", "operation")}
        made = request or (self.request.outputs or {}).get("request")
        return {**given, **ended, "request": made, "component_urn": COMPONENT}

"""One VirtualMachineReimage in a stack without an engine: the calls that the engine makes, and its state."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pulumi_azure_reimage.clock import Clock
from pulumi_azure_reimage.dynamic.host import HostProcess, SessionProvider
from pulumi_azure_reimage.dynamic.operation import ReimageOperationProvider
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.dynamic.session import Session
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


class FakeLog:
    """The engine's log."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.informed: list[str] = []
        self.progressed: list[str] = []
        self.urns: set[str] = set()

    def warn(self, message: str, urn: str = "") -> None:
        """Note a message that stays."""
        self.warnings.append(message)
        self.urns.add(urn)

    def inform(self, message: str, urn: str = "") -> None:
        """Note a message that stays and needs no attention."""
        self.informed.append(message)
        self.urns.add(urn)

    def warn_once(self, message: str) -> None:
        """Note a message about the run."""
        if message not in self.warnings:
            self.warnings.append(message)

    def progress(self, message: str, urn: str = "") -> None:
        """Note a message that the next one replaces."""
        self.progressed.append(message)
        self.urns.add(urn)


def configured(
    provider: SessionProvider,
    settings: Mapping[str, str],
    host: HostProcess | None = None,
    clock: Clock | None = None,
) -> SessionProvider:
    """Return a provider after its `configure`, in a host process of its own if none is given."""
    provider.host = host or HostProcess(FakeLog())
    provider.session = Session(settings.get, {}, provider.host.log, clock)
    return provider


class Resource:
    """A dynamic resource: its provider, and what state holds of it."""

    def __init__(self, provider: SessionProvider) -> None:
        self.provider = provider
        self.id = ""
        self.inputs: Properties = {}
        self.outputs: Properties | None = None

    def plan(self, inputs: Mapping[str, Any]) -> str:
        """Check and diff as a preview does; return what is going to be done."""
        checked = self.provider.check(dict(self.inputs), dict(inputs))
        assert not checked.failures, [failure.reason for failure in checked.failures]
        if self.outputs is None:
            return "create"
        diff = self.provider.diff(self.id, dict(self.outputs), dict(inputs))
        if diff.replaces:
            return "replace"
        return "update" if diff.changes else "same"

    def apply(self, inputs: Mapping[str, Any]) -> str:
        """Do it, and return what was done; an error leaves the state as it is."""
        done = self.plan(inputs)
        if done in {"create", "replace"}:
            created = self.provider.create(dict(inputs))
            self.id, self.outputs = created.id, dict(created.outs or {})
        elif done == "update":
            updated = self.provider.update(self.id, dict(self.outputs or {}), dict(inputs))
            self.outputs = dict(updated.outs or {})
        # The engine stores them also where nothing is to be done.
        self.inputs = dict(inputs)
        return done

    def refresh(self) -> bool:
        """Read it; return whether that is shown as drift, for which the engine asks like this."""
        self.outputs = dict(self.provider.read(self.id, dict(self.outputs or {})).outs or {})
        return bool(self.provider.diff(self.id, dict(self.outputs), dict(self.inputs)).changes)


class Stack:
    """A stack with one VirtualMachineReimage on the embedded simulator."""

    def __init__(self, inventory: Path, clock: FakeClock) -> None:
        self._settings = {"azure-reimage:simulator": str(inventory)}
        self._clock = clock
        self.log = FakeLog()
        self.refused: list[str] = []
        self.operation = Resource(ReimageOperationProvider())
        self.result = Resource(ReimageResultProvider())
        self.restart()

    def restart(self) -> None:
        """Begin another run of Pulumi: new provider processes, an empty log, the same state."""
        self.log = FakeLog()
        host = HostProcess(self.log)
        for resource in (self.operation, self.result):
            configured(resource.provider, self._settings, host, self._clock)

    @property
    def told(self) -> Properties:
        """What ReimageResult tells: the component's outputs."""
        return dict((self.result.outputs or {})["result"])

    def preview(self, **inputs: object) -> str:
        """Return what an `up` would do to ReimageOperation; `refused` is why it would not."""
        self.restart()
        planned = self.operation.plan(self.inputs(inputs))
        checked = self.result.provider.check({}, {"component_urn": COMPONENT})
        self.refused = [failure.reason for failure in checked.failures]
        return planned

    def up(self, **inputs: object) -> tuple[str, str]:
        """Return what was done to ReimageOperation and to ReimageResult."""
        self.restart()
        began = self.operation.apply(self.inputs(inputs))
        return began, self.result.apply(self._handed_on(inputs))

    def begin(self, **inputs: object) -> None:
        """Begin an `up` that is killed before it waits."""
        self.restart()
        self.operation.apply(self.inputs(inputs))

    def try_up(self, **inputs: object) -> None:
        """Begin an `up` that ends with an error of ours."""
        with suppress(ReimageError):
            self.up(**inputs)
            raise AssertionError("It succeeded.")

    def refresh(self) -> tuple[bool, bool]:
        """Read both resources; return whether there is drift of either."""
        self.restart()
        return self.operation.refresh(), self.result.refresh()

    def destroy(self) -> None:
        """Delete both resources."""
        self.restart()
        for resource in (self.result, self.operation):
            resource.provider.delete(resource.id, dict(resource.outputs or {}))

    @staticmethod
    def inputs(inputs: Mapping[str, object]) -> Properties:
        """Return the inputs of ReimageOperation."""
        return {"vm_id": WEB, "component_urn": COMPONENT, **inputs}

    def _handed_on(self, inputs: Mapping[str, object]) -> Properties:
        outputs = self.operation.outputs or {}
        return {
            "vm_id": outputs.get("vm_id"),
            "record": outputs.get("record"),
            "timeout": inputs.get("timeout"),
            "os_profile": inputs.get("os_profile"),
            "component_urn": COMPONENT,
        }

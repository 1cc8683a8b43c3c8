"""Pulumi's dynamic provider host: what the providers of its process share, and how they meet its edge."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

import pulumi
from pulumi.dynamic import ConfigureRequest, ResourceProvider

from ..arm.resource_id import VirtualMachineId
from ..errors import ReimageError, UnreadableStateError
from ..inputs.parameters import parse_inputs, secrets_in
from ..inputs.unknown import UNKNOWN
from ..json_reading import get_str
from ..redact import redact
from ..reimage.journal import no_journal
from ..reimage.run import Run
from .engine_errors import (
    KeepingError,
    PendingError,
    can_keep_outputs,
    raise_clean,
    raise_keeping,
    raise_pending,
)
from .engine_log import ComponentRow, Log, engine_log
from .journal_file import ComponentJournal, Journals
from .parent import parent_age, watch_engine
from .preview_pool import PreviewPool
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from ..inputs.parameters import ReimageInputs
    from ..reimage.context import VmContext
    from ..reimage.journal import Journal
    from ..reimage.record import Record

# Values arrive as plain JSON, unknown ones as fresh objects of a type of Pulumi's own.
Properties = dict[str, Any]

PROVIDER_KEY = "__provider"


@dataclass(frozen=True, slots=True)
class HostProcess:
    """What the providers of one host process share.

    Pulumi makes and configures one provider object per resource class and process, so that nothing else owns
    what the three resources share. A process serves one run of one engine.

    Attributes:
        log: The engine's log.
        previews: The previews that have begun.
        run: This run of the engine, as the core needs to know it.
        drifted: The VMs in which the last refresh found drift. The engine calls `check` before each `diff` of
            an update and none before the `diff` that follows a read: ReimageResult's `check` takes the VM out
            again, so that its `diff` changes nothing.
        journals: The files to which decisions are appended.
        created: The components, by their URNs, whose ReimageRequest this run creates or replaces. If their
            ReimageOperation is in state, it is a replacement, which leaves the VM as it is.
    """

    log: Log
    previews: PreviewPool = field(default_factory=PreviewPool)
    run: Run = field(default_factory=Run)
    drifted: set[str] = field(default_factory=set)
    journals: Journals = field(default_factory=Journals)
    created: set[str] = field(default_factory=set)

    def keeps_failures(self) -> bool:
        """Report whether the engine will keep what `failing` keeps; to be called inside of a step."""
        return can_keep_outputs()

    def failing(self, error: ReimageError, outputs: Properties, inputs: Properties) -> Exception:
        """Return the error with which a step fails and the engine keeps `outputs`."""
        return KeepingError(error, str(inputs["vm_id"]), outputs, inputs)


@cache
def host_process() -> HostProcess:
    """Return what the providers of this process share."""
    log = engine_log(sys.argv)
    return HostProcess(log, run=Run(watch_engine(log), parent_age))


class SessionProvider(ResourceProvider):
    """A provider with a session.

    Pulumi pickles the provider object into state, so that a class may have no attributes of its own: the
    session is made in `configure`, which the provider host calls and the program does not.
    """

    # The pickled reference holds no secret; as a secret it would be encrypted again at every save.
    serialize_as_secret_always = False

    session: Session
    host: HostProcess

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack configuration; nothing is read or contacted before it is needed."""
        self.host = host_process()
        self.session = Session(req.config.get, os.environ, self.host.log)

    def errors(self, props: Properties) -> OneLineErrors:
        """Return what lets an error about a resource leave as one line, without its secrets."""
        return OneLineErrors(partial(self.secrets_of, props), partial(self._if_unreadable, props))

    def _if_unreadable(self, props: Properties) -> str:
        """Return the command that leaves the VM as it is, although the state of a resource cannot be read."""
        urn = component_urn(props)
        # State of version 0.1.0 has no ReimageRequest, so that it cannot be replaced.
        others = ("ReimageOperation", "ReimageResult")
        names = others if urn in self.host.created else ("ReimageRequest", *others)
        replaced = " ".join(f"--replace '{child_urn(urn, name)}'" for name in names)
        first = "Set reimage_on_create to False first. " if props.get("reimage_on_create") else ""
        return (
            f"To keep the VM as it is, run `pulumi up {replaced}`, which records a new baseline and sends "
            f"nothing. {first}To reimage it then, change a trigger."
        ).strip()

    def inputs_of(self, props: Properties) -> ReimageInputs:
        """Return the inputs of a program that are in a resource's own."""
        return parse_inputs(own(translate_unknowns(props)), self.session.environ)

    def secrets_of(self, props: Properties) -> tuple[str, ...]:
        """Return what no message about a resource may show: the secrets that its inputs hold or name."""
        return secrets_in(translate_unknowns(props), self.session.environ)

    def row(self, props: Properties) -> ComponentRow:
        """Return the row of the component, on which everything about its resources is shown."""
        return ComponentRow(self.host.log, component_urn(props))

    def context_of(self, props: Properties, timeout: float, record: Record | None = None) -> VmContext:
        """Return how to reach the VM of a resource."""
        context = self.session.context(
            vm_id_of(props),
            self.row(props),
            timeout=timeout,
            record=record,
            run=self.host.run,
            request_urn=child_urn(component_urn(props), "ReimageRequest"),
            journal=self._journal_of(props),
        )
        return replace(context, secrets=partial(self.secrets_of, props))

    def _journal_of(self, props: Properties) -> Journal:
        file = self.session.journal
        if file is None:
            return no_journal
        secrets = partial(self.secrets_of, props)
        return ComponentJournal(
            self.host.journals.at(file), self.host.log.warn, component_urn(props), secrets
        )


def translate_unknowns(value: Any) -> Any:  # noqa: ANN401 - plain JSON in, plain JSON out.
    """Return a value with `UNKNOWN` in place of each value that a preview does not know yet."""
    match value:
        case dict():
            return {key: translate_unknowns(item) for key, item in value.items()}
        case list():
            return [translate_unknowns(item) for item in value]
        case _:
            return UNKNOWN if pulumi.contains_unknowns(value) else value


class OneLineErrors:
    """Lets an error of ours leave as one line, without secrets, without its causes and its frames.

    The engine prints nothing but our message where `engine_errors` finds the host's call. Elsewhere the host
    prints the traceback of whatever is raised, and of its causes, before our message.
    """

    def __init__(
        self, secrets: Callable[[], Iterable[str]] = tuple, if_unreadable: Callable[[], str] = str
    ) -> None:
        """Prepare for errors.

        Args:
            secrets: Returns what no message may show; it is called only if there is an error.
            if_unreadable: Returns what to do about a state that cannot be read.
        """
        self._secrets = secrets
        self._if_unreadable = if_unreadable

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _frames: TracebackType | None
    ) -> Literal[False]:
        """Raise the error that is shown."""
        match error:
            case KeepingError():
                outputs = {**error.outputs, PROVIDER_KEY: error.inputs.get(PROVIDER_KEY)}
                raise_keeping(self._redacted(error.error), error.id_, outputs, error.inputs)
            case PendingError():
                pending = self._redacted(error.error)
                error.warn(str(pending))
                raise_pending(pending)
            case UnreadableStateError():
                error.message = (
                    f"This version cannot read what is in state: {error.message}. Nothing was sent. "
                    f"{self._if_unreadable()}"
                )
                raise_clean(self._redacted(error))
            case ReimageError():
                raise_clean(self._redacted(error))
            case _:
                pass
        return False

    def _redacted(self, error: ReimageError) -> ReimageError:
        error.message = redact(error.message, self._secrets())
        return error


def own(props: Properties) -> Properties:
    """Return the properties without the one that the host adds."""
    return {key: value for key, value in props.items() if key != PROVIDER_KEY}


def vm_id_of(props: Properties) -> VirtualMachineId:
    """Return the VM of a resource.

    Raises:
        InvalidInputError: it is not the id of a VM.
    """
    return VirtualMachineId.parse(props.get("vm_id"))


def component_urn(props: Properties) -> str:
    """Return the URN of the component that a resource belongs to, which the component hands on to it."""
    return get_str(props, "component_urn") or ""


def child_urn(component: str, child: str) -> str:
    """Return the URN of a component's child, such as its `ReimageRequest`."""
    qualified, _, name = component.rpartition("::")
    return f"{qualified}$pulumi-python:dynamic/azure-reimage:{child}::{name}"


def keep_outputs(old: Mapping[str, object]) -> Properties:
    """Return outputs that stay as they are; the host adds its own key again."""
    return {key: value for key, value in old.items() if key != PROVIDER_KEY}

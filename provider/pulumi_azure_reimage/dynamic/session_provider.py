"""What the providers of the three resources share: a session, and how a resource names its VM."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pulumi.dynamic import CheckFailure, ConfigureRequest, ResourceProvider

from ..inputs.parameters import parse_inputs, secrets_in
from ..json_reading import get_str
from ..reimage.journal import no_journal
from ..version import VERSION
from .engine_log import ComponentRow
from .host import HostProcess, host_process
from .journal_file import ComponentJournal
from .one_line_errors import OneLineErrors
from .properties import Properties, child_urn, component_urn, own, translate_unknowns, vm_id_of, vm_key
from .session import Session

if TYPE_CHECKING:
    from ..inputs.parameters import ReimageInputs
    from ..reimage.announcement import Announcement
    from ..reimage.context import VmContext
    from ..reimage.journal import Journal
    from ..reimage.record import Record


class SessionProvider(ResourceProvider):
    """A provider with a session, which `configure` creates. The host calls that, and the program does not."""

    # The pickled reference holds no secret. As a secret, it would be encrypted again at every save.
    serialize_as_secret_always = False

    session: Session
    host: HostProcess

    def __init__(self, program_version: str = "") -> None:
        """Prepare for `configure`.

        Args:
            program_version: The version of this package in the program that declared the resource last; empty
                if state does not say.
        """
        super().__init__()
        self._program_version = program_version

    def refuse_other_version(self) -> list[CheckFailure]:
        """Refuse resources of a program whose version of this package differs from this host's.

        Both read and write the same inputs and state, and they are tested only with the same version. This is
        for `check`, which is called only with a program, because a refresh or a destroy may read what an
        older version has left.
        """
        if self._program_version in ("", VERSION):
            return []
        text = (
            f"The program, or the plugin if it is in another language, has pulumi-azure-reimage "
            f"{self._program_version}, and {sys.executable}, which Pulumi runs its resources with, has "
            f"{VERSION}. Nothing was sent. Install the same version in both, or set PULUMI_PYTHON_CMD to the "
            f"Python that has {self._program_version}."
        )
        return [CheckFailure("", text)]

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack configuration. Nothing is read or contacted before it is needed."""
        self.host = host_process()
        self.session = Session(req.config.get, os.environ, self.host.log, sign_ins=self.host.sign_ins)

    def errors(self, props: Properties) -> OneLineErrors:
        """Return the context in which an error about a resource becomes one line, without its secrets."""
        self.host.callers.note(props)
        return OneLineErrors(
            partial(self.secrets_of, props),
            partial(self._if_unreadable, props),
            partial(self.host.callers.respell, urn=component_urn(props)),
        )

    def failure(self, props: Properties, reason: str) -> CheckFailure:
        """Return why the inputs of a resource are refused.

        It names no property to the engine, which prints the value of the property that a failure names, even
        that of a secret in plain text (seen with CLI 3.259.0).
        """
        return CheckFailure("", self.host.callers.respell(reason, component_urn(props)))

    def _if_unreadable(self, props: Properties) -> str:
        """Return the command that leaves the VM as it is although the state of a resource cannot be read."""
        urn = component_urn(props)
        # State of version 0.1.0 has no ReimageRequest, so that cannot be replaced.
        others = ("ReimageOperation", "ReimageResult")
        names = others if urn in self.host.created else ("ReimageRequest", *others)
        replaced = " ".join(f"--replace '{child_urn(urn, name)}'" for name in names)
        first = "Set reimage_on_create to false first. " if props.get("reimage_on_create") else ""
        return (
            f"To keep the VM as it is, run `pulumi up {replaced}`, which records a new baseline and sends "
            f"nothing. {first}To reimage it then, change a trigger."
        ).strip()

    def note_read(self, props: Properties) -> None:
        """Remember that a resource was read, because the `diff` that follows only reports drift."""
        self.host.read.add((type(self), vm_key(props)))

    def note_check(self, news: Properties) -> None:
        """Forget that a resource was read, because the `diff` that follows is that of an update."""
        self.host.read.discard((type(self), vm_key(translate_unknowns(news))))

    def follows_read(self, news: Properties) -> bool:
        """Return whether a `diff` with these inputs is the one that follows a read."""
        return (type(self), vm_key(translate_unknowns(news))) in self.host.read

    def inputs_of(self, props: Properties) -> ReimageInputs:
        """Return the program's inputs from those of a resource."""
        inputs = parse_inputs(own(translate_unknowns(props)), self.session.environ)
        guards = replace(inputs.guards, stack_prevents=self.session.limits.prevents_reimages)
        return replace(inputs, guards=guards)

    def is_excluded(self, props: Properties) -> bool:
        """Report whether the user has excluded the component of a resource from this run."""
        return self.host.excludes(component_urn(props))

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
        secrets, urn = partial(self.secrets_of, props), component_urn(props)
        return replace(
            context,
            arm=context.arm.hiding(secrets),
            secrets=secrets,
            announce=partial(self.announce, urn),
            note=partial(self._note, urn),
            forbidden=partial(self._forbid, urn),
        )

    def announce(self, urn: str, announced: Announcement) -> None:
        """Show one line on the row of a component. The preview shows once what many machines share."""
        ComponentRow(self.host.log, urn).warn(announced.line)
        if not self.host.run.is_updating:
            self.host.fleet.announce(urn, announced)

    def announce_at_once(self, urn: str, announced: Announcement) -> None:
        """Show one line on the row of a component, and what many machines share the first time it occurs."""
        ComponentRow(self.host.log, urn).warn(announced.line)
        self.host.log.warn_once(announced.details)

    def report_fleet(self) -> None:
        """Report what the previews that have begun found about all machines."""
        self.host.previews.finish()
        row_of_stack = ComponentRow(self.host.log, "")
        for text in self.host.fleet.report():
            row_of_stack.warn(text)

    def _note(self, urn: str, text: str) -> None:
        if self.host.run.is_updating:
            self.host.log.warn_once(text)
        else:
            self.host.fleet.note(urn, text)

    def _forbid(self, urn: str) -> str | None:
        """Return why the stack does not allow the reimage of a machine in this run; None if it does."""
        most = self.session.limits.most_reimages
        return None if most is None else self.host.fleet.refuse_due(urn, most)

    def _journal_of(self, props: Properties) -> Journal:
        file = self.session.journal
        if file is None:
            return no_journal
        secrets = partial(self.secrets_of, props)
        return ComponentJournal(
            self.host.journals.at(file),
            self.host.log.warn,
            component_urn(props),
            get_str(props, "request", "id"),
            secrets,
        )

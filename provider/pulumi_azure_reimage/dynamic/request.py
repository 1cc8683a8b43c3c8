"""ReimageRequest's provider: it looks at the VM and decides. Nothing is sent or announced here.

The engine saves the decision, with the look, before ReimageOperation sends. So a run that is killed in
between leaves a record of what it may have sent.

| | |
|---|---|
| keeps | the request: id, kind, causes, host, look and predecessor; the values that it was decided for |
| also keeps | a refusal, which does not change what later changes are compared with |
| has changes | if triggers or `exact_version` are not those it was decided for, or the last was a refusal |
| is replaced | if `vm_id` names another VM |
| then | decides, and sends nothing |

The state keys are state format, which is frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..arm.client import ReadError
from ..errors import ConfigurationError, RefusedError, RequestRejectedError
from ..inputs.changes import CREATED, causes, stored
from ..inputs.unknown import Unknown
from ..inputs.validation import check
from ..json_reading import get_list
from ..redact import redact
from ..reimage.begin import request_baseline, request_reimage, with_forecast
from ..reimage.request import Request
from ..reimage.troubleshooting import explain_read
from .one_line_errors import OneLineErrors
from .properties import (
    HOOKS,
    OURS,
    PROVIDER_KEY,
    SPELLING,
    Properties,
    child_urn,
    component_urn,
    heeded,
    own,
    translate_unknowns,
    vm_id_of,
    vm_key,
)
from .session_provider import SessionProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..inputs.parameters import Cause, ReimageInputs

_READ_SECONDS = 60.0

_MADE_FOR = ("vm_id", "triggers", "exact_version", "component_urn", SPELLING)
_OUTPUTS = ("request",)
_ON_CREATION = "reimage_on_create"
_NOT_EXCLUDED = (
    "This component is excluded by --exclude, and Pulumi would still create its children, which "
    "reimages the VM because reimage_on_create is set. Add --exclude-dependents. Nothing was sent."
)


class ReimageRequestProvider(SessionProvider):
    """Decides."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuse bad inputs before anything is sent."""
        self.host.callers.note(news)
        with OneLineErrors():
            self.session.require_configuration()
        props = own(translate_unknowns(news))
        refused = [error.message for error in check(props, self.session.environ, also_allowed=OURS)]
        if not refused:
            with self.errors(news):
                self.note_check(news)
                inputs = self.inputs_of(news)
                refused = self._claim(news, inputs)
                self._report(_olds, props, inputs)
        urn = component_urn(news)
        self.host.fleet.join(urn, child_urn(urn, "ReimageRequest"))
        if not _olds:
            self.host.created.add(urn)
            if props.get(_ON_CREATION) and self.is_excluded(news):
                refused.append(_NOT_EXCLUDED)
            elif props.get(_ON_CREATION) and not refused:
                self.host.fleet.expect(urn)
        failures = [self.failure(news, reason) for reason in refused]
        return CheckResult(news, [*self.refuse_other_version(), *failures])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Return whether there is something to decide."""
        with self.errors(_news):
            if self.follows_read(_news):
                return DiffResult(changes=False)
            inputs = self.inputs_of(_news)
            if self.is_excluded(_news):
                self._report_exclusion(_olds, _news)
                return DiffResult(changes=False)
            if not isinstance(inputs.vm_id, Unknown) and inputs.vm_id.key != vm_id_of(_olds).key:
                return DiffResult(changes=True, replaces=["vm_id"])
            last, found = Request.from_state(_olds.get("request")), self._causes(_olds, _news)
            if found:
                self.host.due[component_urn(_news)] = found
                self.host.decided[component_urn(_news)] = last
                self.host.fleet.expect(component_urn(_news))
            return DiffResult(changes=bool(found) or last.refusal is not None)

    def create(self, props: Properties) -> CreateResult:
        """Record the baseline, or decide on a reimage if `reimage_on_create` is set.

        A new resource cannot be distinguished from one that the user replaces (`--replace`). So guards and
        preflight are left to ReimageOperation, which knows which it is and sends nothing for a replacement.
        """
        with self.errors(props):
            self.session.begin_update(self.host.run)
            inputs = self.inputs_of(props)
            context = self.context_of(props, inputs.timeout)
            if inputs.reimage_on_create:
                desired = inputs.desired((CREATED,))
                request = self._count(props, lambda: request_reimage(context, desired, None))
                if "before_create" in get_list(props, HOOKS):
                    request = with_forecast(context, desired, request)
            else:
                request = request_baseline(context, inputs.parameters.exact_version)
            return CreateResult(str(context.vm_id), _state(props, request))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Decide what `diff` announced. A refusal is an outcome: an error would stop other machines."""
        with self.errors(_news):
            self.session.begin_update(self.host.run)
            news = heeded(_olds, _news)
            inputs = self.inputs_of(news)
            last = Request.from_state(_olds.get("request"))
            found = causes(_olds, inputs)
            if not found:
                return UpdateResult({**own(_olds), "request": last.restored().to_state()})
            context = self.context_of(_news, inputs.timeout)
            try:
                request = self._count(_news, lambda: request_reimage(context, inputs.desired(found), last))
            except (RefusedError, RequestRejectedError, ConfigurationError) as error:
                refused = last.refused(redact(str(error), self.secrets_of(_news)))
                return UpdateResult({**own(_olds), "request": refused.to_state()})
            return UpdateResult(_state(news, request))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Look at the VM and report if it is a different one. State stays: it says what was decided."""
        with self.errors(props):
            self.note_read(props)
            context = self.context_of(props, _READ_SECONDS)
            try:
                vm = context.read()
            except (ReadError, ConfigurationError) as error:
                said = explain_read(error) if isinstance(error, ReadError) else error
                context.warn(
                    f"VM {context.name} could not be read, so what was known about it is kept: {said}"
                )
            else:
                known = Request.from_state(props.get("request")).look.disk
                if vm.disk.vm_unique_id != known.vm_unique_id:
                    context.warn(
                        f"VM {context.name} was created again since its last baseline. The next change of a "
                        f"trigger reimages it, unless it was created in the same run."
                    )
            return ReadResult(id_, own(props))

    def delete(self, _id: str, _props: Properties) -> None:
        """Forget the request. Nothing is sent, and the VM stays as it is."""

    def _causes(self, olds: Properties, news: Properties) -> tuple[Cause, ...]:
        """Return why a reimage is due, without what `ignore_changes` names."""
        return causes(olds, self.inputs_of(heeded(olds, news)))

    def _claim(self, news: Properties, inputs: ReimageInputs) -> list[str]:
        """Return why this component cannot have the VM: another component of the program already has it.

        Each of the two would take the other's reimage for that of another client, and one change of a shared
        trigger would wipe the disk twice.
        """
        if isinstance(inputs.vm_id, Unknown):
            return []
        mine = component_urn(news)
        owner = self.host.machines.setdefault(inputs.vm_id.key, mine)
        if owner == mine:
            return []
        refusal = (
            f"VM {inputs.vm_id.name} ({inputs.vm_id}) is already reimaged by {owner}, so a second "
            f"VirtualMachineReimage of the same VM is refused. Remove one of them, or correct its vm_id. "
            f"Nothing was sent for this one."
        )
        return [refusal]

    def _count(self, props: Properties, decide: Callable[[], Request]) -> Request:
        """Decide, and count the VM if this run reimages it."""
        sends = False
        try:
            request = decide()
            sends = request.kind == "Reimage"
            return request
        finally:
            self.host.fleet.decide(component_urn(props), sends=sends)

    def _report_exclusion(self, olds: Properties, news: Properties) -> None:
        found = self._causes(olds, news)
        if found:
            self.row(news).warn(
                f"This component is excluded by --exclude, so nothing is done for it: "
                f"{', '.join(map(str, found))}. The next `pulumi up` that includes it does that."
            )

    def _report(self, olds: Properties, news: Properties, inputs: ReimageInputs) -> None:
        """Report inputs that have no effect now: a change that waits or is ignored, or an unknown cause."""
        row = self.row(news)
        waiting = _stored(olds, news, inputs)
        found = self._causes(olds, news) if olds else ()
        ignored = [str(cause) for cause in causes(olds, inputs) if cause.certain and cause not in found]
        if ignored and olds:
            row.inform(
                f"{', '.join(ignored)}. That is ignored, because ignore_changes names it: no reimage is "
                f"requested for it until ignore_changes no longer names it."
            )
        if _ON_CREATION in waiting:
            row.inform(
                f"{_ON_CREATION} changed. It takes effect only when this resource is created or replaced."
            )
        waiting = tuple(name for name in waiting if name != _ON_CREATION)
        if waiting and not found:
            row.inform(
                f"{', '.join(waiting)} changed. The new value is stored for the next reimage and does not "
                f"trigger one."
            )
        for name in inputs.unmatched_causes:
            row.warn(f"allowed_causes names {redact(name)}, but no trigger has that key.")


def _stored(olds: Properties, news: Properties, inputs: ReimageInputs) -> tuple[str, ...]:
    """Return the inputs that changed and wait, unless the resource is new or is replaced for another VM.

    In those cases they apply at once. If a preview does not know the VM yet, the update reports them.
    """
    if not olds or isinstance(inputs.vm_id, Unknown) or inputs.vm_id.key != vm_key(olds):
        return ()
    return stored(olds, news, OURS | {PROVIDER_KEY, *_OUTPUTS})


def _state(news: Properties, request: Request) -> Properties:
    """Return the outputs: the values that the request was decided for, and the request. None is secret."""
    made_for = {key: news[key] for key in _MADE_FOR if news.get(key) is not None}
    return {**made_for, "request": request.to_state()}

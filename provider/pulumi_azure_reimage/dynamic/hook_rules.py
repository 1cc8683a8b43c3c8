"""When the hooks of a component run, by what a step of its children is about to do or has done.

The engine runs a hook for every step of a resource, and most of our steps send nothing. The program calls
these rules with what the engine passes to a hook. They use the same pure decisions as the providers, so a
machine is drained if a request may be sent for it, and not for a baseline, a refusal or a stored input.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, assert_never

from ..errors import ReimageError
from ..inputs.changes import failed
from ..inputs.parameters import parse_inputs
from ..inputs.unknown import UNKNOWN, has_unknown
from ..json_reading import get_list, get_str
from ..reimage.decide import Nothing, RecordOnly, Resolve, SendFresh, Today, Withdraw, decide_send
from ..reimage.operation import Operation
from ..reimage.preflight_rules import apply_guards
from ..reimage.repeat import Failure, GiveUp, LookAgain, ResumeRepeat, SendAgain, decide_repeat
from ..reimage.request import Decided, Request
from .engine_errors import KeepingError, PendingError
from .properties import HOOKS, Properties, own, translate_unknowns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..inputs.parameters import DesiredReimage, ReimageInputs


def may_send(inputs: Properties, olds: Properties | None, decided: Collection[str] = ()) -> bool:
    """Return whether the next step of ReimageOperation may send a request, as far as that is known before.

    Args:
        inputs: Its new inputs.
        olds: Its old outputs; None when it is created.
        decided: The ids of the first requests that this run has decided, whose forecast still holds.

    Raises:
        UnreadableStateError: state is not what this version wrote, so nothing will be sent.
    """
    news = translate_unknowns(own(inputs))
    asked = _asked(news)
    last = None if olds is None else Operation.from_state(olds.get("operation"))
    if has_unknown(news.get("request")):
        return _may_be_due(asked, is_new=last is None)
    request = Request.from_state(news.get("request"))
    # Whether something may have been sent before makes no difference here.
    today = Today(wants_creation=asked.reimage_on_create)
    match decide_send(request, last, today, is_fresh=True):
        case Nothing() | RecordOnly():
            return False
        case SendFresh() | Resolve() | Withdraw():
            is_refused = request.forecast is not None and request.id in decided
            return not is_refused and not _is_forbidden(asked.desired(request.causes))
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def may_repeat(inputs: Properties, olds: Properties) -> bool:
    """Return whether the next update of ReimageResult may send a request that failed again.

    Args:
        inputs: Its new inputs.
        olds: Its old outputs.

    Raises:
        UnreadableStateError: state is not what this version wrote, so nothing will be sent.
    """
    news, state = translate_unknowns(own(inputs)), olds.get("failure")
    if state is None or has_unknown(news.get("request")) or has_unknown(news.get("operation")):
        return False
    failure, request = Failure.from_state(state), Decided.from_state(news.get("request"))
    operation = Operation.from_state(news.get("operation"))
    stops = operation.in_doubt or operation.holds(request.id) or operation.record.key != olds.get("key")
    if stops or request.refusal is not None or request.current is not None:
        return False
    match decide_repeat(failure):
        case SendAgain():
            return not _is_forbidden(_asked(news).desired((failed("Failed", failure.text),)))
        case LookAgain() | GiveUp() | ResumeRepeat():
            return False
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def has_reimaged(inputs: Properties, outputs: Properties, olds: Properties | None) -> bool:
    """Return whether a step of ReimageResult has found, or in a preview may find, that a reimage ended well.

    Args:
        inputs: Its new inputs.
        outputs: Its new outputs.
        olds: Its old outputs; None when it is created.
    """
    news = translate_unknowns(own(inputs))
    if has_unknown(news.get("request")) or has_unknown(news.get("operation")):
        return _may_be_due(_asked(news), is_new=olds is None)
    if get_str(outputs, "result", "status") != "Succeeded":
        return False
    return olds is None or olds.get("key") != outputs.get("key") or olds.get("failure") is not None


@contextmanager
def hooks_in_errors(inputs: Properties) -> Iterator[None]:
    """Add to each error that the after hooks have not run, because a drained machine stays drained.

    Args:
        inputs: The inputs of ReimageResult.
    """
    try:
        yield
    except (KeepingError, PendingError) as error:
        error.error.message += describe_hooks(inputs)
        raise
    except ReimageError as error:
        error.message += describe_hooks(inputs)
        raise


def describe_hooks(inputs: Properties) -> str:
    """Return, as sentences to append, what is left of the hooks if no reimage has ended well."""
    names = [name for name in get_list(inputs, HOOKS) if isinstance(name, str)]
    after = any(name.startswith("after_") for name in names)
    before = any(name.startswith("before_") for name in names)
    return (" Its after hooks have not run." if after else "") + (
        " If its before hooks have run, what they did is still in effect." if before else ""
    )


def _asked(news: Properties) -> ReimageInputs:
    # Neither the VM nor the parameters make a difference here.
    return parse_inputs({**news, "vm_id": UNKNOWN, "os_profile": None}, {})


def _may_be_due(asked: ReimageInputs, *, is_new: bool) -> bool:
    """Return whether a reimage may be due in a preview that does not know the request yet."""
    return (not is_new or asked.reimage_on_create) and not _is_forbidden(asked.desired(()))


def _is_forbidden(desired: DesiredReimage) -> bool:
    """Return whether the guards of the program refuse it. They may have been set since it was decided."""
    return any(finding.is_error for finding in apply_guards(desired))

"""The inputs: their names, and the rules that `check` applies to them.

Rule 1: a refusal says what is wrong and what is required, and quotes no value of `os_profile` or `triggers`.
Rule 2: what a preview does not know yet passes, and so does `None`, which is the same as absent.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from ..arm.resource_id import VirtualMachineId
from ..errors import InvalidInputError
from ..redact import redact
from .accidents import find_accidents
from .given import describe, kind
from .os_profile import check_os_profile
from .parameters import CREATE, EXACT_VERSION, EXACT_VERSION_OF_OTHERS, FAILED, TRIGGER_FILES, TRIGGERS
from .timeout import parse_timeout
from .triggers import canonical
from .unknown import UNKNOWN, drop_unknown, has_unknown

if TYPE_CHECKING:
    from collections.abc import Collection

_EXACT_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
# A cause that has the name of an input is accepted as Python and as the other languages write it.
_ALLOWED = re.compile(
    rf"{TRIGGERS}|{TRIGGERS}\..+|{EXACT_VERSION}|{EXACT_VERSION_OF_OTHERS}|{CREATE}|{FAILED}", re.DOTALL
)
_SHOWN = 100

Rule = Callable[[object], Iterator[str]]


def check(
    props: Mapping[str, object], environ: Mapping[str, str], *, also_allowed: Collection[str] = frozenset()
) -> list[InvalidInputError]:
    """Return one error for every rule that the inputs break.

    Each error names a top-level input, and Pulumi prints the value of the named input. An input that does not
    exist is therefore named only in the sentence (`input_name` is empty), because it may be a misspelled
    `os_profile`.

    Args:
        props: The inputs, as Pulumi sends them.
        environ: The environment variables of the process that runs Pulumi.
        also_allowed: Names that the layer above uses for itself.
    """
    given = {name: value for name, value in props.items() if value is not None}
    strangers = sorted(given.keys() - set(NAMES) - set(also_allowed))
    errors = [InvalidInputError("", _no_such_input(name)) for name in strangers]
    if "vm_id" not in given:
        errors.append(
            InvalidInputError("vm_id", "vm_id is required: the resource id of the VM, such as vm.id.")
        )
    check_profile = partial(check_os_profile, environ=environ, any_password=given.get("preflight") == "warn")
    rules: dict[str, Rule] = {**_RULES, "os_profile": check_profile}
    known = drop_unknown(given)
    for name, rule in rules.items():
        if name in known:
            accidents = list(find_accidents(name, known[name]))
            errors += [InvalidInputError(name, sentence) for sentence in accidents or rule(known[name])]
    if given.get("skip_if_current") is True and EXACT_VERSION not in given:
        errors.append(
            InvalidInputError(
                "skip_if_current",
                "skip_if_current requires exact_version, because it compares the VM's version with it; set "
                "exact_version, or leave skip_if_current out.",
            )
        )
    return errors


def _no_such_input(name: str) -> str:
    close = difflib.get_close_matches(name, NAMES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the inputs are {', '.join(NAMES)}."
    return f"{redact(repr(name), limit=_SHOWN)} is not an input; {hint}"


# The rules. Each yields a sentence for what is wrong.


def _check_vm_id(value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"vm_id is {describe(value)}, and must be the resource id of the VM as a string, such as vm.id."
        return
    try:
        VirtualMachineId.parse(value)
    except InvalidInputError as error:
        yield error.message


def _check_triggers(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"triggers is {kind(value)}, and must be a mapping, such as {{'image': image_version}}."
        return
    for key, trigger in value.items():
        if not isinstance(key, str):
            yield f"triggers has a key that is {describe(key)}, and must be a string."
        elif not has_unknown(trigger):
            try:
                canonical(trigger, key=key)
            except InvalidInputError as error:
                yield error.message


def _check_exact_version(value: object) -> Iterator[str]:
    if isinstance(value, str) and _EXACT_VERSION.fullmatch(value):
        return
    yield (
        f"exact_version is {describe(value)}{_mistake(value)}. It must be a string of digits and dots, "
        f"such as '20.04.202411'; leave it out to keep the version that the disk has."
    )


def _mistake(value: object) -> str:
    """Return what is wrong with a version, if that is known, as the end of a sentence."""
    match value:
        case bool():
            return ""
        case int() | float():
            return ": write it as a string, because a number keeps neither its zeros nor a second dot"
        case str() if _EXACT_VERSION.fullmatch(value.strip()):
            return ", with white space around it"
        case _:
            return ""


def _check_timeout(value: object) -> Iterator[str]:
    try:
        parse_timeout(value)
    except InvalidInputError as error:
        yield error.message


def _check_switch(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{name} is {describe(value)}, and must be true or false, without quotes."


def _check_delete_option(value: object) -> Iterator[str]:
    if value not in ("Detach", "Delete"):
        yield (
            f"require_delete_option is {describe(value)}, and must be 'Detach' or 'Delete', the value that "
            f"the VM's deleteOption must have."
        )


def _check_preflight(value: object) -> Iterator[str]:
    if value not in ("enforce", "warn"):
        yield (
            f"preflight is {describe(value)}, and must be 'enforce', with which a rule "
            f"about Azure refuses a reimage, or 'warn', with which it only warns."
        )


def _check_allowed_causes(value: object) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield (
            f"allowed_causes is {describe(value)}, and must be a list of causes, such as ['triggers.image', "
            f"'exact_version']."
        )
        return
    for cause in value:
        if cause is not UNKNOWN and (not isinstance(cause, str) or not _ALLOWED.fullmatch(cause)):
            yield (
                f"allowed_causes has {describe(cause)}, which is not a cause of a reimage; "
                f"the causes are {TRIGGERS}, {TRIGGERS}.<key>, {EXACT_VERSION}, {CREATE} and {FAILED}."
            )


_RULES: Final[Mapping[str, Rule]] = {
    "vm_id": _check_vm_id,
    "triggers": _check_triggers,
    "exact_version": _check_exact_version,
    "temp_disk": partial(_check_switch, "temp_disk"),
    "timeout": _check_timeout,
    "reimage_on_create": partial(_check_switch, "reimage_on_create"),
    "require_delete_option": _check_delete_option,
    "allowed_causes": _check_allowed_causes,
    "prevent_reimage": partial(_check_switch, "prevent_reimage"),
    "skip_if_current": partial(_check_switch, "skip_if_current"),
    "preflight": _check_preflight,
}

NAMES: Final = (*list(_RULES)[:2], TRIGGER_FILES, *list(_RULES)[2:4], "os_profile", *list(_RULES)[4:])
"""Every input, in the order of the documentation. The component converts `trigger_files` to triggers."""

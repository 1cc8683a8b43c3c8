"""The inputs: their names, the rules that `check` applies to them, and the request body they become.

Rule 1: a refusal says what is wrong and what is right, and quotes no value of `os_profile` or `triggers`.
Rule 2: what a preview does not know yet passes, and so does `None`, which is the same as absent.
Rule 3: a parameter that the program does not set is not sent.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from ..arm.resource_id import VirtualMachineId
from ..errors import InvalidInputError
from ..redact import redact
from .os_profile import arm_os_profile, check_os_profile, secrets_in
from .parameters import CREATE, EXACT_VERSION, FAILED, TRIGGERS, Guards, Order
from .triggers import canonical

if TYPE_CHECKING:
    from collections.abc import Collection

    from .parameters import Cause, DeleteOption

DEFAULT_TIMEOUT: Final = 3600.0
"""Seconds. Azure stops provisioning after 40 minutes; the rest is for its queue and for the disk."""

# snake_case -> the name in the body of ARM's request, or None for what ARM never sees.
ARM_NAMES: Final[Mapping[str, str | None]] = {
    "vm_id": None,
    "triggers": None,
    "exact_version": "exactVersion",
    "temp_disk": "tempDisk",
    "os_profile": "osProfile",
    "timeout": None,
    "reimage_on_create": None,
    "require_delete_option": None,
    "allowed_causes": None,
    "prevent_reimage": None,
    "skip_if_current": None,
}

_EXACT_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
# The durations of Go, as in Pulumi's own customTimeouts, without units below a second.
_DURATION = re.compile(rf"(?=[0-9])(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?")
_LARGEST = 1e300
_DELETE_OPTIONS: Final[Mapping[object, DeleteOption]] = {"Detach": "Detach", "Delete": "Delete"}
_ALLOWED = re.compile(rf"{TRIGGERS}|{TRIGGERS}\..+|{EXACT_VERSION}|{CREATE}|{FAILED}", re.DOTALL)
_SHOWN = 100

IsUnknown = Callable[[object], bool]
Rule = Callable[[object, IsUnknown], Iterator[str]]


def check(
    news: Mapping[str, object],
    *,
    is_unknown: IsUnknown,
    environ: Mapping[str, str],
    also_allowed: Collection[str] = frozenset(),
) -> list[InvalidInputError]:
    """Return one error for every rule that the inputs break.

    Each error names a top-level input, and Pulumi prints the value of the input that is named. An input that
    does not exist is therefore named in the sentence only (`input_name` is empty): it may be a misspelled
    `os_profile`.

    Args:
        news: The inputs, as Pulumi sends them.
        is_unknown: Says whether a value is one that a preview does not know yet.
        environ: The environment variables of the process that runs Pulumi.
        also_allowed: Names that the layer above uses for itself.
    """
    given = _given(news)
    unknown_names = sorted(given.keys() - ARM_NAMES.keys() - set(also_allowed))
    errors = [InvalidInputError("", _no_such_input(name)) for name in unknown_names]
    if "vm_id" not in given:
        errors.append(
            InvalidInputError("vm_id", "vm_id is required: the resource id of the VM, such as vm.id.")
        )
    rules: dict[str, Rule] = {**_RULES, "os_profile": partial(check_os_profile, environ=environ)}
    for name, rule in rules.items():
        value = given.get(name)
        # The rules of mappings look at each value inside: one that is unknown does not hide the others.
        if isinstance(value, Mapping) or not (value is None or is_unknown(value)):
            errors += [InvalidInputError(name, sentence) for sentence in rule(value, is_unknown)]
    return errors


def parse_timeout(value: object) -> float:
    """Return the timeout in seconds; `None` gives `DEFAULT_TIMEOUT`.

    Raises:
        InvalidInputError: It is neither a positive number nor a text such as `90s`, `45m`, `2h` or `1h30m`.
    """
    seconds = math.nan
    match value:
        case None:
            return DEFAULT_TIMEOUT
        case bool():
            pass
        case int() | float() if abs(value) < _LARGEST:
            seconds = float(value)
        case str() if parts := _DURATION.fullmatch(value):
            hours, minutes, rest = (float(part or 0) for part in parts.groups())
            seconds = hours * 3600 + minutes * 60 + rest
        case _:
            pass
    if not (math.isfinite(seconds) and seconds > 0):
        raise InvalidInputError(
            "timeout",
            "timeout must be a positive number of seconds, or a text such as '90s', '45m' or '1h30m'.",
        )
    return seconds


def order(
    news: Mapping[str, object],
    causes: tuple[Cause, ...],
    environ: Mapping[str, str],
    is_unknown: IsUnknown = lambda _: False,
) -> Order:
    """Return the reimage that the inputs ask for.

    Args:
        news: Inputs that passed `check`. What a preview does not know yet is left out.
        causes: What asks for it.
        environ: The environment variables of the process that runs Pulumi.
        is_unknown: Says whether a value is one that a preview does not know yet.

    Raises:
        InvalidInputError: What `os_profile` names can no longer be read.
    """
    known = _known(news, is_unknown)
    profile = known.get("os_profile")
    if isinstance(profile, Mapping):
        known["os_profile"] = _known(profile, is_unknown)
    allowed = known.get("allowed_causes")
    return Order(
        causes,
        request_body(known, environ),
        Guards(
            require_delete_option=_DELETE_OPTIONS.get(known.get("require_delete_option")),
            allowed_causes=frozenset(map(str, allowed)) if isinstance(allowed, list | tuple) else None,
            prevent_reimage=known.get("prevent_reimage") is True,
            skip_if_current=known.get("skip_if_current") is True,
        ),
    )


def request_body(news: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, object] | None:
    """Return the body of the reimage request, or `None` when no parameter is set.

    Args:
        news: Inputs that passed `check`, all known.
        environ: The environment variables of the process that runs Pulumi.

    Raises:
        InvalidInputError: The file of `custom_data_file` can no longer be read, or the variable of
            `admin_password_env` is no longer set.
    """
    body: dict[str, object] = {}
    for name, value in _given(news).items():
        if arm_name := ARM_NAMES.get(name):
            body[arm_name] = arm_os_profile(value, environ) if isinstance(value, Mapping) else value
    if not body.get("osProfile"):
        body.pop("osProfile", None)
    return body or None


def secrets_of(news: Mapping[str, object], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secret texts in the inputs, for `redact`; the inputs need not have passed `check`."""
    return secrets_in(news.get("os_profile"), environ)


def _given(news: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in news.items() if value is not None}


def _known(values: Mapping[str, object], is_unknown: IsUnknown) -> dict[str, object]:
    # A mapping may hold one unknown value among known ones.
    return {
        name: value for name, value in values.items() if isinstance(value, Mapping) or not is_unknown(value)
    }


def _holds_unknown(value: object, is_unknown: IsUnknown) -> bool:
    if is_unknown(value):
        return True
    inside = (
        value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    )
    return any(_holds_unknown(item, is_unknown) for item in inside)


def _no_such_input(name: str) -> str:
    close = difflib.get_close_matches(name, ARM_NAMES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the inputs are {', '.join(ARM_NAMES)}."
    return f"{redact(name, limit=_SHOWN)!r} is not an input; {hint}"


# The rules: each yields a sentence for what is wrong.


def _check_vm_id(value: object, _: IsUnknown) -> Iterator[str]:
    try:
        VirtualMachineId.parse(value)
    except InvalidInputError as error:
        yield error.message


def _check_triggers(value: object, is_unknown: IsUnknown) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield "triggers must be a mapping, such as {'image': image_version}."
        return
    for key, trigger in value.items():
        if not isinstance(key, str):
            yield "triggers has a key that is not text."
        elif not _holds_unknown(trigger, is_unknown):
            try:
                canonical(trigger, key=key)
            except InvalidInputError as error:
                yield error.message


def _check_exact_version(value: object, _: IsUnknown) -> Iterator[str]:
    if not isinstance(value, str) or not _EXACT_VERSION.fullmatch(value):
        shown = redact(str(value), limit=_SHOWN)
        yield (
            f"exact_version {shown!r} must be a text of digits and dots, such as '20.04.202411'; "
            "leave it out to keep the version that the disk has."
        )


def _check_timeout(value: object, _: IsUnknown) -> Iterator[str]:
    try:
        parse_timeout(value)
    except InvalidInputError as error:
        yield error.message


def _check_switch(name: str, value: object, _: IsUnknown) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{name} must be true or false."


def _check_delete_option(value: object, _: IsUnknown) -> Iterator[str]:
    if not isinstance(value, str) or value not in _DELETE_OPTIONS:
        yield "require_delete_option must be 'Detach' or 'Delete', which is what the VM's deleteOption has to be."


def _check_allowed_causes(value: object, is_unknown: IsUnknown) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield "allowed_causes must be a list of causes, such as ['triggers.image', 'exact_version']."
        return
    for cause in value:
        if not is_unknown(cause) and (not isinstance(cause, str) or not _ALLOWED.fullmatch(cause)):
            yield (
                f"allowed_causes has {redact(str(cause), limit=_SHOWN)!r}, which is no cause of a reimage; they are "
                f"{TRIGGERS}, {TRIGGERS}.<key>, {EXACT_VERSION}, {CREATE} and {FAILED}."
            )


_RULES: Final[Mapping[str, Rule]] = {
    "vm_id": _check_vm_id,
    "triggers": _check_triggers,
    "exact_version": _check_exact_version,
    "temp_disk": partial(_check_switch, "temp_disk"),
    "timeout": _check_timeout,
    "reimage_on_create": partial(_check_switch, "reimage_on_create"),
    "prevent_reimage": partial(_check_switch, "prevent_reimage"),
    "skip_if_current": partial(_check_switch, "skip_if_current"),
    "require_delete_option": _check_delete_option,
    "allowed_causes": _check_allowed_causes,
}

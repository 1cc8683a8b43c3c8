"""The input `os_profile`: what the machine is provisioned with after its disk was rebuilt.

Rule 1: no sentence here quotes anything of it, not even the name of a file or of an unknown field.
Rule 2: these rules are a guard and wider than Azure's where the OS decides, because the OS is not known here.
"""

from __future__ import annotations

import base64
import difflib
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARM_NAMES: Final[Mapping[str, str]] = {
    "admin_password": "adminPassword",
    # The variable holds the password; state never does.
    "admin_password_env": "adminPassword",
    "custom_data": "customData",
    # The file holds the plain content; ARM gets it encoded.
    "custom_data_file": "customData",
}

# The limits: learn.microsoft.com/rest/api/compute/virtual-machines/reimage?view=rest-compute-2024-07-01
PASSWORD_LENGTHS: Final[Mapping[str, range]] = {"linux": range(6, 73), "windows": range(8, 124)}
_SHORTEST = min(lengths.start for lengths in PASSWORD_LENGTHS.values())
_LONGEST = max(lengths.stop for lengths in PASSWORD_LENGTHS.values()) - 1
_PASSWORD_CLASSES = 3
_DISALLOWED_PASSWORDS = frozenset(
    {
        "abc@123",
        "P@$$w0rd",
        "P@ssw0rd",
        "P@ssword123",
        "Pa$$word",
        "pass@word1",
        "Password!",
        "Password1",
        "Password22",
        "iloveyou!",
    }
)
_CUSTOM_DATA_LIMIT = 65_535
_NOT_SET = "names an environment variable that is not set where Pulumi runs"


def check_os_profile(
    value: object, is_unknown: Callable[[object], bool], environ: Mapping[str, str]
) -> Iterator[str]:
    """Yield one sentence for every rule that `os_profile` breaks.

    Args:
        value: The whole input.
        is_unknown: Says whether a field is one that a preview does not know yet.
        environ: The environment variables of the process that runs Pulumi.
    """
    if not isinstance(value, Mapping):
        yield f"os_profile must be a mapping with the fields {', '.join(ARM_NAMES)}."
        return
    given = {name: field for name, field in value.items() if field is not None}
    for name in sorted(map(str, given.keys() - ARM_NAMES.keys())):
        close = difflib.get_close_matches(name, ARM_NAMES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"its fields are {', '.join(ARM_NAMES)}."
        yield f"os_profile has a field that does not exist; {hint}"
    known = {name: field for name, field in given.items() if not is_unknown(field)}
    for one, other in (("custom_data", "custom_data_file"), ("admin_password", "admin_password_env")):
        if one in known and other in known:
            yield f"os_profile has both {one} and {other}; give one of them."
    for name, rule in _RULES.items():
        if name in known and (reason := rule(known[name], environ)):
            yield f"os_profile.{name} {reason}."


def arm_os_profile(value: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, object]:
    """Return `os_profile` as ARM spells it; empty when no field is set.

    Args:
        value: An `os_profile` that passed its check.
        environ: The environment variables of the process that runs Pulumi.

    Raises:
        InvalidInputError: The file of `custom_data_file` can no longer be read, or the variable of
            `admin_password_env` is no longer set.
    """
    body = {ARM_NAMES[name]: field for name, field in value.items() if field is not None}
    if path := value.get("custom_data_file"):
        try:
            body["customData"] = base64.b64encode(_read(str(path))).decode()
        except _UnusableFileError as error:
            reason = f"os_profile.custom_data_file {error}."
            raise InvalidInputError("os_profile", reason) from None
    if name := value.get("admin_password_env"):
        if str(name) not in environ:
            raise InvalidInputError("os_profile", f"os_profile.admin_password_env {_NOT_SET}.")
        body["adminPassword"] = environ[str(name)]
    return body


def secrets_in(value: object, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return every text of `os_profile` that must not be shown; it need not have passed its check."""
    fields = value if isinstance(value, Mapping) else {}
    passwords = [fields.get("admin_password"), environ.get(str(fields.get("admin_password_env")))]
    encoded = [fields.get("custom_data")]
    # What cannot be read was never sent.
    with suppress(_UnusableFileError):
        encoded.append(base64.b64encode(_read(str(fields.get("custom_data_file")))).decode())
    texts = [text for text in (*passwords, *encoded) if isinstance(text, str)]
    plain = [_decoded(text) for text in encoded if isinstance(text, str)]
    return (*texts, *(content.decode("utf-8", "ignore") for content in plain if content))


class _UnusableFileError(Exception):
    """Why a file cannot be sent, as the end of a sentence."""


def _wrong_password(value: object, _: Mapping[str, str]) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    if not _SHORTEST <= len(value) <= _LONGEST:
        return (
            f"must have {_SHORTEST} to {_LONGEST} characters "
            "(Azure allows 6 to 72 on Linux and 8 to 123 on Windows)"
        )
    classes = (
        any(char.islower() for char in value),
        any(char.isupper() for char in value),
        any(char.isdecimal() for char in value),
        # Azure's [\W_].
        any(not char.isalnum() for char in value),
    )
    if sum(classes) < _PASSWORD_CLASSES:
        return (
            f"must have {_PASSWORD_CLASSES} of these 4: a lower-case letter, an upper-case letter, "
            "a digit, a special character"
        )
    if value in _DISALLOWED_PASSWORDS:
        return "is one of the ten well-known passwords that Azure does not allow"
    return None


def _wrong_password_env(value: object, environ: Mapping[str, str]) -> str | None:
    if not isinstance(value, str):
        return "must be the name of an environment variable as text"
    if value not in environ:
        return _NOT_SET
    reason = _wrong_password(environ[value], environ)
    return reason and f"names an environment variable whose value {reason}"


def _wrong_custom_data(value: object, _: Mapping[str, str]) -> str | None:
    encoded_by_us = "for plain content, use custom_data_file"
    content = _decoded(value) if isinstance(value, str) else None
    if content is None:
        return f"must be base64 with padding, without line breaks; {encoded_by_us}"
    if not content:
        return "is empty; leave it out instead"
    if len(content) > _CUSTOM_DATA_LIMIT:
        return f"must decode to at most {_CUSTOM_DATA_LIMIT} bytes, and this is {len(content)}"
    return None


def _wrong_custom_data_file(value: object, _: Mapping[str, str]) -> str | None:
    if not isinstance(value, str):
        return "must be the name of a file as text"
    try:
        _read(value)
    except _UnusableFileError as error:
        return str(error)
    return None


_RULES: Final[Mapping[str, Callable[[object, Mapping[str, str]], str | None]]] = {
    "admin_password": _wrong_password,
    "admin_password_env": _wrong_password_env,
    "custom_data": _wrong_custom_data,
    "custom_data_file": _wrong_custom_data_file,
}


def _read(path: str) -> bytes:
    try:
        file = Path(path)
        # A pipe would be waited for without an end.
        if not stat.S_ISREG(file.stat().st_mode):
            raise _UnusableFileError("must name a regular file")
        with file.open("rb") as stream:
            content = stream.read(_CUSTOM_DATA_LIMIT + 1)
    except OSError as error:
        reason = (
            f"names a file that cannot be read: {error.strerror}; a relative name starts in the program's"
        )
        raise _UnusableFileError(f"{reason} folder") from None
    except ValueError:
        raise _UnusableFileError("must not hold a null character") from None
    if not content:
        raise _UnusableFileError("names an empty file; leave it out instead")
    if len(content) > _CUSTOM_DATA_LIMIT:
        raise _UnusableFileError(f"must name a file of at most {_CUSTOM_DATA_LIMIT} bytes")
    return content


def _decoded(text: str) -> bytes | None:
    """Return what a canonical base64 text stands for, or `None` when it is not one."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    # Python ignores stray bits in the last character; a strict server does not.
    return content if base64.b64encode(content).decode() == text else None

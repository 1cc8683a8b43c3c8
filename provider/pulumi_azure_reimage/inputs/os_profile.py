"""The input `os_profile`: what the machine is provisioned with after its disk is rebuilt.

Rule 1: no sentence here quotes any part of it, not even the name of a file or of an unknown field.
Rule 2: where Azure's rules depend on the OS, these rules are wider, because the OS is not known here.
"""

from __future__ import annotations

import base64
import difflib
import stat
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import InvalidInputError
from ..json_reading import drop_none, get_str
from .given import kind
from .unknown import drop_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIELDS: Final = ("admin_password", "admin_password_env", "custom_data", "custom_data_file")

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


@dataclass(frozen=True, slots=True, repr=False)
class OsProfile:
    """What the machine is provisioned with. Each field is secret, and None if it is not set.

    Attributes:
        admin_password: The password, even if a variable holds it.
        missing_variable: Whether the variable that should hold the password is not set.
        custom_data: Base64.
        custom_data_file: The file with the plain content.
    """

    admin_password: str | None = None
    missing_variable: bool = False
    custom_data: str | None = None
    custom_data_file: str | None = None

    @classmethod
    def parse(cls, value: object, environ: Mapping[str, str]) -> OsProfile | None:
        """Read the input, which need not have passed its check; None if nothing known is set in it."""
        fields = {name: get_str(value, name) for name in FIELDS}
        variable = fields["admin_password_env"]
        profile = cls(
            admin_password=environ.get(variable) if variable else fields["admin_password"],
            missing_variable=variable is not None and variable not in environ,
            custom_data=fields["custom_data"],
            custom_data_file=fields["custom_data_file"],
        )
        return None if profile == cls() else profile

    def resolved(self) -> OsProfile:
        """Return it with the content of the file, ready to be sent.

        Raises:
            InvalidInputError: The file can no longer be read, or the variable is no longer set.
        """
        if self.missing_variable:
            raise InvalidInputError("os_profile", f"os_profile.admin_password_env {_NOT_SET}.")
        if self.custom_data_file is None:
            return self
        try:
            content = _read(self.custom_data_file)
        except _UnusableFileError as error:
            raise InvalidInputError("os_profile", f"os_profile.custom_data_file {error}.") from None
        encoded = base64.b64encode(content).decode()
        return replace(self, custom_data=encoded, custom_data_file=None)

    def to_arm(self) -> dict[str, object]:
        """Return it as ARM spells it. Only fields that are set are sent."""
        return drop_none({"adminPassword": self.admin_password, "customData": self.custom_data})

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text in it that must not be shown. The file is read for them, if possible."""
        encoded = [self.custom_data] if self.custom_data else []
        # A file that cannot be read was never sent.
        with suppress(_UnusableFileError):
            if self.custom_data_file:
                encoded.append(base64.b64encode(_read(self.custom_data_file)).decode())
        plain = [_decoded(text) for text in encoded]
        passwords = [self.admin_password] if self.admin_password else []
        return (*passwords, *encoded, *(text.decode("utf-8", "ignore") for text in plain if text))


def check_os_profile(
    value: object, environ: Mapping[str, str], *, any_password: bool = False
) -> Iterator[str]:
    """Yield one sentence for every rule that `os_profile` breaks.

    Args:
        value: The whole input.
        environ: The environment variables of the process that runs Pulumi.
        any_password: Whether Azure decides which passwords it accepts, as with `preflight="warn"`. A recorded
            reimage was accepted with the password "password", which breaks the documented rules
            (Azure/azure-cli, test_vm_reimage.yaml).
    """
    if not isinstance(value, Mapping):
        yield f"os_profile is {kind(value)}, and must be a mapping with the fields {', '.join(FIELDS)}."
        return
    given = {name: field for name, field in value.items() if field is not None}
    for name in sorted(map(str, given.keys() - set(FIELDS))):
        close = difflib.get_close_matches(name, FIELDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"its fields are {', '.join(FIELDS)}."
        yield f"os_profile has a field that does not exist; {hint}"
    known = drop_unknown(given)
    for one, other in (("custom_data", "custom_data_file"), ("admin_password", "admin_password_env")):
        if one in known and other in known:
            yield f"os_profile has both {one} and {other}; give one of them."
    for name, rule in _RULES.items():
        if name in known and (reason := rule(known[name], environ)):
            yield f"os_profile.{name} {reason}."
        elif name in known and not any_password and (reason := _weakness(name, known[name], environ)):
            yield f"os_profile.{name} {reason}. With preflight='warn', Azure decides about that."


class _UnusableFileError(Exception):
    """Why a file cannot be sent, as the end of a sentence."""


def _wrong_password(value: object, _: Mapping[str, str]) -> str | None:
    return None if isinstance(value, str) else f"is {kind(value)}, and must be a string"


def _weakness(name: str, value: object, environ: Mapping[str, str]) -> str | None:
    """Return which of Azure's documented rules a password breaks, or the password in a variable."""
    match name, value:
        case "admin_password", str():
            return _weak_password(value)
        case "admin_password_env", str():
            reason = _weak_password(environ[value])
            return reason and f"names an environment variable whose value {reason}"
        case _:
            return None


def _weak_password(value: str) -> str | None:
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
        return f"is {kind(value)}, and must be the name of an environment variable"
    return None if value in environ else _NOT_SET


def _wrong_custom_data(value: object, _: Mapping[str, str]) -> str | None:
    encoded_by_us = "for plain content, use custom_data_file"
    if not isinstance(value, str):
        return f"is {kind(value)}, and must be a string in base64; {encoded_by_us}"
    content = _decoded(value)
    if content is None:
        return f"must be base64 with padding, without line breaks; {encoded_by_us}"
    if not content:
        return "is empty; leave it out instead"
    if len(content) > _CUSTOM_DATA_LIMIT:
        return f"must decode to at most {_CUSTOM_DATA_LIMIT} bytes, and this is {len(content)}"
    return None


def _wrong_custom_data_file(value: object, _: Mapping[str, str]) -> str | None:
    if not isinstance(value, str):
        return f"is {kind(value)}, and must be the name of a file as a string"
    try:
        _require_usable(Path(value))
    except _UnusableFileError as error:
        return str(error)
    return None


_RULES: Final[Mapping[str, Callable[[object, Mapping[str, str]], str | None]]] = {
    "admin_password": _wrong_password,
    "admin_password_env": _wrong_password_env,
    "custom_data": _wrong_custom_data,
    "custom_data_file": _wrong_custom_data_file,
}


def _require_usable(file: Path) -> None:
    """Refuse a file that could not be sent. It is read only when it is sent."""
    with _file_errors():
        found = file.stat()
        # Reading a pipe could block forever.
        if not stat.S_ISREG(found.st_mode):
            raise _UnusableFileError("must name a regular file")
        with file.open("rb"):
            _require_size(found.st_size)


def _read(path: str) -> bytes:
    file = Path(path)
    _require_usable(file)
    with _file_errors(), file.open("rb") as stream:
        content = stream.read(_CUSTOM_DATA_LIMIT + 1)
    _require_size(len(content))
    return content


def _require_size(size: int) -> None:
    if size == 0:
        raise _UnusableFileError("names an empty file; leave it out instead")
    if size > _CUSTOM_DATA_LIMIT:
        raise _UnusableFileError(f"must name a file of at most {_CUSTOM_DATA_LIMIT} bytes")


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _UnusableFileError(
            f"names a file that cannot be read: {error.strerror}; "
            "a relative name starts in the program's folder"
        ) from None
    except ValueError:
        raise _UnusableFileError("must not hold a null character") from None


def _decoded(text: str) -> bytes | None:
    """Return the decoded bytes of a canonical base64 text, or `None` if it is not one."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    # Python ignores stray bits in the last character, but a strict server does not.
    return content if base64.b64encode(content).decode() == text else None

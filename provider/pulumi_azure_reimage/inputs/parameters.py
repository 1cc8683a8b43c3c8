"""What a program asks for: a reimage, its causes and parameters, and the guards around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..json_reading import get, get_str

if TYPE_CHECKING:
    from collections.abc import Mapping

CREATE = "create"
FAILED = "failed"
EXACT_VERSION = "exact_version"
TRIGGERS = "triggers"

DeleteOption = Literal["Detach", "Delete"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that asks for a reimage.

    Attributes:
        key: As `allowed_causes` names it: `triggers.image`, `exact_version`, `create` or `failed`.
        text: As people read it, such as `triggers.image changed`; never a value.
        certain: False if a preview does not know yet whether it has changed.
    """

    key: str
    text: str
    certain: bool = True

    def __str__(self) -> str:
        """Return the text."""
        return self.text

    def is_named_by(self, allowed: frozenset[str]) -> bool:
        """Tell whether `allowed_causes` names it; `triggers` names each trigger."""
        return self.key in allowed or (self.key.startswith(f"{TRIGGERS}.") and TRIGGERS in allowed)


@dataclass(frozen=True, slots=True)
class Guards:
    """What keeps a reimage from being sent; nothing does by default.

    Attributes:
        require_delete_option: What the VM's `deleteOption` must be.
        allowed_causes: The keys of the only causes that may reimage; None allows every cause.
        prevent_reimage: Nothing may reimage.
        skip_if_current: A VM that runs `exact_version` already is not reimaged.
    """

    require_delete_option: DeleteOption | None = None
    allowed_causes: frozenset[str] | None = None
    prevent_reimage: bool = False
    skip_if_current: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A reimage that is asked for.

    Attributes:
        causes: What asks for it, at least one.
        body: The parameters as ARM spells them; None sends no body.
        guards: What must hold before it is sent.
    """

    causes: tuple[Cause, ...]
    body: Mapping[str, object] | None = None
    guards: Guards = Guards()

    @property
    def certain(self) -> bool:
        """Tell whether at least one cause is certain."""
        return any(cause.certain for cause in self.causes)

    def doubted(self) -> Order:
        """Return the same reimage, of which nobody knows yet whether it is due."""
        return replace(self, causes=tuple(replace(cause, certain=False) for cause in self.causes))

    @property
    def repeats(self) -> bool:
        """Tell whether it only repeats one that ended badly."""
        return all(cause.key == FAILED for cause in self.causes)

    @property
    def why(self) -> str:
        """All causes in one line."""
        return ", ".join(str(cause) for cause in self.causes)

    @property
    def exact_version(self) -> str | None:
        """The image version that is asked for, if one is."""
        return get_str(self.body, "exactVersion")

    @property
    def temp_disk(self) -> bool:
        """Whether the temporary disk is to be wiped too."""
        return get(self.body, "tempDisk") is True

    @property
    def has_os_profile(self) -> bool:
        """Whether the OS is to be provisioned with something."""
        return bool(get(self.body, "osProfile"))

    @property
    def admin_password(self) -> str | None:
        """The administrator's password that is to be set, if one is; never to be shown."""
        return get_str(self.body, "osProfile", "adminPassword")

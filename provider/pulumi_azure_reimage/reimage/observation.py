"""What is known about a VM that is to be reimaged, for the rules of the preflight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arm.virtual_machine import DEFAULT_API_VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from ..arm.image import ImageVersion
    from ..arm.management_locks import Lock
    from ..arm.permissions import Permissions
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What does not exist."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known about a VM that is to be reimaged; None for what was not read.

    Attributes:
        now: When it was read.
        permissions: The roles of the identity on it.
        locks: The locks on it, its resource group and its subscription.
        version: What ARM says about `exact_version`.
        api_version: The api-version with which the reimage is requested.
    """

    vm: VirtualMachine
    desired: DesiredReimage
    now: datetime
    permissions: Permissions | Unread | None = None
    locks: tuple[Lock, ...] | Unread | None = None
    version: ImageVersion | Missing | Unread | None = None
    api_version: str = DEFAULT_API_VERSION

    @property
    def exact_version(self) -> str | None:
        """The requested version."""
        return self.desired.parameters.exact_version

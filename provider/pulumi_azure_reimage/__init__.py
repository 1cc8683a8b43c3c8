"""Reimage Azure virtual machines from a Pulumi program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import (
    ConfigurationError,
    InvalidInputError,
    OperationFailedError,
    OperationStillRunningError,
    OutcomeUnknownError,
    RefusedError,
    ReimageError,
    RequestRejectedError,
)
from .inputs.file_hash import hash_files

if TYPE_CHECKING:
    from .component import OsProfileArgs, VirtualMachineReimage, VirtualMachineReimageArgs
    from .provider import Provider, ProviderArgs
else:

    def __getattr__(name: str) -> object:
        """Load Pulumi when its first user asks for it: the simulator lives in this package too.

        Raises:
            AttributeError: There is no such name.
        """
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import component, provider  # noqa: PLC0415 - lazy, as said above.

        return getattr(provider if name.startswith("Provider") else component, name)


__all__ = [
    "ConfigurationError",
    "InvalidInputError",
    "OperationFailedError",
    "OperationStillRunningError",
    "OsProfileArgs",
    "OutcomeUnknownError",
    "Provider",
    "ProviderArgs",
    "RefusedError",
    "ReimageError",
    "RequestRejectedError",
    "VirtualMachineReimage",
    "VirtualMachineReimageArgs",
    "hash_files",
]

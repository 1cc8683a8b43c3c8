"""Reimage Azure virtual machines from a Pulumi program."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .component import OsProfileArgs, VirtualMachineReimage, VirtualMachineReimageArgs
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
    from .provider import Provider, ProviderArgs
else:
    _MODULES = {
        "hash_files": ".inputs.file_hash",
        "OsProfileArgs": ".component",
        "Provider": ".provider",
        "ProviderArgs": ".provider",
        "VirtualMachineReimage": ".component",
        "VirtualMachineReimageArgs": ".component",
    }

    def __getattr__(name: str) -> object:
        """Load a name when it is first used, because pytest imports this package at every start.

        Raises:
            AttributeError: There is no such name.
        """
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES.get(name, ".errors"), __name__), name)


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

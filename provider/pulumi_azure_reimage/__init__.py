"""Reimage Azure virtual machines from a Pulumi program."""

from .component import OsProfileArgs, VirtualMachineReimage, VirtualMachineReimageArgs
from .errors import (
    ConfigurationError,
    InvalidInputError,
    OperationFailedError,
    OperationStillRunningError,
    OutcomeUnknownError,
    ReimageError,
    RequestRejectedError,
)
from .triggers import hash_files

__all__ = [
    "ConfigurationError",
    "InvalidInputError",
    "OperationFailedError",
    "OperationStillRunningError",
    "OsProfileArgs",
    "OutcomeUnknownError",
    "ReimageError",
    "RequestRejectedError",
    "VirtualMachineReimage",
    "VirtualMachineReimageArgs",
    "hash_files",
]

"""The command `pulumi-resource-azure-reimage`, which is started by Pulumi's CLI and not by people."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADDRESS = re.compile(r"[\w.\-]+:\d+")
_WRONG_USAGE = 2
_STARTED_BY_HAND = (
    "This is the plugin that lets Pulumi programs in YAML, TypeScript, Go, C# and Java use "
    "azure-reimage:VirtualMachineReimage. Pulumi starts it automatically. To see what it offers, run "
    "`pulumi package get-schema` with the path of this file."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the component until the engine ends the process.

    Args:
        arguments: The arguments of the command, by default those of this process. The engine's address is one
            of them.

    Returns:
        The exit code.
    """
    given = sys.argv[1:] if arguments is None else arguments
    addresses = [argument for argument in given if _ADDRESS.fullmatch(argument)]
    if not addresses:
        sys.stderr.write(f"{_STARTED_BY_HAND}\n")
        return _WRONG_USAGE
    # Imported only here, because that takes a second.
    from .server import serve  # noqa: PLC0415 - see above.

    serve(addresses[0])
    return 0

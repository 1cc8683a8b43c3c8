"""The command line, which shows a simulated world, changes it, and serves it over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from ..errors import SimulatorError
from ..inventory.example import example
from ..simulator import Simulator
from .output import Output
from .parser import make_parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(arguments: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Run one command and return its exit code."""
    options = make_parser().parse_args(arguments)
    output = Output(out, options.json)
    try:
        _check_encoding(arguments)
        if options.run is None:
            output.say(example().rstrip(), {"example": example()})
            return 0
        with _open(options) as simulator:
            options.run(simulator, options, output)
    except SimulatorError as error:
        err.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _check_encoding(arguments: Sequence[str]) -> None:
    """Refuse bytes that Python could not decode, because neither the state nor an answer can hold them."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise SimulatorError(f"the argument {argument!a} is not UTF-8") from error


def _open(options: argparse.Namespace) -> Simulator:
    """Open the inventory. Only `serve` works without a state file, and then needs no inventory."""
    if options.command != "serve":
        return Simulator.open(options.inventory)
    if options.inventory is not None:
        return Simulator.open(options.inventory, in_memory=options.in_memory, seed=options.seed)
    if options.in_memory:
        return Simulator.in_memory(seed=options.seed)
    raise SimulatorError("serve needs an INVENTORY, or --in-memory")

"""The parser of the command line: every command, its arguments and its help."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..faults.calls import LEAVES
from ..faults.language import VOCABULARY
from ..inventory.example import example
from . import serving, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..simulator import Simulator
    from .output import Output

    Run = Callable[[Simulator, argparse.Namespace, Output], None]

_DESCRIPTION = """\
A simulator of Azure Resource Manager for reimages of virtual machines. Nothing in Azure is touched.

INVENTORY is a TOML (or .json) file that lists the simulated machines. The simulator only reads it; what
happens to the machines is kept next to it (machines.toml -> machines.sqlite3), where the provider, this
command and a running server all see the same world at the same time."""
_EPILOG = f"""\
an inventory, with every key:
{textwrap.indent(example(), "  ")}

try it:
  python -m pulumi_azure_reimage.simulator example > machines.toml
  python -m pulumi_azure_reimage.simulator list machines.toml
  python -m pulumi_azure_reimage.simulator serve machines.toml --port 8080
  python -m pulumi_azure_reimage.simulator log machines.toml"""
_INVENTORY = "the file of simulated machines; `example` writes one with every key"


class _Command(Protocol):
    """Adds one command to the parser."""

    def __call__(
        self, name: str, run: Run | None, summary: str, *, inventory: bool = True
    ) -> argparse.ArgumentParser:
        """Return the command's own parser."""


def make_parser() -> argparse.ArgumentParser:
    """Describe the whole command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_azure_reimage.simulator",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Run | None, summary: str, *, inventory: bool = True
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        if inventory:
            sub.add_argument("inventory", type=Path, metavar="INVENTORY", help=_INVENTORY)
        sub.add_argument("--json", action="store_true", help="write one JSON document, for programs")
        return sub

    command("example", None, "write an inventory with every key and what it means", inventory=False)
    _add_lists(command)
    _add_changes_of_machines(command)
    _add_operations(command)
    _add_script(command)
    _add_serve(command)
    _add_reset(command)
    return parser


def _add_lists(command: _Command) -> None:
    show = command("list", world.list_machines, "show the machines, what runs on them, and their OS disks")
    show.add_argument("--ids", action="store_true", help="show resource ids, which is what a program needs")
    log = command(
        "log", world.log, "show the requests that were received; passwords and custom data are masked"
    )
    log.add_argument("--name", help="only the requests that concern this machine")
    log.add_argument("--posts", action="store_true", help="only the requests for a reimage")


def _add_changes_of_machines(command: _Command) -> None:
    add = command(
        "add", world.add, "create a machine that the inventory file does not have, and print its resource id"
    )
    add.add_argument("name")
    add.add_argument(
        "settings", nargs="*", metavar="KEY=VALUE", help="a key of [[machine]], such as os_disk=Delete"
    )
    change = command(
        "change", world.change, "change settings of a machine, such as lock=ReadOnly or power=deallocated"
    )
    change.add_argument("name")
    change.add_argument(
        "settings", nargs="+", metavar="KEY=VALUE", help="a key of [[machine]]; KEY= removes it"
    )
    recreate = command(
        "recreate", world.recreate, "delete a machine and create another under its resource id"
    )
    recreate.add_argument("name")
    command("remove", world.remove, "delete a machine").add_argument("name")


def _add_operations(command: _Command) -> None:
    fail = command("fail", world.fail, "make the next reimage of a machine end badly, once")
    fail.add_argument("name")
    fail.add_argument("code", nargs="?", help="ARM's error code, such as AllocationFailed")
    fail.add_argument("message", nargs="?", help="by default the sentence that belongs to the code")
    fail.add_argument("--canceled", action="store_true", help="end it Canceled instead of Failed")
    fail.add_argument(
        "--leaves", choices=LEAVES, help="what is left of the machine (default: what belongs to the code)"
    )
    reimage = command("reimage", world.reimage, "request a reimage as a client does, or as another caller")
    reimage.add_argument("name")
    reimage.add_argument(
        "--caller",
        help="the name of another caller in the activity log; the request log leaves this request out",
    )
    reimage.add_argument("--exact-version", metavar="VERSION", help="the image version to reimage to")
    command("finish", world.finish, "end the running operation of a machine now").add_argument("name")
    seconds = command(
        "set", world.set_seconds, "set operation_seconds or activity_log_seconds for this world"
    )
    seconds.add_argument(
        "settings", nargs="+", metavar="KEY=VALUE", help="KEY= restores the inventory's value"
    )
    advance = command("advance", world.advance, "advance the clock, for all that share the state")
    advance.add_argument("seconds", type=float, metavar="SECONDS", help="a number, ten years at most")


def _add_script(command: _Command) -> None:
    script = command("script", world.script, "make faults happen, or show the pending ones")
    script.epilog = VOCABULARY
    script.formatter_class = argparse.RawDescriptionHelpFormatter
    script.add_argument("lines", nargs="*", metavar="LINE", help='such as "POST web: drop after send"')
    script.add_argument("--clear", action="store_true", help="forget the pending faults")


def _add_reset(command: _Command) -> None:
    summary = "forget everything that happened and start again from the inventory file"
    _add_seed(command("reset", world.reset, summary))


def _add_serve(command: _Command) -> None:
    serve = command("serve", serving.serve, "answer over HTTP or HTTPS until interrupted", inventory=False)
    serve.description = (
        "Answer over HTTP, or over HTTPS with a certificate, until interrupted. "
        "Under /_simulator/ there are a page and an admin API if the address is a loopback address."
    )
    serve.add_argument("inventory", type=Path, nargs="?", metavar="INVENTORY", help=_INVENTORY)
    serve.add_argument("--in-memory", action="store_true", help="keep no state file; needs no INVENTORY")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=port, default=0, help="the port to listen on (default: a free one)")
    secure = serve.add_mutually_exclusive_group()
    secure.add_argument("--tls", action="store_true", help="HTTPS, with a new certificate")
    secure.add_argument("--certificate", type=Path, help="HTTPS, with the certificate in this PEM file")
    serve.add_argument(
        "--key", type=Path, help="a PEM file with its key, if it is not in the certificate's file"
    )
    serve.add_argument(
        "--ca-file",
        type=Path,
        metavar="FILE",
        help="where --tls writes its CA's certificate (default: machines.ca.pem, next to the inventory)",
    )
    serve.add_argument(
        "--listed-api-versions",
        action="store_true",
        help='refuse API versions that are not listed, as api_versions = "listed" in the inventory does',
    )
    serve.add_argument("--access-log", action="store_true", help="write a line for each request to stderr")
    _add_seed(serve)


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=whole, help="a number that repeats names of disks, vmIds and operation ids in each run"
    )


def port(text: str) -> int:
    """Read a port.

    Raises:
        ArgumentTypeError: It is not one.
    """
    return _number(text, (1 << 16) - 1)


def whole(text: str) -> int:
    """Read a whole number that is not negative.

    Raises:
        ArgumentTypeError: It is not one.
    """
    return _number(text, (1 << 63) - 1)


def _number(text: str, largest: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= largest:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {largest}")
    return number

"""The command line: look at a simulated world, change it, and serve it over HTTP."""

from __future__ import annotations

import argparse
import textwrap
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .errors import SimulatorError
from .faults.language import VOCABULARY
from .http.server import SimulatorServer
from .inventory.example import example
from .simulator import Simulator, state_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .inventory.specification import MachineSettings

_DESCRIPTION = """\
A simulator of Azure Resource Manager for reimages of virtual machines. Nothing in Azure is touched.

INVENTORY is a TOML (or .json) file that lists the simulated machines. The simulator only reads it; what
happens to the machines is kept beside it (machines.toml -> machines.sqlite3), where the provider, this
command and a running server all see the same world at the same time."""
_EPILOG = f"""\
an inventory:
{textwrap.indent(example(), "  ")}

try it:
  python -m pulumi_azure_reimage.simulator list machines.toml
  python -m pulumi_azure_reimage.simulator serve machines.toml --port 8080
  python -m pulumi_azure_reimage.simulator log machines.toml"""


def main(arguments: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        with Simulator.open(options.inventory) as simulator:
            options.run(simulator, options, out)
    except SimulatorError as error:
        err.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_azure_reimage.simulator",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[Simulator, argparse.Namespace, TextIO], None], summary: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        sub.add_argument("inventory", type=Path, metavar="INVENTORY", help="the file of simulated machines")
        return sub

    show = command("list", _list, "show the machines and their OS disks")
    show.add_argument("--ids", action="store_true", help="show resource ids, which is what a program needs")

    add = command(
        "add", _add, "create a machine that the inventory file does not have, and print its resource id"
    )
    add.add_argument("name")
    add.add_argument(
        "settings", nargs="*", metavar="KEY=VALUE", help="a key of [[machine]], such as os_disk=Delete"
    )

    recreate = command("recreate", _recreate, "delete a machine and create another under its resource id")
    recreate.add_argument("name")

    remove = command("remove", _remove, "delete a machine")
    remove.add_argument("name")

    fail = command("fail", _fail, "make the next reimage of a machine end badly, once")
    fail.add_argument("name")
    fail.add_argument("code", help="ARM's error code, such as AllocationFailed")
    fail.add_argument("message", nargs="?", help="by default the sentence that belongs to the code")
    fail.add_argument("--canceled", action="store_true", help="end it Canceled instead of Failed")

    finish = command("finish", _finish, "end the running operation of a machine now")
    finish.add_argument("name")

    change = command(
        "change", _change, "change settings of a machine, such as lock=ReadOnly or power=deallocated"
    )
    change.add_argument("name")
    change.add_argument(
        "settings", nargs="+", metavar="KEY=VALUE", help="a key of [[machine]]; KEY= removes it"
    )

    script = command("script", _script, "make faults happen, or show those that still wait")
    script.epilog = VOCABULARY
    script.formatter_class = argparse.RawDescriptionHelpFormatter
    script.add_argument("lines", nargs="*", metavar="LINE", help='such as "POST web: drop after send"')
    script.add_argument("--clear", action="store_true", help="forget the faults that still wait")

    log = command("log", _log, "show the requests that were received; passwords and custom data are masked")
    log.add_argument("--name", help="only the requests that concern this machine")
    log.add_argument("--posts", action="store_true", help="only the requests for a reimage")

    serve = command("serve", _serve, "answer over HTTP, or over HTTPS with a certificate, until interrupted")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=port, default=0, help="the port to listen on (default: a free one)")
    serve.add_argument("--certificate", type=Path, help="a PEM file with the server's certificate")
    serve.add_argument("--key", type=Path, help="a PEM file with its key, when the certificate's has none")

    command("reset", _reset, "forget everything that happened and start again from the inventory file")
    return parser


def port(text: str) -> int:
    """Read a port.

    Raises:
        ValueError: It is none.
    """
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise ValueError(text)
    return number


def _list(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    machines = simulator.machines()
    if options.ids:
        out.writelines(f"{machine.id}\n" for machine in machines)
        return
    rows = [("NAME", "OS", "OS DISK", "IMAGE VERSION", "STATE", "DISK NAME")]
    rows += [
        (
            machine.name,
            machine.spec.os_type,
            machine.spec.os_disk,
            machine.image_version,
            machine.provisioning_state,
            machine.os_disk_name,
        )
        for machine in machines
    ]
    _write_table(rows, out)
    kept = [disk.name for disk in simulator.disks() if disk.managed_by is None]
    if kept:
        out.write(f"\nOS disks that were kept: {', '.join(kept)}\n")
    out.write(f"\nState: {state_path(options.inventory)}\n")


def _add(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    out.write(f"{simulator.add(options.name, **_settings(options.settings)).id}\n")


def _recreate(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    machine = simulator.recreate(options.name)
    out.write(f"{machine.name} was recreated with vmId {machine.vm_id}\n")


def _remove(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    simulator.remove(options.name)
    out.write(f"{options.name} was deleted\n")


def _fail(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    end, status = (simulator.cancel, "Canceled") if options.canceled else (simulator.fail, "Failed")
    end(options.name, options.code, options.message or "")
    out.write(f"the next reimage of {options.name} ends {status} with {options.code}\n")


def _finish(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    ended = simulator.finish(options.name)
    out.write("ended\n" if ended else f"no operation runs on {options.name}\n")


def _change(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    machine = simulator.change(options.name, **_settings(options.settings))
    out.write(f"{machine.name}: {', '.join(options.settings)}\n")


def _settings(given: Sequence[str]) -> MachineSettings:
    settings: MachineSettings = {}
    for setting in given:
        key, equals, text = setting.partition("=")
        if not equals:
            raise SimulatorError(f'"{setting}" is not KEY=VALUE')
        settings[key] = _value(text)  # type: ignore[literal-required] # The simulator checks the key.
    return settings


def _value(text: str) -> object:
    """Read a value as TOML; anything else is a text, and an empty one removes the setting."""
    if not text:
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _script(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    if options.clear:
        simulator.clear_script()
    simulator.script(*options.lines)
    pending = simulator.pending_script()
    out.write("\n".join(pending) + "\n" if pending else "no fault waits\n")


def _log(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    requests = simulator.reimage_requests() if options.posts else simulator.requests()
    rows = [("TIME", "METHOD", "STATUS", "PATH", "BODY", "NOTE")]
    rows += [
        (
            f"{request.time:%Y-%m-%d %H:%M:%S}",
            request.method,
            "cut" if request.status is None else str(request.status),
            request.path,
            request.masked_body(),
            request.note,
        )
        for request in requests
        if options.name is None or request.name == options.name
    ]
    if len(rows) == 1:
        out.write("no request was received\n")
        return
    _write_table(rows, out)


def _serve(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    address = (options.host, options.port)
    try:
        server = SimulatorServer(simulator, address, options.certificate, options.key)
    except OSError as error:  # An address that is taken, or a file that is no certificate.
        raise SimulatorError(f"cannot serve on {options.host} port {options.port}: {error}") from error
    out.write(f"{server.running.url}\n")
    out.flush()
    with server:
        server.serve_forever()


def _reset(simulator: Simulator, options: argparse.Namespace, out: TextIO) -> None:
    simulator.reset()
    out.write(f"{options.inventory}: {len(simulator.machines())} machines, as new\n")


def _write_table(rows: Sequence[Sequence[str]], out: TextIO) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.write(f"{line.rstrip()}\n")

"""The commands that show a simulated world and change it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from ..admin.commands import WRITES
from ..admin.parameters import Parameters
from ..errors import SimulatorError
from ..simulator import state_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ..inventory.specification import MachineSettings
    from ..simulator import Simulator
    from ..world.machine import Machine
    from ..world.overview import MachineStatus
    from .output import Output

_HEAD = ("NAME", "OS", "OS DISK", "POWER", "STATE", "LOCK", "VERSION", "OPERATION", "DISK NAME")
_LOG_HEAD = ("TIME", "METHOD", "STATUS", "PATH", "BODY", "NOTE")


def list_machines(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Show the machines and their OS disks."""
    overview = simulator.overview(requests=0)
    if options.ids:
        ids = [status.machine.id for status in overview.machines]
        output.say("\n".join(ids), ids)
        return
    kept = [disk.name for disk in overview.kept_disks()]
    below = [f"Retained OS disks: {', '.join(kept)}"] if kept else []
    output.table(
        [_HEAD, *map(_row, overview.machines)],
        {"machines": [status.to_json() for status in overview.machines], "keptDisks": kept},
        below=[*below, f"State: {state_path(options.inventory)}"],
    )


def _row(status: MachineStatus) -> tuple[str, ...]:
    machine, running = status.machine, status.running
    return (
        machine.name,
        machine.spec.os_type,
        machine.spec.os_disk,
        machine.spec.power,
        machine.provisioning_state,
        machine.spec.lock or "-",
        machine.image_version,
        "-" if running is None else f"{running.operation.kind}: {running.sentence()}",
        machine.os_disk_name,
    )


def add(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Create a machine."""
    machine = simulator.add(options.name, **_settings(options.settings))
    _show(simulator, machine, machine.id, output)


def recreate(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Delete a machine and create another under its resource id."""
    machine = simulator.recreate(options.name)
    _show(simulator, machine, f"{machine.name} was recreated with vmId {machine.vm_id}", output)


def change(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Change settings of a machine."""
    machine = simulator.change(options.name, **_settings(options.settings))
    _show(simulator, machine, f"{machine.name}: {', '.join(options.settings)}", output)


def _show(simulator: Simulator, machine: Machine, text: str, output: Output) -> None:
    output.say(text, simulator.overview(requests=0).status(machine).to_json())


def remove(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Delete a machine."""
    simulator.remove(options.name)
    output.say(f"{options.name} was deleted", {"removed": options.name})


def fail(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Make the next reimage of a machine end badly."""
    end, status = (simulator.cancel, "Canceled") if options.canceled else (simulator.fail, "Failed")
    message = options.message or ""
    if options.code is None:
        end(options.name, message=message, leaves=options.leaves)
    else:
        end(options.name, options.code, message, leaves=options.leaves)
    code = "" if options.code is None else f" with {options.code}"
    output.say(
        f"the next reimage of {options.name} ends {status}{code}", {"script": simulator.pending_script()}
    )


def reimage(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Request a reimage, as a client does or as another caller."""
    given = {"name": options.name, "caller": options.caller, "exact_version": options.exact_version}
    document = WRITES["reimage"].run(simulator, Parameters(given))
    output.say(f"a reimage of {options.name} was accepted", document)


def set_seconds(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Set how long reimages take, or how late the activity log is."""
    settings = dict(_settings(options.settings))
    simulator.set_seconds(settings)
    output.say(", ".join(options.settings), settings)


def finish(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """End the running operation of a machine."""
    ended = simulator.finish(options.name)
    output.say("ended" if ended else f"no operation runs on {options.name}", {"ended": ended})


def advance(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Advance the clock."""
    now = simulator.advance(options.seconds)
    output.say(f"it is {now:%Y-%m-%d %H:%M:%S} UTC", {"time": now.isoformat()})


def script(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Add faults, clear them, or show the pending ones."""
    if options.clear:
        simulator.clear_script()
    simulator.script(*options.lines)
    pending = simulator.pending_script()
    output.say("\n".join(pending) or "no fault is pending", {"script": pending})


def log(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Show the requests that were received."""
    received = simulator.reimage_requests() if options.posts else simulator.requests()
    requests = [request for request in received if options.name is None or request.name == options.name]
    rows = [
        (
            f"{request.time:%Y-%m-%d %H:%M:%S}",
            request.method,
            "cut" if request.status is None else str(request.status),
            request.path,
            request.masked_body(),
            request.note,
        )
        for request in requests
    ]
    document = {"requests": [request.to_json() for request in requests]}
    output.table([_LOG_HEAD, *rows], document, empty="no request was received")


def reset(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Start again from the inventory file."""
    simulator.reset(seed=options.seed)
    count = len(simulator.machines())
    machines = "1 machine" if count == 1 else f"{count} machines"
    output.say(f"{options.inventory}: {machines}, as new", {"machines": count})


def _settings(given: Sequence[str]) -> MachineSettings:
    settings: MachineSettings = {}
    for setting in given:
        key, equals, text = setting.partition("=")
        if not equals:
            raise SimulatorError(f'"{setting}" is not KEY=VALUE')
        settings[key] = _value(text)  # type: ignore[literal-required] # The simulator checks the key.
    return settings


def _value(text: str) -> object:
    """Read a value as TOML. Anything else is a string, and an empty one removes the setting."""
    if not text:
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text

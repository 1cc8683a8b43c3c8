"""The running script, which decides which fault happens now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnknownMachineError
from ..faults.language import parse_fault

if TYPE_CHECKING:
    from ..faults.effects import Fault
    from .records import Records


def add_script(records: Records, lines: tuple[str, ...], *, from_inventory: bool = False) -> None:
    """Append lines to the script.

    Raises:
        ScriptError: A line is not understood; none was added.
        UnknownMachineError: A line names a machine that does not exist; none was added.
    """
    for fault in [parse_fault(line) for line in lines]:
        _check_name(records, fault)
    for line in lines:
        records.add_script_line(line, from_inventory=from_inventory)


def take_fault(records: Records, target: str, name: str | None, machine_key: str | None) -> Fault | None:
    """Count a request or an operation in every line that matches it, and return the fault that affects it.

    The oldest line whose turn it is applies. A line that has had its last match is dropped.
    """
    taken: Fault | None = None
    for armed in records.script():
        fault = parse_fault(armed.line)
        if not fault.matches(target, name, machine_key):
            continue
        seen = armed.seen + 1
        if fault.last is not None and seen >= fault.last:
            records.delete_script_line(armed.number)
        else:
            records.count_script_line(armed.number, seen)
        if taken is None and seen >= fault.first:
            taken = fault
    return taken


def _check_name(records: Records, fault: Fault) -> None:
    # A pattern may apply to machines that are added later.
    if fault.name is None or fault.is_pattern:
        return
    by_id = records.machine(fault.name.lower()) if "/" in fault.name else None
    if by_id is None and not records.machines_named(fault.name):
        raise UnknownMachineError(f"script line '{fault.line}': no machine is called \"{fault.name}\"")

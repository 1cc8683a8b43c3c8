"""The simulator: a state of machines, a clock, and ARM's answers based on both."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Self, Unpack

from .arm.deployment_steps import continue_deployments
from .arm.exchange import Exchange
from .arm.foreign_requests import foreign_reimage
from .arm.late_requests import deliver_due_requests
from .arm.service import Arm
from .errors import SimulatorError
from .faults.calls import FaultCalls
from .faults.effects import MAX_SECONDS
from .http.answering import internal_error
from .http.cut import ConnectionCutError
from .inventory.inventory import Inventory
from .inventory.specification import MachineSettings, MachineSpecification
from .inventory.tables import Table
from .world.activity import set_lateness
from .world.clock import advance_clock, world_time
from .world.deployment import unfinished_deployments
from .world.guids import SEED
from .world.inventory_follower import InventoryFollower
from .world.lifecycle import create_machine, end_now, remove_machine, settle
from .world.machines import add_machine, change_extension, change_machine, find_machine
from .world.overview import Overview, look
from .world.reimage import set_seconds
from .world.script import add_script
from .world.state import State
from .world.synchronize import claim_state, synchronize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    from .http.messages import Request, Response
    from .http.request_log import LoggedRequest
    from .world.disk import Disk
    from .world.machine import Machine
    from .world.records import Records


_STRANGER = "someone@example.com"
# What refusals name in place of a file.
_NO_FILE = "in-memory inventory"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Simulator(FaultCalls):
    """A simulated ARM with the machines of one inventory.

    Several simulators, in several threads and processes, may share one inventory and its state.
    A method with the name of a machine also accepts its resource id. It raises UnknownMachineError if there
    is no such machine, or if several have that name.
    """

    def __init__(
        self, inventory: Inventory, state: State, now: Callable[[], datetime], seed: int | None = None
    ) -> None:
        """Store the parts, which `Simulator.open` creates from a file."""
        self._follower = InventoryFollower(inventory)
        self._refuses_unlisted_versions = False
        self._state = state
        self._now = now
        with self._state.transaction() as records:
            self._settle(records)
            claim_state(records, inventory.path)
            _sow(records, seed if seed is not None else inventory.seed)
            self._synchronize(records, inventory)

    @classmethod
    def open(
        cls,
        inventory: str | Path,
        *,
        now: Callable[[], datetime] = _utc_now,
        in_memory: bool = False,
        seed: int | None = None,
    ) -> Self:
        """Open an inventory file and the state next to it (`machines.toml` -> `machines.sqlite3`).

        Machines that the state does not know yet are added to it. The others keep their state.

        Args:
            inventory: The file.
            now: The clock of the host.
            in_memory: Whether to keep the state in this object instead of a file, so no other process sees
                it.
            seed: Makes each run generate the same names of disks, vmIds and operation ids from now on. It is
                kept in the state and takes precedence over the inventory's.

        Raises:
            InventoryError: The inventory cannot be read.
            UnknownMachineError: The inventory's script names a machine that does not exist.
            SimulatorError: The state file cannot be used.
        """
        path = Path(inventory)
        read = Inventory.read(path)
        state = State(None if in_memory else state_path(path))
        try:
            return cls(read, state, now, seed)
        except BaseException:
            state.close()
            raise

    @classmethod
    def in_memory(
        cls, *, now: Callable[[], datetime] = _utc_now, seed: int | None = None, **keys: object
    ) -> Self:
        """Create a simulator without any file. `keys` are those at the top of an inventory.

        Raises:
            InventoryError: A key is not understood.
        """
        return cls(Inventory.of(Path(_NO_FILE), keys), State(None), now, seed)

    def close(self) -> None:
        """Close the state file."""
        self._state.close()

    def __enter__(self) -> Self:
        """Return the simulator."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the state file."""
        self.close()

    @property
    def config(self) -> dict[str, str]:
        """The configuration that points a stack at these machines, in any process.

        Raises:
            SimulatorError: The state is in memory; `serve` this simulator and use the server's `config`.
        """
        if self._state.is_in_memory:
            raise SimulatorError(
                "this simulator is in the memory of one process; serve it, and use the config of the server"
            )
        return {"azure-reimage:simulator": str(self._inventory.path)}

    # What clients see

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request as ARM does, and log it. An internal error of the simulator is HTTP 500.

        Raises:
            ConnectionCutError: A script breaks the connection.
            SimulatorError: The state file cannot be used.
        """
        try:
            return self._carry_out(request)
        except (ConnectionCutError, SimulatorError):
            raise
        except Exception:  # noqa: BLE001 - a client that gets no answer blames the network.
            response = internal_error()
            with self._state.transaction() as records:  # The request's own transaction was dropped.
                self._exchange(records).log_failure(request, response.status)
            return response

    def _carry_out(self, request: Request) -> Response:
        with self._records() as records:
            outcome = self._exchange(records).carry_out(request)
        if isinstance(outcome, ConnectionCutError):
            raise outcome
        return outcome

    def _exchange(self, records: Records) -> Exchange:
        return self._exchange_at(records, self._time(records))

    def _exchange_at(self, records: Records, now: datetime) -> Exchange:
        return Exchange(self._arm(records, now), records, now)

    def _arm(self, records: Records, now: datetime) -> Arm:
        return Arm(records, self._inventory, now)

    def refuse_unlisted_api_versions(self) -> None:
        """Make this object answer only listed API versions, for every inventory."""
        self._refuses_unlisted_versions = True

    # What tests read

    def now(self) -> datetime:
        """Return the time of the simulated world."""
        with self._state.transaction() as records:
            return self._time(records)

    def overview(self, *, requests: int = 50) -> Overview:
        """Return everything at one moment, and this many of the newest requests."""
        with self._records() as records:
            return look(records, self._time(records), requests=requests)

    def requests(self) -> list[LoggedRequest]:
        """Return the request log, oldest first."""
        with self._records() as records:
            return records.requests()

    def reimage_requests(self, name: str | None = None) -> list[LoggedRequest]:
        """Return the requests for a reimage, of one machine or of all, including the refused ones."""
        return [
            request
            for request in self.requests()
            if request.is_reimage and (name is None or request.name == name)
        ]

    def machines(self) -> list[Machine]:
        """Return every machine that exists."""
        with self._records() as records:
            return [machine for machine in records.machines() if not machine.removed]

    def machine(self, name: str) -> Machine:
        """Return a machine by its name, or by its resource id."""
        with self._records() as records:
            return find_machine(records, name)

    def disks(self) -> list[Disk]:
        """Return every managed disk, including those that a reimage retained."""
        with self._records() as records:
            return records.disks()

    # What tests and commands do to the world

    def add(self, name: str, **settings: Unpack[MachineSettings]) -> Machine:
        """Create a machine that the inventory does not have.

        Raises:
            InventoryError: A setting is not understood.
            SimulatorError: The machine exists.
        """
        table = Table(f'machine "{name}"', {"name": name, **settings})
        spec = MachineSpecification.read(table, self._inventory.defaults)
        with self._records() as records:
            return add_machine(records, spec, self._time(records))

    def change(self, name: str, /, **settings: Unpack[MachineSettings]) -> Machine:
        """Change settings of a machine, such as its `lock`, its `power` or its `os_disk`.

        Raises:
            InventoryError: A setting is not understood.
            SimulatorError: A setting is part of the resource id.
        """
        with self._records() as records:
            return change_machine(records, find_machine(records, name), settings, self._time(records))

    def change_extension(self, name: str) -> Machine:
        """Put an extension on a machine, or delete one. That moves the time of the OS disk's status.

        Raises:
            UnknownMachineError: There is no such machine, or the name is ambiguous.
        """
        with self._records() as records:
            return change_extension(records, find_machine(records, name), self._time(records))

    def remove(self, name: str) -> None:
        """Delete a machine."""
        with self._records() as records:
            remove_machine(records, find_machine(records, name), self._time(records))

    def recreate(self, name: str) -> Machine:
        """Delete a machine and create another under its resource id, with a new vmId, time and disk."""
        with self._records() as records:
            old = find_machine(records, name)
            remove_machine(records, old, self._time(records))
            return create_machine(records, old.spec, self._time(records), from_inventory=old.from_inventory)

    def inject(self, target: str, which: str, name: str, effect: str) -> None:
        """Make one fault happen. The calls that are named after faults do the same.

        Raises:
            ScriptError: A word is not understood.
        """
        with self._records() as records:
            machine = find_machine(records, name)
            add_script(records, (f"{target} {which} {machine.id}: {effect}",))

    def script(self, *lines: str) -> None:
        """Make faults happen. Each line is one fault in the script language.

        Raises:
            ScriptError: A line is not understood, so none was added.
            UnknownMachineError: A line names a machine that does not exist, so none was added.
        """
        with self._records() as records:
            add_script(records, lines)

    def pending_script(self) -> list[str]:
        """Return the pending lines."""
        with self._records() as records:
            return [line.line for line in records.script()]

    def clear_script(self) -> None:
        """Forget the pending lines."""
        with self._records() as records:
            for line in records.script():
                records.delete_script_line(line.number)

    def reimage(
        self, name: str, *, caller: str = _STRANGER, body: Mapping[str, object] | None = None
    ) -> None:
        """Reimage a machine as another caller. The activity log shows `caller`.

        The request log does not show it, because that holds what clients sent to this simulator.

        Raises:
            SimulatorError: ARM refuses it.
        """
        with self._records() as records:
            machine = find_machine(records, name)
            response = self._exchange(records).act(foreign_reimage(machine.id, body), caller)
        if response.status >= HTTPStatus.BAD_REQUEST:
            document = response.json()
            # The answer of an empty Compute bucket has no `error` envelope.
            error = document.get("error", document)
            raise SimulatorError(
                f"the reimage of {machine.name} is refused: {error['code']}: {error['message']}"
            )

    def set_activity_log_seconds(self, seconds: float | None) -> None:
        """Set how late events appear in the activity log; None restores the inventory's value.

        Raises:
            SimulatorError: It is not a number of seconds, ten years at most.
        """
        if seconds is not None and not 0 <= seconds <= MAX_SECONDS:
            raise SimulatorError(f"the activity log cannot be {seconds} seconds late")
        with self._records() as records:
            set_lateness(records, seconds)

    def set_operation_seconds(self, name: str | None, seconds: float | None) -> None:
        """Set how long the next reimages take, of one machine or of all; None restores the inventory's value.

        Raises:
            SimulatorError: It is not a number of seconds, ten years at most.
        """
        if seconds is not None and not 0 <= seconds <= MAX_SECONDS:
            raise SimulatorError(f"a reimage cannot take {seconds} seconds")
        with self._records() as records:
            set_seconds(records, None if name is None else find_machine(records, name), seconds)

    def set_seconds(self, settings: Mapping[str, object]) -> None:
        """Set `operation_seconds` or `activity_log_seconds`; None restores the inventory's value.

        Raises:
            SimulatorError: A key is unknown, or a value is not a number of seconds, ten years at most.
        """
        setters: dict[str, Callable[[float | None], None]] = {
            "operation_seconds": partial(self.set_operation_seconds, None),
            "activity_log_seconds": self.set_activity_log_seconds,
        }
        for key, value in settings.items():
            if key not in setters:
                raise SimulatorError(f'"{key}" cannot be set; the keys are {", ".join(setters)}')
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise SimulatorError(f'"{key}" must be a number')
            setters[key](value)

    def finish(self, name: str) -> bool:
        """End the running operation of a machine now, and return whether there was one."""
        with self._records() as records:
            return end_now(records, find_machine(records, name), self._time(records))

    def advance(self, seconds: float) -> datetime:
        """Advance the clock, for every process that shares the state, and return the new time.

        Operations end, the VM agent becomes ready, and throttling buckets fill. A client's own sleep does not
        end sooner, because the client waits for `Retry-After` by its own clock.

        Raises:
            SimulatorError: It is negative, or more than ten years.
        """
        with self._state.transaction() as records:
            advance_clock(records, seconds)
            self._settle(records)
            return self._time(records)

    def reset(self, *, seed: int | None = None) -> None:
        """Forget everything and start again from the inventory. Old operation URLs are no longer trusted.

        The clock shows its host's time again. A given seed is kept unless there is a new one, so the same
        names are generated again.
        """
        self._follower.follow(self._state, self._synchronize)
        with self._state.transaction() as records:
            kept: int | None = records.setting(SEED)
            records.clear()
            claim_state(records, self._inventory.path)
            _sow(records, seed if seed is not None else kept)
            self._synchronize(records, self._inventory)

    @property
    def _inventory(self) -> Inventory:
        """The current inventory, with the settings that this object overrides."""
        inventory = self._follower.inventory
        return replace(inventory, api_versions="listed") if self._refuses_unlisted_versions else inventory

    def _synchronize(self, records: Records, inventory: Inventory) -> None:
        synchronize(records, inventory, self._time(records))

    def _time(self, records: Records) -> datetime:
        return world_time(records, self._now())

    @contextmanager
    def _records(self) -> Iterator[Records]:
        self._follower.follow(self._state, self._synchronize)
        with self._state.transaction() as records:
            self._settle(records)
            yield records

    def _settle(self, records: Records) -> None:
        """Bring the world to the present, in which late requests are delivered and operations end."""
        now = self._time(records)
        deliver_due_requests(
            records, lambda request, due: self._exchange_at(records, due).deliver(request), now
        )
        settle(records, now)
        if unfinished_deployments(records):
            continue_deployments(self._arm(records, now))


def _sow(records: Records, seed: int | None) -> None:
    if seed is not None:
        records.put_setting(SEED, seed)


def state_path(inventory: Path) -> Path:
    """Return where the state of an inventory is kept.

    Raises:
        SimulatorError: The inventory has the name of a state.
    """
    path = inventory.with_suffix(".sqlite3")
    if path == inventory:
        raise SimulatorError(f"{inventory}: an inventory cannot have the name of a state file")
    return path

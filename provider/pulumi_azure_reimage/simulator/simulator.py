"""The simulator: a state of machines, a clock, and ARM's answers over both."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from .arm import Arm, Call
from .arm_errors import ArmError
from .behaviour import Behaviour
from .errors import SimulatorError, UnknownMachineError
from .inventory import Inventory
from .lifecycle import Ending, create_machine, end_now, remove_machine, settle
from .links import LinkSigner
from .machine import Machine
from .request_log import LoggedRequest
from .specification import MachineSettings, MachineSpecification
from .state import Records, State
from .tables import Table
from .times import http_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Unpack

    from .disk import Disk
    from .messages import Request, Response

_ENDINGS = ("Failed", "Canceled")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Simulator:
    """A simulated ARM with the machines of one inventory.

    Several simulators, in several threads and processes, may share one inventory and its state.
    """

    def __init__(self, inventory: Inventory, state: State, now: Callable[[], datetime]) -> None:
        """Take the parts; `Simulator.open` makes them from a file."""
        self._inventory = inventory
        self._behaviour = Behaviour(inventory)
        self._state = state
        self._now = now
        with self._records() as records:
            self._take_in(records)
            self._signer = _signer(records)

    @classmethod
    def open(cls, inventory: str | Path, *, now: Callable[[], datetime] = _utc_now) -> Self:
        """Open an inventory file and the state beside it (`machines.toml` -> `machines.sqlite3`).

        Machines that the state does not know yet are added to it; the others keep their state.

        Raises:
            InventoryError: The inventory cannot be read.
            SimulatorError: The state file cannot be used.
        """
        path = Path(inventory)
        return cls(Inventory.read(path), State(state_path(path)), now)

    def close(self) -> None:
        """Let go of the state file."""
        self._state.close()

    def __enter__(self) -> Self:
        """Return the simulator."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the state file."""
        self.close()

    # What clients see

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request as ARM does, and log it."""
        call = Call.of(request)
        with self._records() as records:
            now = self._now()
            arm = Arm(records, self._behaviour, self._signer, now)
            try:
                response = arm.answer(call)
            except ArmError as refusal:
                response = refusal.response()
            records.append_request(_logged(call, arm.concerned(call), response.status, now))
        return replace(response, headers=_common_headers(request, response, now))

    # What tests ask

    def requests(self) -> list[LoggedRequest]:
        """Return the request log, oldest first."""
        with self._records() as records:
            return records.requests()

    def posts(self, name: str | None = None) -> list[LoggedRequest]:
        """Return the requests for a reimage, of one machine or of all, whatever they were answered."""
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
        """Return a machine by its name, or by its resource id.

        Raises:
            UnknownMachineError: There is none, or the name is not enough.
        """
        with self._records() as records:
            return _find(records, name)

    def disks(self) -> list[Disk]:
        """Return every managed disk, those included that were kept after a reimage."""
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
            new = Machine.create(spec, self._now())
            old = records.machine(new.key)
            if old is not None and not old.removed:
                raise SimulatorError(f"{old.id} exists")
            return create_machine(records, spec, self._now(), from_inventory=False)

    def remove(self, name: str) -> None:
        """Delete a machine.

        Raises:
            UnknownMachineError: There is none, or the name is not enough.
        """
        with self._records() as records:
            remove_machine(records, _find(records, name), self._now())

    def recreate(self, name: str) -> Machine:
        """Delete a machine and create it anew under the same resource id: new vmId, time and disk.

        Raises:
            UnknownMachineError: There is none, or the name is not enough.
        """
        with self._records() as records:
            old = _find(records, name)
            remove_machine(records, old, self._now())
            return create_machine(records, old.spec, self._now(), from_inventory=old.from_inventory)

    def fail_next(self, name: str, code: str, message: str, status: str = "Failed") -> None:
        """Make the next reimage of a machine end badly, once.

        Raises:
            UnknownMachineError: There is none, or the name is not enough.
            SimulatorError: `status` is neither `Failed` nor `Canceled`.
        """
        if status not in _ENDINGS:
            raise SimulatorError(f"an operation ends badly as {' or '.join(_ENDINGS)}, not as {status}")
        with self._records() as records:
            self._behaviour.add_ending(records, _find(records, name), Ending(status, code, message))

    def set_operation_seconds(self, name: str | None, seconds: float | None) -> None:
        """Set how long the next reimages take, of one machine or of all; None goes back to the inventory.

        Raises:
            UnknownMachineError: There is none, or the name is not enough.
        """
        with self._records() as records:
            self._behaviour.set_seconds(records, None if name is None else _find(records, name), seconds)

    def finish(self, name: str) -> bool:
        """End the running operation of a machine now; tell whether there was one.

        Raises:
            UnknownMachineError: There is none, or the name is not enough.
        """
        with self._records() as records:
            return end_now(records, _find(records, name), self._now())

    def reset(self) -> None:
        """Forget everything and begin anew with the machines of the inventory; old operation URLs end."""
        with self._state.transaction() as records:
            records.clear()
            self._take_in(records)
            self._signer = _signer(records)

    @contextmanager
    def _records(self) -> Iterator[Records]:
        with self._state.transaction() as records:
            settle(records, self._now())
            yield records

    def _take_in(self, records: Records) -> None:
        """Bring the machines of the inventory into the state."""
        wanted = {
            machine.key: spec
            for spec in self._inventory.machines
            for machine in (Machine.create(spec, self._now()),)
        }
        known = {machine.key: machine for machine in records.machines()}
        for key, spec in wanted.items():
            if key not in known:
                create_machine(records, spec, self._now(), from_inventory=True)
            elif known[key].spec.operation_seconds != spec.operation_seconds:
                # How the service behaves follows the file; what happened to a machine does not.
                changed = replace(known[key].spec, operation_seconds=spec.operation_seconds)
                records.put_machine(replace(known[key], spec=changed))
        for key, machine in known.items():
            if machine.from_inventory and key not in wanted:
                records.forget_machine(key)


def state_path(inventory: Path) -> Path:
    """Return where the state of an inventory is kept."""
    return inventory.with_suffix(".sqlite3")


def _find(records: Records, name: str) -> Machine:
    by_id = records.machine(name.lower()) if "/" in name else None
    candidates = [by_id] if by_id is not None else records.machines_named(name)
    found = [machine for machine in candidates if not machine.removed]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(machine.id for machine in found)
        raise UnknownMachineError(f'several machines are called "{name}"; use the resource id: {ids}')
    known: Sequence[str] = [machine.name for machine in records.machines() if not machine.removed]
    raise UnknownMachineError(f'no machine is called "{name}"; there are: {", ".join(known) or "none"}')


def _signer(records: Records) -> LinkSigner:
    stored = records.setting("signer")
    if stored is not None:
        return LinkSigner(base64.b64decode(stored["key"]), stored["certificate"])
    signer = LinkSigner.new()
    value = {"key": base64.b64encode(signer.key).decode(), "certificate": signer.certificate}
    records.put_setting("signer", value)
    return signer


def _logged(call: Call, name: str | None, status: int, now: datetime) -> LoggedRequest:
    request = call.request
    return LoggedRequest(
        time=now,
        method=request.method,
        path=call.url.path,
        api_version=call.api_version,
        name=name,
        body=request.body.decode(errors="replace"),
        status=status,
        client_request_id=request.header("x-ms-client-request-id"),
        correlation_id=request.header("x-ms-correlation-request-id"),
        has_authorization=bool(request.header("authorization")),
    )


def _common_headers(request: Request, response: Response, now: datetime) -> dict[str, str]:
    client_request_id = request.header("x-ms-client-request-id")
    wants_echo = (request.header("x-ms-return-client-request-id") or "").lower() == "true"
    return {
        "x-ms-request-id": str(uuid4()),
        "x-ms-correlation-request-id": request.header("x-ms-correlation-request-id") or str(uuid4()),
        **({"x-ms-client-request-id": client_request_id} if client_request_id and wants_echo else {}),
        "date": http_date(now),
        "content-length": str(len(response.body)),
        **response.headers,
    }

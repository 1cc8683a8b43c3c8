"""The commands of the admin API: what each accepts, does and answers.

Commands have the same names, and keys the same meanings, as on the command line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ..errors import SimulatorError
from ..faults.calls import LEAVES, Leaves
from ..http.cut import ConnectionCutError
from ..http.messages import Request
from ..inventory.specification import MACHINE_KEYS
from .errors import AdminError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..simulator import Simulator
    from .parameters import Parameters

_OUR_REQUEST = {"authorization": "Bearer simulator-page", "user-agent": "simulator-page"}
_ACCEPTED = 202
_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Command:
    """One address of the admin API.

    Attributes:
        keys: The keys that its body or its query may have.
        summary: What it does, for the page and the documentation.
    """

    run: Callable[[Simulator, Parameters], Any]
    keys: tuple[str, ...]
    summary: str


def _health(simulator: Simulator, _: Parameters) -> dict[str, Any]:
    return {
        "status": "ok",
        "version": version("pulumi-azure-reimage"),
        "machines": len(simulator.machines()),
        "time": simulator.now().isoformat(),
    }


def _machines(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    name = given.optional_text("name")
    if name is not None:
        return {"machines": [_described(simulator, name)]}
    return {"machines": [status.to_json() for status in simulator.overview(requests=0).machines]}


def _disks(simulator: Simulator, _: Parameters) -> dict[str, Any]:
    return {"disks": [disk.to_document() for disk in simulator.disks()]}


def _requests(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    name, limit = given.optional_text("name"), given.optional_whole("limit")
    found = simulator.reimage_requests() if given.flag("posts") else simulator.requests()
    wanted = [request for request in found if name is None or request.name == name]
    newest = wanted[max(len(wanted) - (_LIMIT if limit is None else limit), 0) :]
    return {"requests": [request.to_json() for request in newest]}


def _pending(simulator: Simulator, _: Parameters) -> dict[str, Any]:
    return {"script": simulator.pending_script()}


def _script(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    lines = given.lines("lines")
    if given.flag("clear"):
        simulator.clear_script()
    simulator.script(*lines)
    return _pending(simulator, given)


def _fail(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    end = simulator.cancel if given.flag("canceled") else simulator.fail
    code = given.optional_text("code")
    message = given.optional_text("message") or ""
    name = given.text("name")
    leaves = _left(given)
    if code is None:
        end(name, message=message, leaves=leaves)
    else:
        end(name, code, message, leaves=leaves)
    return _pending(simulator, given)


def _left(given: Parameters) -> Leaves | None:
    found = given.optional_text("leaves")
    for known in LEAVES:
        if found == known:
            return known
    if found is None:
        return None
    raise AdminError(400, "InvalidValue", f'"leaves" must be one of {", ".join(LEAVES)}.')


def _reset(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    simulator.reset(seed=given.optional_whole("seed"))
    return _health(simulator, given)


def _set(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    seconds = {key: None if value is None else given.number(key) for key, value in given.values.items()}
    simulator.set_seconds(seconds)
    return seconds


def _advance(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    return {"time": simulator.advance(given.number("seconds")).isoformat()}


def _add(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    settings = {key: value for key, value in given.values.items() if key != "name"}
    return _described(simulator, simulator.add(given.text("name"), **settings).id)


def _change(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    settings = {key: value for key, value in given.values.items() if key != "name"}
    return _described(simulator, simulator.change(given.text("name"), **settings).id)


def _recreate(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    return _described(simulator, simulator.recreate(given.text("name")).id)


def _remove(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    name = given.text("name")
    simulator.remove(name)
    return {"removed": name}


def _finish(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    return {"ended": simulator.finish(given.text("name"))}


def _reimage(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    """Send the POST of a reimage as a client would, so the script, the lock and the limits apply to it."""
    machine = simulator.machine(given.text("name"))
    caller, version = given.optional_text("caller"), given.optional_text("exact_version")
    body = None if version is None else {"exactVersion": version}
    if caller is None:
        _send_reimage(simulator, machine.id, body)
    else:
        _reimage_as(simulator, machine.id, caller, body)
    return _described(simulator, machine.id)


def _reimage_as(simulator: Simulator, machine_id: str, caller: str, body: dict[str, Any] | None) -> None:
    try:
        simulator.reimage(machine_id, caller=caller, body=body)
    except SimulatorError as error:
        raise AdminError(409, "Refused", str(error)) from error


def _send_reimage(simulator: Simulator, machine_id: str, body: dict[str, Any] | None) -> None:
    url = f"https://management.azure.com{machine_id}/reimage?api-version=2024-07-01"
    sent = b"" if body is None else json.dumps(body).encode()
    headers = _OUR_REQUEST if body is None else {**_OUR_REQUEST, "content-type": "application/json"}
    try:
        response = simulator.handle(Request("POST", url, headers, sent))
    except ConnectionCutError as broken:
        raise AdminError(502, "ConnectionCut", f"A script broke the connection: {broken}.") from broken
    if response.status != _ACCEPTED:
        raise _refusal(response.status, response.body.decode(errors="replace"))


def _refusal(status: int, body: str) -> AdminError:
    try:
        error = json.loads(body)["error"]
        said = f"{error['code']}: {error['message']}"
    except (KeyError, TypeError, ValueError):  # The body that a script put there instead.
        said = body or "no body"
    return AdminError(409, "Refused", f"The simulated ARM answered {status} to the reimage. {said}")


def _described(simulator: Simulator, name: str) -> dict[str, Any]:
    return simulator.overview(requests=0).status(simulator.machine(name)).to_json()


_NAME = ("name",)
READS: Mapping[str, Command] = {
    "health": Command(
        _health, (), "whether it answers, its version, its time and how many machines there are"
    ),
    "machines": Command(_machines, _NAME, "machines with their disks, power, lock and running operation"),
    "disks": Command(_disks, (), "every managed disk, the retained ones included"),
    "script": Command(_pending, (), "the pending faults"),
    "requests": Command(
        _requests,
        ("name", "posts", "limit"),
        "the request log, oldest first, its last 1,000 unless a limit is given",
    ),
}
WRITES: Mapping[str, Command] = {
    "reset": Command(_reset, ("seed",), "forget everything and start again from the inventory"),
    "add": Command(_add, MACHINE_KEYS, "create a machine; the keys are those of [[machine]]"),
    "change": Command(_change, MACHINE_KEYS, "change settings of a machine; null removes one"),
    "recreate": Command(_recreate, _NAME, "delete a machine and create another under its resource id"),
    "remove": Command(_remove, _NAME, "delete a machine"),
    "reimage": Command(
        _reimage,
        ("name", "caller", "exact_version"),
        "request a reimage as a client does or, with `caller`, as another caller in the activity log",
    ),
    "fail": Command(
        _fail,
        ("name", "code", "message", "canceled", "leaves"),
        "make the next reimage of a machine end badly, once",
    ),
    "finish": Command(_finish, _NAME, "end the running operation of a machine now"),
    "script": Command(
        _script, ("lines", "clear"), "add lines of the script language, or clear the pending ones"
    ),
    "set": Command(
        _set,
        ("operation_seconds", "activity_log_seconds"),
        "set how long reimages take, or how late the activity log is; null restores the inventory's value",
    ),
    "advance": Command(_advance, ("seconds",), "advance the clock"),
}

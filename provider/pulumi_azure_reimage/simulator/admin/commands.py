"""The commands of the admin API: what each accepts, does and answers.

A command has the name, and its keys have the meaning, that they have on the command line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

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
        keys: What its body, or its query, may say.
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
    end(name, message=message) if code is None else end(name, code, message)
    return _pending(simulator, given)


def _reset(simulator: Simulator, given: Parameters) -> dict[str, Any]:
    simulator.reset(seed=given.optional_whole("seed"))
    return _health(simulator, given)


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
    """Send the POST of a reimage as a client would: the script, the lock and the limits apply to it."""
    machine = simulator.machine(given.text("name"))
    url = f"https://management.azure.com{machine.id}/reimage?api-version=2024-07-01"
    try:
        response = simulator.handle(Request("POST", url, _OUR_REQUEST))
    except ConnectionCutError as broken:
        raise AdminError(502, "ConnectionCut", f"A script broke the connection: {broken}.") from broken
    if response.status != _ACCEPTED:
        raise _refusal(response.status, response.body.decode(errors="replace"))
    return _described(simulator, machine.id)


def _refusal(status: int, body: str) -> AdminError:
    try:
        error = json.loads(body)["error"]
        said = f"{error['code']}: {error['message']}"
    except (KeyError, TypeError, ValueError):  # What a script put there instead.
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
    "script": Command(_pending, (), "the faults that still wait"),
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
    "reimage": Command(_reimage, _NAME, "request a reimage as a client does"),
    "fail": Command(
        _fail, ("name", "code", "message", "canceled"), "make the next reimage of a machine end badly, once"
    ),
    "finish": Command(_finish, _NAME, "end the running operation of a machine now"),
    "script": Command(
        _script, ("lines", "clear"), "add lines of the script language, or clear the pending ones"
    ),
    "advance": Command(_advance, ("seconds",), "let time pass at once"),
}

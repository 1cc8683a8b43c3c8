"""The language of faults. One line is one fault, such as `POST web: drop after send`."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import ScriptError
from ..http.cut import AFTER_SEND, BEFORE_SEND, ON_THE_WAY, Cut
from .aftermath import Aftermath
from .effects import (
    MAX_SECONDS,
    OPERATIONS,
    DelayResponse,
    DeliverLate,
    Effect,
    EndOperation,
    Fault,
    ForgetOperation,
    KeepOsDisk,
    LeaveDisk,
    LeaveMachine,
    OperationEffect,
    RepeatEntries,
    ReplaceBody,
    ReplaceResponse,
    SetDuration,
    SetField,
    SetHeader,
    ShowLate,
    ShowStale,
)

if TYPE_CHECKING:
    from collections.abc import Callable

VOCABULARY = """\
WHAT [WHICH] [NAME]: EFFECT [, EFFECT ...]

WHAT   POST (the request for a reimage), GET (of a VM), poll (Azure-AsyncOperation), location (Location),
       permissions (of a VM), locks (of a VM),
       image (a version) and activity (the activity log), which belong to no VM, so without NAME,
       PUT, PATCH, DELETE (of a VM), action (any other POST, such as start), extension,
       any (of these requests), reimage (the operation itself), operation (every other one on a VM)
WHICH  3 (the third one), 2-4, 3+ (from the third on), every; without it, the next one
NAME   the VM's name or resource id, in which * and ? stand for others (web-*); without it, any VM

EFFECT on a request:
  drop | reset | timeout [before send | on the way | after send]
      before send: no connection (a server that was reached closes it instead);
      on the way: received and not carried out;
      after send (the default): carried out, and the answer is lost
  cut body                        carried out, and the connection closes in the middle of the body
  STATUS [CODE] ["MESSAGE"] [after send]
                                  this error in place of the answer; after send: carried out all the same
  header NAME VALUE, without NAME, retry-after VALUE
  body empty | html | half | "TEXT"
  set KEY VALUE                   a top-level text of the JSON body
  slow SECONDS                    a late answer
  deliver late SECONDS            carried out this long after it was sent, and not answered (timeout), unless
                                  drop, reset or a STATUS says what its client sees at once
  stale SECONDS                   (GET, activity) the VM, or the activity log, as it was this long ago
  twice                           every entry of a list, such as activity, comes twice
EFFECT on a reimage or another operation:
  fail [CODE] ["MESSAGE"], cancel [CODE] ["MESSAGE"], take SECONDS, hang
  show late SECONDS               its status ends in time, and the VM shows that end this much later
  forget after SECONDS            its status answers 404 once this much time has passed
EFFECT on a reimage that fails or is canceled; by default its code decides what it leaves:
  disk untouched                  (as after InvalidParameter) the VM has its old OS disk
  new disk                        (as after OSProvisioningTimedOut) it has a new OS disk, and runs
  broken                          (as after AllocationFailed) it has lost its old OS disk, and does not run
EFFECT on a reimage that succeeds:
  keep disk                       it succeeds, and the VM has its old OS disk
  leave failed | stopped | deallocated
                                  it succeeds, and leaves the VM in this state"""
REQUESTS = (
    *("POST", "GET", "poll", "location", "permissions", "locks", "activity", "image"),
    *("PUT", "PATCH", "DELETE", "action", "extension", "any"),
)
TARGETS = (*REQUESTS, *OPERATIONS)
_HEAD = re.compile(r"(?P<target>\S+)(?:\s+(?P<which>\d+(?:-\d+|\+)?|every))?(?:\s+(?P<name>\S+))?")
_OF_NO_MACHINE = {"image": "an image", "activity": "the activity log"}
_STATUS = re.compile(r"[1-5]\d\d")
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|,|[^\s,"]+')
_HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
_BODIES = {"empty": ReplaceBody(""), "html": ReplaceBody(_HTML), "half": ReplaceBody("", half=True)}
_PHRASES: dict[tuple[str, str], Effect] = {
    ("cut", "body"): Cut("cut", AFTER_SEND),
    ("keep", "disk"): KeepOsDisk(),
    ("new", "disk"): LeaveDisk(Aftermath.NEW_DISK),
    ("disk", "untouched"): LeaveDisk(Aftermath.UNTOUCHED),
    ("leave", "failed"): LeaveMachine("failed"),
    ("leave", "stopped"): LeaveMachine("stopped"),
    ("leave", "deallocated"): LeaveMachine("deallocated"),
}
_MOMENTS = {tuple(moment.split()): moment for moment in (BEFORE_SEND, ON_THE_WAY, AFTER_SEND)}


@lru_cache(maxsize=1024)
def parse_fault(line: str) -> Fault:
    """Read one line.

    Raises:
        ScriptError: The line is not understood. The message names the word.
    """
    head, colon, tail = line.partition(":")
    found = _HEAD.fullmatch(head.strip())
    if not colon or found is None:
        raise ScriptError(line, "a line reads WHAT [WHICH] [NAME]: EFFECT")
    target = next((known for known in TARGETS if known.lower() == found["target"].lower()), None)
    if target is None:
        raise ScriptError(line, f'"{found["target"]}" is not one of {", ".join(TARGETS)}')
    if target in _OF_NO_MACHINE and found["name"] is not None:
        raise ScriptError(line, f"{_OF_NO_MACHINE[target]} belongs to no VM, so leave the name out")
    first, last = _window(line, found["which"])
    effects = tuple(_effect(line, words) for words in _clauses(line, tail))
    for effect in effects:
        if isinstance(effect, OperationEffect) != (target in OPERATIONS):
            raise ScriptError(line, f"this effect cannot happen to {target}")
    _check_endings(line, target, effects)
    if target not in {"GET", "activity"} and any(isinstance(effect, ShowStale) for effect in effects):
        raise ScriptError(line, 'only a GET and the activity log can be "stale"')
    return Fault(line, target, first, last, found["name"], effects)


def _check_endings(line: str, target: str, effects: tuple[Effect, ...]) -> None:
    """Check that an effect on what a failed reimage leaves belongs to a failed reimage."""
    left = next((effect.aftermath for effect in effects if isinstance(effect, LeaveDisk)), None)
    if left is not None and target != "reimage":
        raise ScriptError(line, f'"{left}" is what a failed reimage leaves')
    if left is not None and not any(isinstance(effect, EndOperation) for effect in effects):
        raise ScriptError(line, f'"{left}" is what a failure leaves, so it needs "fail" or "cancel"')


def _window(line: str, which: str | None) -> tuple[int, int | None]:
    if which is None:
        return 1, 1
    if which == "every":
        return 1, None
    first, dash, last = which.partition("-")
    window = (int(first.rstrip("+")), int(last) if dash else None if which.endswith("+") else int(first))
    if window[0] < 1 or (window[1] is not None and window[1] < window[0]):
        raise ScriptError(line, f'"{which}" is not a range that begins with 1 or more')
    return window


def _clauses(line: str, text: str) -> list[list[str]]:
    """Split the effects at their commas, and each into words."""
    if _WORD.sub("", text).strip():
        raise ScriptError(line, "a quotation mark is missing")
    clauses: list[list[str]] = [[]]
    for word in _WORD.findall(text):
        if word == ",":
            clauses.append([])
        else:
            clauses[-1].append(word)
    if not all(clauses):
        raise ScriptError(line, "an effect is missing")
    return clauses


def _effect(line: str, words: list[str]) -> Effect:
    word, rest = words[0].lower(), words[1:]
    known = _EFFECTS.get("STATUS" if _STATUS.fullmatch(word) else word)
    if known is None:
        raise ScriptError(line, f'"{words[0]}" is not an effect; effects are {", ".join(_EFFECTS)}')
    counts, build = known
    try:
        effect = build(word, rest) if len(rest) in counts else None
    except (KeyError, ValueError):
        effect = None
    if effect is None:
        raise ScriptError(line, f'"{" ".join(words)}" is not understood')
    return effect


def _unquoted(word: str) -> str:
    return str(json.loads(word)) if word.startswith('"') else word


def _seconds(word: str) -> float:
    seconds = float(word)
    if not 0 <= seconds <= MAX_SECONDS:
        raise ValueError(word)
    return seconds


def _seconds_after(word: str, words: list[str]) -> float:
    if words[0].lower() != word:
        raise ValueError(words[0])
    return _seconds(words[1])


def _replace_response(status: str, words: list[str]) -> ReplaceResponse:
    moment = ON_THE_WAY
    if tuple(word.lower() for word in words[-2:]) == tuple(AFTER_SEND.split()):
        moment, words = AFTER_SEND, words[:-2]
    code, message = _code_and_message(words)
    return ReplaceResponse(int(status), code, message, moment)


def _code_and_message(words: list[str]) -> tuple[str, str]:
    code = next((word for word in words if not word.startswith('"')), "")
    return code, next((_unquoted(word) for word in words if word.startswith('"')), "")


def _cut(manner: str, words: list[str]) -> Cut:
    return Cut(manner, _MOMENTS[tuple(word.lower() for word in words)] if words else AFTER_SEND)


def _phrase(word: str, words: list[str]) -> Effect:
    return _PHRASES[word, words[0].lower()]


def _body(_: str, words: list[str]) -> ReplaceBody:
    return ReplaceBody(_unquoted(words[0])) if words[0].startswith('"') else _BODIES[words[0].lower()]


def _end(word: str, words: list[str]) -> EndOperation:
    code, message = _code_and_message(words)
    if word == "fail":
        return EndOperation("Failed", code or "InternalExecutionError", message)
    return EndOperation("Canceled", code or "OperationPreempted", message)


_EFFECTS: dict[str, tuple[tuple[int, ...], Callable[[str, list[str]], Effect]]] = {
    "STATUS": ((0, 1, 2, 3, 4), _replace_response),
    "drop": ((0, 2, 3), _cut),
    "reset": ((0, 2, 3), _cut),
    "timeout": ((0, 2, 3), _cut),
    "cut": ((1,), _phrase),
    "header": ((2,), lambda _, words: SetHeader(words[0].lower(), _unquoted(words[1]))),
    "without": ((1,), lambda _, words: SetHeader(words[0].lower(), None)),
    "retry-after": ((1,), lambda _, words: SetHeader("retry-after", _unquoted(words[0]))),
    "body": ((1,), _body),
    "set": ((2,), lambda _, words: SetField(words[0], _unquoted(words[1]))),
    "deliver": ((2,), lambda _, words: DeliverLate(_seconds_after("late", words))),
    "twice": ((0,), lambda _, __: RepeatEntries()),
    "stale": ((1,), lambda _, words: ShowStale(_seconds(words[0]))),
    "show": ((2,), lambda _, words: ShowLate(_seconds_after("late", words))),
    "forget": ((2,), lambda _, words: ForgetOperation(_seconds_after("after", words))),
    "slow": ((1,), lambda _, words: DelayResponse(_seconds(words[0]))),
    "fail": ((0, 1, 2), _end),
    "cancel": ((0, 1, 2), _end),
    "take": ((1,), lambda _, words: SetDuration(_seconds(words[0]))),
    "hang": ((0,), lambda _, __: SetDuration(MAX_SECONDS)),
    "keep": ((1,), _phrase),
    "new": ((1,), _phrase),
    "disk": ((1,), _phrase),
    "broken": ((0,), lambda _, __: LeaveDisk(Aftermath.BROKEN)),
    "leave": ((1,), _phrase),
}

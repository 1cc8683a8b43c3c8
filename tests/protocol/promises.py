"""What an error promises about the next run, and whether that run keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .violation import Violation

if TYPE_CHECKING:
    from .situation import Situation

_RESUMES, _GOES_ON = "resumes the wait and sends nothing", "continues from here and sends nothing"
_REPEATS = "requests the reimage again (attempt"
_PROMISES = (_RESUMES, _GOES_ON, _REPEATS)


def kind_of(at: Situation) -> str:
    """Return how the last run ended, reduced to what its error has promised."""
    if at.phase != "idle" or at.ended in {"", "ok", "killed"}:
        return at.ended
    return "".join(str(words in at.ended) for words in _PROMISES)


def names_both_ways(error: str) -> bool:
    """Return whether an error names both ways out and promises nothing else."""
    is_going_on = any(words in error for words in _PROMISES)
    return "change a trigger" in error and "--replace" in error and not is_going_on


def broken_promise(promised: str, sent: int, ended: str, *, strange: bool) -> Violation | None:
    """Return where a run does not do what the error of the run before has said.

    A repeat is promised only as long as the VM does not change, and a stranger may change it.
    """
    if (_GOES_ON in promised or _RESUMES in promised) and (sent or "may have been" in ended):
        return Violation(
            "promise", "the error promises that the next run continues and sends nothing, and it does not"
        )
    if _REPEATS in promised and not sent and not strange:
        return Violation("promise", "the error promises another request, and the next run sends none")
    return None


def dishonesty(announced: str, sent: int, ended: str) -> Violation | None:
    """Return where an update did not do what its preview has said."""
    if sent and announced not in {"send", "doubt", "withdraw, unless the log says more"}:
        return Violation("honest", f"the preview announces: {announced}, and the update sends")
    if announced == "send" and not sent:
        return Violation("honest", "the preview announces a reimage, and the update sends nothing")
    if announced.startswith("nothing") and ended != "ok":
        return Violation("honest", "the preview announces nothing, and the update fails")
    return None

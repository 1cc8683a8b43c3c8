"""A table of rules: what is not as it should be, how bad that is, and what to do.

The tables of the preflight and of the postconditions are of this kind, and the documents show both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Severity = Literal["error", "warning"]
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """A row of a table.

    Attributes:
        when: What it is about, as the documents say it.
        severity: `error` if nothing may be sent, or if the reimage cannot count as done.
        find: Returns what is wrong with a subject, in words for the user, if something is.
        way_out: What to do, as a sentence.
        is_guard: Whether it is what the program asks for. Otherwise it is what is believed about Azure, and
            can be wrong.
        evidence: The public source of what it says about Azure; empty if there is none.
    """

    when: str
    severity: Severity
    find: Callable[[Subject], str | None]
    way_out: str = ""
    is_guard: bool = False
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Attributes:
        when: The rule, by what it is about.
        text: What is wrong, and what to do.
        is_error: As the severity of the rule.
        is_guard: As in the rule.
    """

    when: str
    text: str
    is_error: bool
    is_guard: bool = False


def apply_rules(rules: Iterable[Rule[Subject]], subject: Subject) -> tuple[Finding, ...]:
    """Return what the rules find, in their order."""
    found = ((rule, rule.find(subject)) for rule in rules)
    return tuple(
        Finding(rule.when, f"{text} {rule.way_out}".rstrip(), rule.severity == "error", rule.is_guard)
        for rule, text in found
        if text is not None
    )

"""A table of rules: what can be wrong, how severe that is, and what to do.

The preflight and the postconditions are such tables, and the documents show both.
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
        when: The condition, as the documents say it.
        severity: `error` if nothing may be sent, or if the reimage cannot count as done.
        find: Returns what is wrong with a subject, in words for the user, or None.
        way_out: What to do, as a sentence.
        is_guard: Whether the program sets it. If not, it is a rule about Azure, which can be wrong.
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
        when: The condition of the rule.
        text: What is wrong, and what to do.
        is_error: Whether the severity of the rule is `error`.
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

"""Each generated part of the documents, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_azure_reimage.arm.rights import RIGHTS
from pulumi_azure_reimage.auth.settings import ALL
from pulumi_azure_reimage.options import OPTIONS, Works
from pulumi_azure_reimage.reimage.postconditions import POSTCONDITIONS
from pulumi_azure_reimage.reimage.preflight_rules import GUARDS, RULES
from pulumi_azure_reimage.reimage.troubleshooting import KNOWN_ERRORS

from .blocks import markdown
from .docstrings import Described, described_inputs, described_outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_azure_reimage.reimage.rule import Rule


def inputs() -> str:
    """Return the inputs of the component."""
    return _inputs(described_inputs("VirtualMachineReimageArgs"))


def os_profile() -> str:
    """Return the inputs inside `os_profile`."""
    return _inputs(described_inputs("OsProfileArgs"))


def _inputs(described: list[Described]) -> str:
    rows = [
        (f"`{each.name}`", f"`{each.type}`", f"Required. {each.meaning}" if each.required else each.meaning)
        for each in described
    ]
    return markdown(("input", "type", "meaning"), rows)


def outputs() -> str:
    """Return the outputs of the component."""
    rows = [(f"`{each.name}`", f"`{each.type}`", each.meaning) for each in described_outputs()]
    return markdown(("output", "type", "meaning"), rows)


def options() -> str:
    """Return Pulumi's resource options."""
    rows = [
        (f"`{name}`", "works", treatment.how)
        if isinstance(treatment, Works)
        else (f"`{name}`", "refused", treatment.instead)
        for name, treatment in OPTIONS.items()
    ]
    return markdown(("option", "result", "what it does, or what to use instead"), rows)


def settings() -> str:
    """Return the settings of the stack that are ours."""
    rows = [
        (f"`{setting.key}`", ", ".join(f"`{name}`" for name in setting.variables), setting.meaning)
        for setting in ALL
        if setting.key.startswith("azure-reimage:")
    ]
    return markdown(("key", "environment variable", "meaning"), rows)


def guards() -> str:
    """Return the guards, which a program sets."""
    return markdown(("when", "what to do"), [(rule.when, rule.way_out) for rule in _rules(is_guard=True)])


def rules() -> str:
    """Return the rules about Azure."""
    rows = [
        (rule.when, rule.severity, rule.way_out, rule.evidence or "a guess")
        for rule in _rules(is_guard=False)
    ]
    return markdown(("when", "severity", "what to do", "how this is known"), rows)


def _rules(*, is_guard: bool) -> list[Rule[Any]]:
    together: list[Rule[Any]] = [*GUARDS, *RULES]
    return [rule for rule in together if rule.is_guard is is_guard]


def postconditions() -> str:
    """Return what is checked after a reimage."""
    return markdown(("when", "severity"), [(rule.when, rule.severity) for rule in POSTCONDITIONS])


def azure_errors() -> str:
    """Return the known errors of Azure; those that share both sentences share a row."""
    shared: dict[tuple[str, str], list[str]] = {}
    for known in KNOWN_ERRORS:
        shared.setdefault((known.disk.value, known.advice), []).append(known.name)
    rows = [("; ".join(known), *said) for said, known in shared.items()]
    return markdown(("Azure's error", "what happened to the disk", "what to do"), rows)


def rights() -> str:
    """Return the actions that the identity needs."""
    return markdown(("action", "what it is for"), [(f"`{it.action}`", it.purpose) for it in RIGHTS])


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "inputs": inputs,
    "os-profile": os_profile,
    "outputs": outputs,
    "options": options,
    "settings": settings,
    "guards": guards,
    "rules": rules,
    "postconditions": postconditions,
    "azure-errors": azure_errors,
    "rights": rights,
}

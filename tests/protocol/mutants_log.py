# ruff: noqa: SLF001 - A mutant changes what is private.
"""Mutants of the activity log as a witness, and of what counts as evidence of an end."""

from pulumi_azure_reimage.arm import log_evidence
from pulumi_azure_reimage.reimage import doubt, postconditions, send, wait

from .configuration import Configuration
from .mutant import Mutant
from .mutant_stories import LOG, LOG_FAILURES
from .world import Bounds

LOGGED = (
    Mutant(
        "the log's absence trusted early",
        doubt._decide_by_log,
        "end = context.last_moment + LOG_SECONDS * context.time_scale",
        "end = context.last_moment",
        "once",
        LOG,
    ),
    Mutant(
        "a refused POST's event taken as proof",
        log_evidence._judge,
        "return _end(events) or Taken(proofs[-1])",
        "return _end(events) or Taken(proofs[-1])\n    if any(event.is_refusal for event in events):"
        "\n        return Taken(events[-1])",
        "wanted",
        Configuration("a refusal, a stranger, the log", Bounds(faults=1, strangers=1), readable=True),
    ),
    Mutant(
        "a beginning without an end taken as proof",
        log_evidence._judge,
        "if not ends:",
        "if not ends:\n        return Taken(events[-1])\n    if not ends:",
        "wanted",
        Configuration("lost, a stranger, the log", Bounds(kills=1, strangers=1), readable=True),
    ),
    Mutant(
        "a failure in the log without a reason is repeatable",
        wait._ask_log,
        "disk = disk_after(error) if find(error) else Disk.UNKNOWN",
        "disk = disk_after(error)",
        "once",
        LOG_FAILURES,
    ),
    Mutant(
        "an ephemeral disk without a report is evidence",
        postconditions._no_witness,
        "if outcome.is_reported or not ephemeral:",
        "if True:",
        "wanted",
        Configuration("ephemeral, an untouched end", Bounds(bads=1, faults=1), ephemeral=True),
    ),
    Mutant(
        "a change that was taken back is sent again after a kill",
        send._go_on,
        "if isinstance(finding, Taken) and not is_fresh:",
        "if False:",
        "once",
        Configuration(
            "the log, two kills and a change", Bounds(kills=2, changes=1), values="A", readable=True
        ),
    ),
)

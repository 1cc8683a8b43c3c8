# ruff: noqa: SLF001 - A mutant changes what is private.
"""Mutants of what follows a failure or a refusal."""

from pulumi_azure_reimage.dynamic import request as dynamic_request
from pulumi_azure_reimage.dynamic import result as dynamic_result
from pulumi_azure_reimage.reimage import repeat, send

from .configuration import Configuration
from .mutant import Mutant
from .mutant_stories import FAILURES, FAILURES_4, FAILURES_CHANGE, KILLS
from .world import Bounds

FAILED = (
    Mutant(
        "attempts without a bound",
        repeat.decide_repeat,
        "failure.attempt >= MOST_ATTEMPTS",
        "False",
        "bounded",
        FAILURES_4,
    ),
    Mutant(
        "a rebuilt disk wiped again",
        repeat.decide_repeat,
        "if failure.disk not in REPEATABLE:",
        "if False:",
        "once",
        FAILURES,
    ),
    Mutant(
        "a repeat of ReimageResult is forgotten",
        send._wait_for_last_reimage,
        "return isinstance(end, Succeeded)",
        "return True",
        "once",
        FAILURES_CHANGE,
    ),
    Mutant(
        "a refusal moves what causes are compared with",
        dynamic_request.ReimageRequestProvider.update,
        'return UpdateResult({**keep_outputs(_olds), "request": refused.to_state()})',
        "return UpdateResult(_state(_news, refused))",
        "wanted",
        Configuration("a refusal", Bounds(faults=1)),
    ),
    Mutant(
        "a refusal that is not raised",
        dynamic_result.ReimageResultProvider._go_on,
        "if request.refusal is not None:",
        "if False:",
        "wanted",
        Configuration("a refusal", Bounds(faults=1)),
    ),
    Mutant(
        "a doubt that is not raised",
        dynamic_result.ReimageResultProvider._go_on,
        "if operation.in_doubt:",
        "if False:",
        "wanted",
        KILLS,
    ),
    Mutant(
        "a repeat without doubt",
        repeat.send_again,
        "case Undecided(seen):",
        "case Undecided(_, vm):\n            sent = sending.send(vm, unsure=False)\n        case str(seen):",
        "once",
        FAILURES,
    ),
    Mutant(
        "the last failure is taken as an end",
        dynamic_result.ReimageResultProvider._go_on,
        "if is_known and failure is None:",
        "if is_known:",
        "calm",
        FAILURES,
    ),
)

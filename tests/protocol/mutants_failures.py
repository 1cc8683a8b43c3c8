# ruff: noqa: SLF001 - A mutant changes what is private.
"""Mutants of what follows a failure or a refusal."""

from pulumi_azure_reimage.dynamic import request as dynamic_request
from pulumi_azure_reimage.dynamic import result as dynamic_result
from pulumi_azure_reimage.reimage import finish, preview, reconcile, repeat, send
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from .configuration import Configuration
from .mutant import ChangedConstant, Mutant
from .mutant_stories import FAILURES, FAILURES_4, FAILURES_CHANGE, FAULTY, KILLS
from .world import Bounds

FAILED = (
    ChangedConstant("attempts without a bound", (repeat, finish), "MOST_ATTEMPTS", 99, "bounded", FAILURES_4),
    ChangedConstant(
        "a rebuilt disk wiped again",
        (repeat, finish),
        "REPEATABLE",
        (*repeat.REPEATABLE, Disk.REBUILT),
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
        'return UpdateResult({**own(_olds), "request": refused.to_state()})',
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
        dynamic_result.ReimageResultProvider._end,
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
        dynamic_result.ReimageResultProvider._end,
        "if is_known and failure is None:",
        "if is_known:",
        "calm",
        FAILURES,
    ),
    Mutant(
        "giving up without ways out",
        repeat.describe_repeat,
        'return join_sentences(why, "It is not sent again automatically.", ways_out)',
        'return join_sentences(why, "It is not sent again automatically.")',
        "no dead end",
        FAILURES_4,
    ),
    Mutant(
        "a repeat that outlasts its timeout is forgotten",
        finish._wait,
        "if earlier is None:",
        "if True:",
        "promise",
        FAULTY,
    ),
    ChangedConstant(
        "a disk of which nothing is known is wiped again",
        (repeat, finish),
        "REPEATABLE",
        (*repeat.REPEATABLE, Disk.UNKNOWN),
        "once",
        FAULTY,
    ),
    Mutant(
        "a repeat is announced as certain",
        preview.preview_repeat,
        'line = f"VM {context.name} may be reimaged again (attempt {attempt}): its last reimage failed."',
        'line = f"VM {context.name} will be reimaged again (attempt {attempt}): its last reimage failed."',
        "honest",
        FAILURES,
    ),
    Mutant(
        "a repeat is promised where nothing is kept",
        finish._wait,
        "is_repeated = disk in REPEATABLE and attempt < MOST_ATTEMPTS and keeps",
        "keeps = is_repeated = disk in REPEATABLE and attempt < MOST_ATTEMPTS",
        "promise",
        Configuration("nothing is kept", Bounds(bads=1), partial=False),
    ),
    Mutant(
        "a look at a late view is kept",
        reconcile.read_steady,
        "look = Look.at(read_settled(context))\n",
        "return Look.at(read_settled(context))\n",
        "promise",
        Configuration("failures and a late view", Bounds(bads=1, lates=1)),
    ),
)

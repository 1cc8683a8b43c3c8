# ruff: noqa: SLF001 - A mutant changes what is private.
"""Mutants of sending and of doubtful sends."""

from pulumi_azure_reimage.reimage import context, decide, look, reconcile, run, send

from .configuration import Configuration
from .mutant import Mutant
from .mutant_stories import CHANGES, EPHEMERAL, KILLS, RETRIES, STRANGER
from .world import Bounds

DOUBT = (
    Mutant(
        "a retry after Rejected is not doubtful",
        decide.decide_send,
        "return Resolve(request.look if last.look is None else last.look, last.unsure)",
        "return SendFresh(after_fence=False, unsure=False)",
        "once",
        KILLS,
    ),
    Mutant(
        "the new request's look for Withdrawn",
        decide._only_look_in_doubt,
        "return earlier.look if",
        "return request.look if",
        "wanted",
        CHANGES,
    ),
    Mutant(
        "no Withdrawn",
        decide.decide_send,
        "if today.is_taken_back and doubt:",
        "if False:",
        "asked",
        CHANGES,
    ),
    Mutant(
        "adoption because a disk is new",
        send._resolve,
        'return sending.keep("Unknown", look, str(_undecided_error(context, finding)), unsure=unsure)',
        "return sending.taken_before(look, None, ended_well=False)",
        "wanted",
        STRANGER,
    ),
    Mutant(
        "a refusal that ReimageOperation ignores",
        decide.decide_send,
        "if request.refusal is not None or is_done:",
        "if is_done:",
        "asked",
        CHANGES,
    ),
    Mutant(
        "Unknown with a fresh look",
        send._resolve,
        'return sending.keep("Unknown", look,',
        'return sending.keep("Unknown", Look.at(context.look()),',
        "once",
        KILLS,
    ),
    Mutant(
        "ids used for a second send",
        context.VmContext.for_send,
        'correlation_id = f"{beginning}{uuid.uuid4().hex[: _ID_LENGTH - len(beginning)]}"',
        'correlation_id = f"{beginning}00000000000"',
        "ids",
        KILLS,
    ),
    Mutant(
        "twice in one host is not doubtful",
        run.Run.send_once,
        "return self._sent.setdefault(request_id, mine) is mine",
        "return True",
        "once",
        RETRIES,
    ),
    Mutant(
        "interrupted is taken as fresh",
        send._go_on,
        "is_fresh = request.host_id == context.run.id and",
        "is_fresh =",
        "once",
        KILLS,
    ),
    Mutant(
        "a busy VM is compared at once",
        reconcile.read_settled,
        "return vm if vm.settled else wait_until_settled(context, vm)",
        "return vm",
        "once",
        Configuration("long operations", Bounds(kills=1, long=1)),
    ),
    Mutant(
        "an ephemeral disk always looks unchanged",
        look.Look.is_unchanged,
        "return bool(self.fingerprint) and self.fingerprint == now.fingerprint",
        "return True",
        "once",
        EPHEMERAL,
    ),
    Mutant(
        "more than one doubt is one",
        decide._only_look_in_doubt,
        "if earlier is None or last.unsure:",
        "if earlier is None:",
        "wanted",
        Configuration("changes and a fault", Bounds(kills=1, faults=1, changes=2), values="AC"),
    ),
)

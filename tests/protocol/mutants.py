# ruff: noqa: SLF001 - A mutant changes what is private.
"""Product code with one line changed: the exploration must find each of these faults, by an invariant.

`python -m tests.protocol.mutants` runs them all; names as arguments choose some.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from pulumi_azure_reimage.dynamic import request as dynamic_request
from pulumi_azure_reimage.dynamic import result as dynamic_result
from pulumi_azure_reimage.reimage import context, decide, doubt, look, repeat, run, send

from .azure import Bounds
from .explore import Configuration, Findings, explore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FunctionType


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed line.

    Attributes:
        function: Where.
        invariant: What must break.
        configuration: In which stories.
    """

    name: str
    function: Callable[..., object]
    line: str
    changed: str
    invariant: str
    configuration: Configuration

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Change the function in place, so that whoever has imported it runs the mutant."""
        function = cast("FunctionType", self.function)
        source = textwrap.dedent(inspect.getsource(function))
        assert source.count(self.line) == 1, f"{self.name}: the line is there {source.count(self.line)} times"
        names: dict[str, FunctionType] = {}
        source = "from __future__ import annotations\n" + source.replace(self.line, self.changed)
        exec(compile(source, f"<{self.name}>", "exec"), function.__globals__, names)  # noqa: S102 - our own source.
        kept = function.__code__
        function.__code__ = names[function.__name__].__code__
        try:
            yield
        finally:
            function.__code__ = kept


KILLS = Configuration("kills and faults", Bounds(kills=1, faults=1))
KILLS_2 = Configuration("two kills and a fault", Bounds(kills=2, faults=1))
CHANGES = Configuration("changes", Bounds(kills=1, faults=1, changes=1), values="AC")
CHANGES_2 = Configuration("two changes", Bounds(kills=2, changes=2), values="AC")
STRANGER = Configuration("a stranger", Bounds(kills=1, faults=1, strangers=1))
FAILURES = Configuration("failures", Bounds(kills=1, bads=1))
FAILURES_4 = Configuration("many failures", Bounds(bads=4))
FAILURES_CHANGE = Configuration("failures and a change", Bounds(kills=1, bads=1, changes=1), values="C")
EPHEMERAL = Configuration("ephemeral", Bounds(kills=1, faults=1), ephemeral=True)
RETRIES = Configuration("a hook repeats", Bounds(retries=1))


@dataclass(frozen=True, slots=True)
class ConstantHostId:
    """A host id that is the same for two runs, as a process id can be."""

    name: str = "a process id as host id"
    invariant: str = "once"
    configuration: Configuration = KILLS

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let each run have the same id."""
        kept = vars(run)["uuid"]
        vars(run)["uuid"] = SimpleNamespace(uuid4=lambda: "4711")
        try:
            yield
        finally:
            vars(run)["uuid"] = kept


MUTANTS: tuple[Mutant | ConstantHostId, ...] = (
    ConstantHostId(),
    Mutant(
        "no fence",
        doubt.wait_for_fence,
        "end = since + FENCE_SECONDS * context.time_scale",
        "end = since",
        "once",
        KILLS,
    ),
    Mutant(
        "a fence from the start of the CLI",
        run.Run.updates_since,
        "return clock.monotonic() if self._updates_since is None else self._updates_since",
        "return clock.monotonic() - 120.0",
        "once",
        KILLS,
    ),
    Mutant(
        "a fence not renewed after our own POST",
        doubt.watch_after_send,
        "deadline = context.clock.monotonic() +",
        "deadline = context.run.updates_since(context.clock) +",
        "once",
        KILLS_2,
    ),
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
        "if is_taken_back and doubt and earlier is not None:",
        "if False:",
        "asked",
        CHANGES,
    ),
    Mutant(
        "adoption because a disk is new",
        send.send_request,
        'return sending.keep("Unknown", look, str(_undecided_error(context, finding)))',
        'return Operation(request.id, "Taken", as_recovered(Record(look.disk, request.id)))',
        "wanted",
        STRANGER,
    ),
    Mutant(
        "a refusal that ReimageOperation ignores",
        decide.decide_send,
        " or request.refusal is not None",
        "",
        "asked",
        Configuration("refusals", Bounds(faults=2, changes=1), values="C"),
    ),
    Mutant(
        "Unknown with a fresh look",
        send.send_request,
        'return sending.keep("Unknown", look,',
        'return sending.keep("Unknown", Look.at(context.look()),',
        "once",
        KILLS,
    ),
    Mutant(
        "ids used for a second send",
        context.VmContext.for_send,
        'correlation_id = f"{request_id[:-12]}{uuid.uuid4().hex[:12]}"',
        "correlation_id = request_id",
        "ids",
        KILLS,
    ),
    Mutant(
        "attempts without a bound",
        repeat.decide_repeat,
        "failure.attempt >= _MOST_ATTEMPTS",
        "False",
        "bounded",
        FAILURES_4,
    ),
    Mutant(
        "a rebuilt disk wiped again",
        repeat.decide_repeat,
        "if failure.disk is Disk.REBUILT:",
        "if False:",
        "once",
        FAILURES,
    ),
    Mutant(
        "twice in one host is not doubtful", run.Run.send_once, "return first", "return True", "once", RETRIES
    ),
    Mutant(
        "interrupted is taken as fresh",
        send.send_request,
        "is_fresh = request.host_id == context.run.id and",
        "is_fresh =",
        "once",
        KILLS,
    ),
    Mutant(
        "no fence after an earlier doubt",
        decide.decide_send,
        "return SendFresh(after_fence=doubt, unsure=unsure)",
        "return SendFresh(after_fence=False, unsure=unsure)",
        "once",
        CHANGES,
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
        "a busy VM is compared at once",
        doubt._look_when_settled,
        "return vm if vm.settled else wait_until_settled(context, vm)",
        "return vm",
        "once",
        Configuration("long operations", Bounds(kills=1, long=2)),
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
        repeat._send_again,
        "if isinstance(finding, Undecided):",
        "if False:",
        "once",
        FAILURES,
    ),
    Mutant(
        "more than one doubt is one",
        decide._only_look_in_doubt,
        "if earlier is None or last.unsure:",
        "if earlier is None:",
        "wanted",
        Configuration("changes and a fault", Bounds(kills=1, faults=1, changes=2), values="AC"),
    ),
    Mutant(
        "the last failure is taken as an end",
        dynamic_result.ReimageResultProvider._go_on,
        'if operation.record.key == olds.get("key") and failure is None:',
        'if operation.record.key == olds.get("key"):',
        "calm",
        FAILURES,
    ),
)


def kill(mutant: Mutant | ConstantHostId) -> tuple[str, Findings]:
    """Return how a mutant ended: killed, killed by another invariant, or alive."""
    before = explore(mutant.configuration)
    with mutant.applied():
        after = explore(mutant.configuration, until=mutant.invariant, known=frozenset(before.broken))
    new = {name for name in after.broken if name not in before.broken}
    if any(name.startswith(mutant.invariant) for name in new):
        return "killed", after
    return (f"killed by {sorted(new)}" if new else "ALIVE"), after


def main(chosen: list[str]) -> int:
    """Kill the mutants; return 1 if one of them is alive."""
    alive = 0
    for mutant in MUTANTS:
        if chosen and not any(word in mutant.name for word in chosen):
            continue
        try:
            how, found = kill(mutant)
        except Exception as error:  # noqa: BLE001 - a crash is reported as one.
            how, found = f"CRASHED {error!r}", Findings()
        alive += how != "killed"
        numbers = f"{found.situations} situations, {found.transitions} transitions"
        where = f"{mutant.configuration.name:28} {mutant.invariant:9}"
        print(f"{mutant.name:47} {where} {how} ({numbers})", flush=True)  # noqa: T201 - a command.
    return alive > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""All mutants. `python -m tests.protocol.mutants` runs them, or only those named by its arguments."""

from __future__ import annotations

import sys

from .explore import Findings
from .mutant import AnyMutant, ConstantHostId, kill
from .mutants_doubt import DOUBT
from .mutants_failures import FAILED
from .mutants_fence import FENCE
from .mutants_log import LOGGED
from .mutants_preview import ANNOUNCED

MUTANTS: tuple[AnyMutant, ...] = (
    ConstantHostId(),
    *FENCE,
    *DOUBT,
    *FAILED,
    *LOGGED,
    *ANNOUNCED,
)


def main(chosen: list[str]) -> int:
    """Run the mutants, and return 1 if one of them stays alive."""
    ended = [_run(mutant) for mutant in MUTANTS if not chosen or any(word in mutant.name for word in chosen)]
    return any(how != "killed" for how in ended)


def _run(mutant: AnyMutant) -> str:
    try:
        how, found = kill(mutant)
    except Exception as error:  # noqa: BLE001 - a crash is reported as one.
        how, found = f"CRASHED {error!r}", Findings()
    where = f"{mutant.configuration.name:28} {mutant.invariant:9}"
    numbers = f"{found.situations} situations, {found.transitions} transitions"
    print(f"{mutant.name:47} {where} {how} ({numbers})", flush=True)  # noqa: T201 - a command.
    return how


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

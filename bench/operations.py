"""How long the reimage of a fleet takes, compared with an unbeatable design and with an earlier version."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.command import Group
from bench.designs import OURS
from bench.earlier import earlier_version
from bench.engine import quiet_engine
from bench.measurement import Load, measure
from bench.report import Expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measurement import Measurement

_CONDITIONS = """\
Operations take so long in a simulator that a process of its own serves on the loopback interface. It answers
at once, which Azure does not, and asks clients to come back after 1 s. State is kept by the file backend with
its default settings.

floor     the `up` of the same program with the same change and operations of 0 s, plus one operation
0.1.0     that version from its commit, with its own environment, its own benchmark and the same CLI
engine    peak memory of the CLI's process during the `up` that reimages
state     the checkpoint file after it, per machine. The program runs under the Automation API: the call stack
          that Pulumi's SDK records with a resource is deeper than in a program that the CLI runs.
"""
_RETRY_AFTER = 1
_QUICK_SECONDS = 2.0
# How much longer than ten machines a fleet may take, because every step writes all of the state to the file.
_GROWTH = {25: 1.2, 50: 1.6, 100: 3.0, 150: 5.5, 300: 20.0}


def _against_floor(quick: bool, *, seconds: float, limit: float) -> Iterator[Expectation]:  # noqa: FBT001 - as Figure has it.
    machines, seconds = (5, _QUICK_SECONDS) if quick else (50, seconds)
    with quiet_engine() as engine:
        instant = _said("ours", measure(engine, OURS, Load(machines, 0.0, _RETRY_AFTER)))
        ours = _said("ours", measure(engine, OURS, Load(machines, seconds, _RETRY_AFTER)))
    floor = instant.seconds + seconds
    yield Expectation(
        f"{machines} machines, {seconds:g} s: ours / floor ({floor:.1f} s)",
        "at most",
        limit,
        ours.seconds / floor,
    )


def _against_earlier(quick: bool) -> Iterator[Expectation]:  # noqa: FBT001 - as Figure has it.
    load = Load(5, _QUICK_SECONDS, _RETRY_AFTER) if quick else Load(150, 10.0, _RETRY_AFTER)
    what = f"{load.machines} machines, {load.seconds:g} s"
    with quiet_engine() as engine, earlier_version() as earlier:
        theirs = _said("0.1.0", earlier.measure(load))
        ours = _said("ours", measure(engine, OURS, load))
    yield Expectation(
        f"{what}: ours / 0.1.0 ({theirs.seconds:.1f} s)", "at most", 1.75, ours.seconds / theirs.seconds
    )
    yield Expectation(f"{what}: peak memory of the engine, MB", "under", 300, ours.engine_bytes / 1e6)
    yield Expectation(f"{what}: state per machine, kB", "at most", 22.5, ours.state_per_machine)


def _sizes(quick: bool) -> Iterator[Expectation]:  # noqa: FBT001 - as Figure has it.
    seconds = _QUICK_SECONDS if quick else 10.0
    few, *more = (2, 4) if quick else (10, 25, 50, 100, 150, 300)
    with quiet_engine() as engine:
        alone = _said("ours", measure(engine, OURS, Load(few, seconds, _RETRY_AFTER))).seconds
        for machines in more:
            ours = _said("ours", measure(engine, OURS, Load(machines, seconds, _RETRY_AFTER)))
            yield Expectation(
                f"{machines} machines, {seconds:g} s: ours / {few} machines ({alone:.1f} s)",
                "at most",
                _GROWTH.get(machines, 2.0),
                ours.seconds / alone,
            )


def _said(who: str, found: Measurement) -> Measurement:
    """Print a measurement, to be read while others are running."""
    print(f"  {who + ':':7}{found}", flush=True)
    return found


GROUP = Group(
    _CONDITIONS,
    {
        "75-seconds": partial(_against_floor, seconds=75.0, limit=1.25),
        "10-seconds": partial(_against_floor, seconds=10.0, limit=1.6),
        "version-0.1.0": _against_earlier,
        "fleet-sizes": _sizes,
    },
)

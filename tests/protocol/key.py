"""When two situations are equal. A story that reaches a situation that was seen is not explored again."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from pulumi_azure_reimage.reimage.look import Look

from .documents import machine
from .promises import kind_of
from .stage import START

if TYPE_CHECKING:
    from .situation import Situation
    from .world import Noted, View, World

# Random ids, and what Azure names, in the order in which they first appear.
_NAMES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|disk-\d+|op-\d+|vm-\d+"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:\+00:00)?"
)


def key_of(at: Situation) -> bytes:
    """Return a digest that is the same for situations that differ only in random ids and in times."""
    rank = _ranks(at)
    text = json.dumps([_state(at), *_azure(at, rank), *_memory(at, rank), _run(at)], sort_keys=True)
    names: dict[str, str] = {}
    canonical = _NAMES.sub(lambda found: names.setdefault(found[0], f"#{len(names)}"), text)
    return hashlib.blake2b(canonical.encode(), digest_size=16).digest()


def _ranks(at: Situation) -> dict[int, int]:
    """Return the ranks of the requests that matter, because their numbers would grow without end."""
    world = at.world
    running = {world.running.request} if world.running else set[int]()
    numbers = {world.well, len(at.decided), *running, *(post.request for post in world.flight)}
    return {number: index for index, number in enumerate(sorted(numbers))}


def _state(at: Situation) -> list[object]:
    return [(letter, one.inputs, one.outputs) for letter, one in at.saved]


def _azure(at: Situation, rank: dict[int, int]) -> list[object]:
    world, now = at.world, at.world.elapsed
    running = world.running
    name = f"op-{running.number}" if running and running.number else "s"
    return [
        [_look(world, view) for view in (world.view, world.late)],
        round(world.late_until - now) if world.late else None,
        [(rank[post.request], post.value, round(post.until - now)) for post in world.flight],
        (name, rank[running.request], running.value) if running else None,
        [
            (f"op-{number}", end)
            for number, end in enumerate(world.ends, 1)
            if any(f'op-{number}"' in one.outputs for _, one in at.saved)
        ],
        [_noted(at, one) for one in world.log],
    ]


def _noted(at: Situation, one: Noted) -> object:
    """Return an event with the id of its request as in state, and with its age until it must be shown."""
    request = next((id_ for id_, _ in at.decided if one.id.startswith(id_[:-12])), "")
    age = "shown" if one.shown else min(round(at.world.elapsed - one.time), 1201)
    return request, one.id[-12:-11], one.status, one.http_status, one.code, age


def _look(world: World, view: View | None) -> object:
    if view is None:
        return None
    vm = machine(view, ephemeral=world.ephemeral, read_at=START)
    return view.busy, view.ok, view.power, Look.at(vm).to_state()


def _memory(at: Situation, rank: dict[int, int]) -> list[object]:
    """Return what the invariants remember."""
    world, newest = at.world, len(at.decided)
    remembered = [
        world.effect,
        world.stays,
        world.strange,
        rank[world.well],
        world.excused,
        world.well == newest,
    ]
    return [world.makers.count(newest), *remembered, asdict(world.bounds)]


def _run(at: Situation) -> list[object]:
    now, host = at.world.elapsed, at.host
    held = (
        (
            host.run_id,
            sorted(host.sent),
            [(name, round(at - now)) for name, at in (*host.first, *host.posted)],
        )
        if host
        else None
    )
    is_new = host is not None and at.world.view.created > host.started
    return [at.phase, at.wanted, at.guarded, at.mode, at.letters, kind_of(at), held, is_new]

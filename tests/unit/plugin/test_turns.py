"""The turns in which the resources of many components are declared."""

import asyncio
from typing import TYPE_CHECKING, cast

from pulumi_azure_reimage.plugin.turns import Turns

if TYPE_CHECKING:
    import pulumi

LONG = 3600.0


class Declared:
    """A resource whose URN arrives when a test sets it."""

    def __init__(self) -> None:
        self.arrives = asyncio.get_running_loop().create_future()

    @property
    def urn(self) -> "Declared":
        """The URN as an output, whose value is in `arrives`."""
        return self

    def future(self) -> "asyncio.Future[str]":
        """Return the value of the output."""
        return self.arrives


def declare(turns: Turns, turn: str) -> Declared:
    """Declare a resource of another component."""
    turns.join()
    resource = Declared()
    turns.declared(turn, cast("pulumi.Resource", resource))
    return resource


async def let_go_on(task: "asyncio.Task[None]", seconds: float = 0.3) -> bool:
    """Return whether a task ends within some seconds."""
    done, _ = await asyncio.wait([task], timeout=seconds)
    return bool(done)


def test_a_turn_ends_when_the_resource_of_every_component_is_done() -> None:
    """The turn also ends if one of them failed, because the others continue."""

    async def story() -> tuple[bool, bool]:
        turns = Turns(quiet=0.0, patience=LONG)
        one, two = declare(turns, "decide"), declare(turns, "decide")
        task = asyncio.ensure_future(turns.end_of("decide"))
        one.arrives.set_result("urn:one")
        early = await let_go_on(task)
        two.arrives.set_exception(ValueError("it was refused"))
        return early, await let_go_on(task, LONG)

    assert asyncio.run(story()) == (False, True)


def test_the_turns_are_independent() -> None:
    """A send that is under way does not delay a decision."""

    async def story() -> bool:
        turns = Turns(quiet=0.0, patience=LONG)
        declare(turns, "send")
        return await let_go_on(asyncio.ensure_future(turns.end_of("decide")), LONG)

    assert asyncio.run(story())


def test_the_last_component_may_come_a_little_later() -> None:
    """More components are expected until no new one has arrived for a while."""

    async def story() -> bool:
        turns = Turns(quiet=LONG, patience=2 * LONG)
        turns.join()
        return await let_go_on(asyncio.ensure_future(turns.end_of("decide")))

    assert not asyncio.run(story())


def test_a_slow_machine_does_not_hold_up_the_others() -> None:
    """The order affects only the speed and the counts of the fleet."""

    async def story() -> bool:
        turns = Turns(quiet=0.0, patience=0.0)
        declare(turns, "decide")
        return await let_go_on(asyncio.ensure_future(turns.end_of("decide")), LONG)

    assert asyncio.run(story())

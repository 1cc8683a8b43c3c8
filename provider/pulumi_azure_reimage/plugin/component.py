"""VirtualMachineReimage as a program in another language declares it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from ..component import VirtualMachineReimage
from ..inputs.spelling import OTHERS, Spelling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    import pulumi

    from .turns import Turns


class ServedReimage(VirtualMachineReimage):
    """The same component, whose resources are declared when their turn in the fleet has come.

    Texts about it spell the names of inputs as the other languages do.
    """

    _spelling: ClassVar[Spelling] = OTHERS

    def __init__(
        self, name: str, opts: pulumi.ResourceOptions | None, args: Mapping[str, Any], turns: Turns
    ) -> None:
        """Declare the component.

        Args:
            name: The name of this resource in the stack.
            opts: Pulumi's resource options.
            args: The inputs, under their names in Python.
            turns: The turns of all components of the program.
        """
        self._turns = turns
        turns.join()
        super().__init__(name, opts, **args)

    def _turn_after(self, before: pulumi.Resource, urn: Awaitable[str]) -> Awaitable[str]:
        turn = type(before).__name__
        self._turns.declared(turn, before)

        async def wait() -> str:
            await self._turns.end_of(turn)
            return await urn

        return asyncio.ensure_future(wait())

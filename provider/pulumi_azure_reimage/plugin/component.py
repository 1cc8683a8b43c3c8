"""VirtualMachineReimage as a program of another language declares it."""

from __future__ import annotations

from typing import ClassVar

from ..component import VirtualMachineReimage
from ..inputs.spelling import OTHERS, Spelling


class ServedReimage(VirtualMachineReimage):
    """The same component; texts about it spell the names of inputs as those languages do."""

    _spelling: ClassVar[Spelling] = OTHERS

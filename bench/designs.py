"""The designs that are compared, each as what a program writes for one machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.trivial import TrivialTriple
from pulumi_azure_reimage import VirtualMachineReimage

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Design:
    """A way to reimage, or a stand-in for one.

    Attributes:
        name: What the output calls it.
        declare: Declares the reimage of a machine: its name, its resource id, and the value of its trigger.
    """

    name: str
    declare: Callable[[str, str, str], object]


OURS = Design(
    "ours",
    lambda name, vm_id, image: VirtualMachineReimage(name, vm_id=vm_id, triggers={"image": image}),
)
TRIVIAL = Design("trivial", lambda name, _vm_id, image: TrivialTriple(name, image))

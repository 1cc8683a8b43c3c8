"""A component with three dynamic resources that do nothing: what Pulumi itself costs.

Everything that can be left to Pulumi is left to it. Its structure is ours: a component, and children, each of
which is given what the one before it made.
"""

from __future__ import annotations

from typing import Any

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class FirstProvider(ResourceProvider):
    """Turns its input into an output."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make it."""
        return CreateResult("trivial", {"value": props["value"], "made": props["value"]})


class SecondProvider(FirstProvider):
    """The same again, because each of our resources has its own provider too."""


class ThirdProvider(FirstProvider):
    """The same once more."""


class First(Resource, module="bench", name="First"):
    """A resource with one input and one output."""

    made: Output[str]

    def __init__(self, name: str, value: Input[str], opts: ResourceOptions) -> None:
        super().__init__(FirstProvider(), name, {"value": value, "made": None}, opts)


class Second(Resource, module="bench", name="Second"):
    """Another one."""

    made: Output[str]

    def __init__(self, name: str, value: Input[str], opts: ResourceOptions) -> None:
        super().__init__(SecondProvider(), name, {"value": value, "made": None}, opts)


class Third(Resource, module="bench", name="Third"):
    """The last one."""

    made: Output[str]

    def __init__(self, name: str, value: Input[str], opts: ResourceOptions) -> None:
        super().__init__(ThirdProvider(), name, {"value": value, "made": None}, opts)


class TrivialTriple(ComponentResource):
    """Three resources that do nothing."""

    made: Output[str]

    def __init__(self, name: str, value: str) -> None:
        super().__init__("bench:index:TrivialTriple", name, {})
        child = ResourceOptions(parent=self)
        first = First(name, value, child)
        second = Second(name, first.made, child)
        third = Third(name, second.made, child)
        self.made = third.made
        self.register_outputs({})

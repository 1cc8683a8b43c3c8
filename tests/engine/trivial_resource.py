"""A dynamic resource without Azure, to test the harness with.

The dynamic host imports this module, so it sees the same class as the program.
"""

from pathlib import Path
from typing import Any

from pulumi import Input, Output, ResourceOptions, dynamic

FAIL = "fail"


class TrivialProvider(dynamic.ResourceProvider):
    """Keeps a value, or blocks, or fails."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Keep the value."""
        _act(props["value"])
        return dynamic.CreateResult("trivial", {"value": props["value"]})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the values."""
        return dynamic.DiffResult(changes=_olds["value"] != _news["value"])

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Keep the new value."""
        _act(_news["value"])
        return dynamic.UpdateResult({"value": _news["value"]})


class Trivial(dynamic.Resource, module="test", name="Trivial"):
    """A resource with one value."""

    value: Output[str]

    def __init__(self, name: str, value: Input[str], opts: ResourceOptions | None = None) -> None:
        """Keep `value`; `fail` fails, and a folder with a named pipe `block` in it blocks."""
        super().__init__(TrivialProvider(), name, {"value": value}, opts)


def _act(value: str) -> None:
    if value == FAIL:
        raise ValueError("told to fail")
    pipe = Path(value) / "block"
    if pipe.exists():
        (pipe.parent / "blocked").touch()
        pipe.read_text()

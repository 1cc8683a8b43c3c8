"""What the tests of Pulumi's commands share: the URNs of one machine, and the messages about it."""

from tests.engine.harness import EngineResult
from tests.engine.reimaging import COMPONENT, OPERATION, REQUEST, RESULT

ONE: dict[str, dict[str, object]] = {"web": {}}
CHILDREN = {"ReimageRequest": REQUEST, "ReimageOperation": OPERATION, "ReimageResult": RESULT}
# The summary counts the stack, the component and its three children, but not the provider.
SAME = {"same": 5}


def urn(name: str, machine: str = "web") -> str:
    """Return the URN of a machine's component, or of the child of that name."""
    inner = COMPONENT if name == "component" else f"{COMPONENT}${CHILDREN[name]}"
    return f"urn:pulumi:test::test::{inner}::{machine}"


def said(result: EngineResult, machine: str = "web") -> list[str]:
    """Return the messages that stay on the row of a machine's component."""
    row = urn("component", machine)
    return [line.message for line in result.diagnostics if line.urn == row and not line.ephemeral]


def errors(result: EngineResult) -> list[str]:
    """Return the errors of the run, one for each resource that failed."""
    return [line.message for line in result.diagnostics if line.severity == "error" and line.urn]

"""One table of scenarios, run from Python and from YAML: the same requests, texts and state."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import pytest

from pulumi_azure_reimage.component import OsProfileArgs, VirtualMachineReimageArgs
from tests.cli.conftest import NewProject
from tests.cli.program import camel_case
from tests.cli.project import diagnostics
from tests.cli.scenarios import CUSTOM_DATA, PASSWORD, SCENARIOS, Step
from tests.cli.sides import InPython, InYaml, Side, everything_kept
from tests.engine.conftest import NewStack

_OURS = "azure-reimage:"
_NAMES = {
    camel_case(name): name
    for args in (VirtualMachineReimageArgs, OsProfileArgs)
    for name in args.__annotations__
    if camel_case(name) != name
}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00| UTC)?|\b\d\d:\d\d:\d\d\b")
# In an operation's URL.
_SIGNED = re.compile(r"(?<=[?&])(t|c|s|h)=[\w-]+")
# The digest of the VM's times.
_DIGEST = re.compile(r"\b[0-9a-f]{32}$")
# What an inline program of the Automation API prints after an error.
_INLINE = "error: Resource monitor has terminated, shutting down"
# How texts spell names: kept in state for languages that spell them as YAML does. The default is Python's.
_SPELLING = ".spelling"
_SIGNATURE = "4dabf18193072939515e22adb298388d"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_the_same_from_yaml_and_from_python(
    name: str, new_project: NewProject, new_stack: NewStack
) -> None:
    """Azure, the user and the state see the same, whichever language the program has."""
    scenario = SCENARIOS[name]
    sides: tuple[Side, Side] = (InYaml(new_project, scenario), InPython(new_stack, scenario))

    for number, step in enumerate(scenario.steps, 1):
        seen = [take(side, step) for side in sides]
        where = f"step {number}, {step.command}"
        assert seen[0]["rows"] == seen[1]["rows"], where
        assert seen[0]["requests"] == seen[1]["requests"], where
        assert seen[0]["state"] == seen[1]["state"], where


def take(side: Side, step: Step) -> dict[str, Any]:
    """Run a step, check what follows, and return what can be compared with the other side."""
    for machine, changes in step.inputs.items():
        inputs = side.inputs.setdefault(machine, {})
        inputs.update(changes)
        for key in [key for key, value in inputs.items() if value is None]:
            del inputs[key]
    if step.event:
        step.event(side.simulator)
    outcome = side.run(step)
    text = in_one_line(outcome.text)
    assert outcome.code == step.code, outcome.text
    for words in step.says:
        assert words in text
    assert len(side.simulator.reimage_requests()) == step.posts, outcome.text
    assert_no_secret(outcome.text)
    assert_no_secret(everything_kept(side))
    return {
        "rows": rows(outcome.text, step),
        "requests": [(request.name, request.json()) for request in side.simulator.reimage_requests()],
        "state": state(side),
    }


def rows(text: str, step: Step) -> dict[str, set[str]]:
    """Return what the CLI's summary has for each row."""
    said: dict[str, set[str]] = {}
    for row, messages in diagnostics(text).items():
        for message in map(tidy, messages):
            if message != _INLINE:
                said.setdefault(_any_machine(row, step), set()).add(_any_machine(message, step))
    return said


def _any_machine(text: str, step: Step) -> str:
    return re.sub(r"\b(web|db)\b", "<machine>", text) if step.any_machine else text


def assert_no_secret(text: str) -> None:
    """Check that no secret of a scenario is in the clear, base64 and decoded base64 included."""
    for secret in (PASSWORD, CUSTOM_DATA, "hunter2"):
        assert secret not in text
    assert base64.b64decode(CUSTOM_DATA).decode() not in text
    assert base64.b64encode(PASSWORD.encode()).decode().rstrip("=") not in text


def in_one_line(text: str) -> str:
    """Return a text with the names of inputs as Python spells them, and without line breaks."""
    return " ".join(in_python(text).split())


def in_python(text: str) -> str:
    """Return a text with the names of inputs as Python spells them."""
    return re.sub(r"\b[a-z]+(?:[A-Z][a-z]+)+\b", lambda word: _NAMES.get(word[0], word[0]), text)


def tidy(text: str) -> str:
    """Return a text without what differs in each run."""
    for pattern, word in ((_UUID, "id"), (_TIME, "time"), (_SIGNED, "signature"), (_DIGEST, "digest")):
        text = pattern.sub(f"<{word}>", text)
    # Programs in Python have arguments, and those in other languages have properties.
    return in_python(text).replace("preflight: warn", "preflight='warn'")


def state(side: Side) -> dict[str, object]:
    """Return what the state keeps of our resources, key by key."""
    return {
        f"{resource['urn'].partition('::test::')[2]} {kind}{key}": value
        for resource in side.resources()
        if _OURS in resource["type"] and not resource["type"].startswith("pulumi:providers:")
        for kind in ("inputs", "outputs")
        for key, value in keys(resource.get(kind, {}))
        if key != _SPELLING
    }


def keys(value: object, path: str = "") -> list[tuple[str, object]]:
    """Return the leaves of a part of the state with their paths."""
    match value:
        case Mapping() if _SIGNATURE in value:
            return [(path, "<secret>")]
        case Mapping() if value:
            return [leaf for key, item in value.items() for leaf in keys(item, f"{path}.{key}")]
        case list() if value:
            return [leaf for number, item in enumerate(value) for leaf in keys(item, f"{path}[{number}]")]
        case str():
            return [(path, tidy(value))]
        case float() if path.endswith(".duration_seconds"):
            return [(path, "<duration>")]
        case _:
            return [(path, value)]

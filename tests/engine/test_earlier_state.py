"""State of version 0.1.0 is refused on the real engine, and the command in the error goes on from there."""

import json
import re
from typing import Any

import pytest

from tests.engine.conftest import NewStack
from tests.engine.reimaging import OPERATION, REQUEST, RESULT, Reimaging

PROVIDER = "__provider"


def write_as_before(fleet: Reimaging) -> None:
    """Write the state of the baseline of `web` as version 0.1.0 wrote it: two resources with a record."""
    file = fleet.stack.checkpoint_file
    document = json.loads(file.read_text())
    latest = document["checkpoint"]["latest"]
    before = fleet.state(OPERATION, "web")["outputs"]["operation"]["record"]["before"]
    kept: dict[str, dict[str, Any]] = {
        OPERATION: {"record": {"before": before}, "causes": [], "triggers": {"image": "1"}},
        RESULT: {"result": {"status": "Baseline"}, "client_request_id": ""},
    }
    latest["resources"] = [resource for resource in latest["resources"] if resource["type"] != REQUEST]
    for resource in latest["resources"]:
        if resource["type"] in kept:
            inputs, old = resource["inputs"], resource["outputs"]
            known = {name: inputs[name] for name in (PROVIDER, "vm_id", "component_urn") if name in inputs}
            resource["inputs"] = {**known, "triggers": {"image": "1"}}
            resource["outputs"] = {**known, PROVIDER: old[PROVIDER], **kept[resource["type"]]}
            resource.pop("dependencies", None)
            resource.pop("propertyDependencies", None)
    file.write_text(json.dumps(document))


@pytest.mark.parametrize("on_create", [False, True], ids=["", "reimage_on_create"])
def test_state_of_version_0_1_0_is_refused_and_its_command_records_a_baseline(
    new_stack: NewStack, *, on_create: bool
) -> None:
    """In the preview already, and nothing is sent on the way; the next change reimages."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})
    write_as_before(fleet)

    preview = fleet.preview(triggers={"image": "2"}, reimage_on_create=on_create)
    refused = fleet.up()
    named = sorted(set(re.findall(r"--replace '([^']+)'", refused.text)))
    fleet.set(reimage_on_create=False)
    left = fleet.stack.up(replace=named)
    sent_until_then = fleet.posts
    unchanged = fleet.stack.up()
    changed = fleet.up(triggers={"image": "3"})

    for told in (preview, refused):
        assert not told.ok
        assert "This version cannot read what is in state" in told.text
        assert "Nothing was sent." in told.text
    assert {urn.rpartition("$")[2] for urn in named} == {f"{OPERATION}::web", f"{RESULT}::web"}
    assert ("Set reimage_on_create to False first." in refused.text) == on_create
    assert left.ok, left.text
    assert sent_until_then == 0
    assert unchanged.changes == {"same": 5}
    assert changed.ok, changed.text
    assert fleet.posts == 1

"""Only a simulator on this machine may have a shorter fence. Nothing shortens that of another endpoint."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.engine.conftest import NewStack
from tests.engine.stories import program
from tests.signin.entra import CLIENT, SECRET, TENANT
from tests.signin.world import open_world
from tests.unit.fakes import VM_ID

NO_FENCE = {"azure-reimage:simulatorTimeScale": "0"}
AZURE = {
    "azure-native:tenantId": TENANT,
    "azure-native:clientId": CLIENT,
    "azure-native:clientSecret": SECRET,
}
_WAITING = re.compile(r"nothing is sent for (\d+) s")


def test_the_scale_of_a_simulator_does_not_shorten_the_fence_of_azure(
    new_stack: NewStack, tmp_path: Path
) -> None:
    """A decision of another run is pending, and the screen says how long nothing is sent: 95 s at first."""
    arguments = {"vm_id": VM_ID, "triggers": {"image": "1"}}
    with open_world(tmp_path, seconds=1, now=lambda: datetime.now(UTC)) as world:
        variables = {name: value for name, value in world.variables.items() if name != "PATH"}
        stack = new_stack(
            lambda: program.declare(arguments, ""), config={**AZURE, **NO_FENCE}, environment=variables
        )
        assert stack.up().ok
        arguments["triggers"] = {"image": "2"}
        (request,) = [found for found in stack.resources() if found["type"].endswith(":ReimageRequest")]
        decided = stack.up(target=[request["urn"]])
        (stack.folder / "inputs.json").write_text(json.dumps({"arguments": arguments, "retried": ""}))
        running = stack.up_in_subprocess(Path(program.__file__))
        running.until(lambda: _WAITING.search(running.text) is not None)
        running.kill9()

        assert decided.ok, decided.text
        seconds = _WAITING.search(running.text)
        assert seconds
        assert int(seconds[1]) > 60
        assert world.simulator.reimage_requests() == []


@pytest.mark.parametrize("url", ["http://192.0.2.1:8080", "https://management.azure.com"])
def test_a_simulator_that_is_not_on_this_machine_is_refused(new_stack: NewStack, url: str) -> None:
    """The preview refuses it before anything is contacted, so there is no fence to shorten."""
    stack = new_stack(
        lambda: program.declare({"triggers": {"image": "1"}}, ""),
        config={"azure-reimage:simulator": url, **NO_FENCE},
    )

    preview = stack.preview()

    assert not preview.ok
    assert "A served simulator must be on this machine" in preview.text

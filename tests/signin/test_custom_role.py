"""The custom role of the doctor: exactly the actions of all requests that can be sent."""

import io
import json
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from pulumi_azure_reimage.doctor import main
from pulumi_azure_reimage.simulator import Simulator
from pulumi_azure_reimage.simulator.serving import serve
from tests.unit.fakes import VM_ID, FakeClock
from tests.unit.stack import WEB, Stack

SUBSCRIPTION = VM_ID.split("/")[2]


def role(*arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """Return the exit code and the output."""
    out = io.StringIO()
    return main((*arguments, "--role"), environ or {}, out), out.getvalue()


def test_it_is_a_document_that_the_azure_cli_accepts() -> None:
    """It has the documented members, and is for the subscription of the VM. Nothing is sent."""
    code, printed = role(VM_ID)

    document = json.loads(printed)
    assert code == 0
    assert set(document) == {
        "Name",
        "IsCustom",
        "Description",
        "Actions",
        "NotActions",
        "DataActions",
        "NotDataActions",
        "AssignableScopes",
    }
    assert document["AssignableScopes"] == [f"/subscriptions/{SUBSCRIPTION}"]
    assert not any("*" in action for action in document["Actions"])
    assert len(document["Description"]) <= 2048


def test_without_a_vm_it_is_for_the_configured_subscription() -> None:
    """Without either, there is no subscription to name."""
    code, printed = role("--no-stack", environ={"ARM_SUBSCRIPTION_ID": SUBSCRIPTION})
    none_code, none_printed = role("--no-stack")

    assert code == 0
    assert json.loads(printed)["AssignableScopes"] == [f"/subscriptions/{SUBSCRIPTION}"]
    assert none_code == 1
    assert "give the id of a VM in it" in none_printed


def action_of(method: str, url: str) -> str:
    """Return the right that ARM requires for a request.

    ARM names it after the provider, the types of the path, and what is done:
    https://learn.microsoft.com/azure/role-based-access-control/role-definitions#control-and-data-actions
    """
    path = url.partition("?")[0]
    provider, *segments = path.rpartition("/providers/")[2].split("/")
    types = [provider, *segments[::2]]
    match method, len(segments) % 2:
        case "POST", 1:
            return "/".join([*types, "action"])
        case "GET", _:
            return "/".join([*types, "read"])
        case _:
            raise AssertionError((method, url))


@pytest.mark.parametrize(
    ("request_line", "action"),
    [
        (f"GET {VM_ID}?api-version=1", "Microsoft.Compute/virtualMachines/read"),
        (f"POST {VM_ID}/reimage", "Microsoft.Compute/virtualMachines/reimage/action"),
        (f"GET {VM_ID}/providers/Microsoft.Authorization/locks", "Microsoft.Authorization/locks/read"),
    ],
)
def test_the_right_of_a_request_is_in_its_path(request_line: str, action: str) -> None:
    """This is ARM's own rule, which only this test implements."""
    method, url = request_line.split()

    assert action_of(method, url) == action


GALLERY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/gallery/images/base"
INVENTORY = f"""
operation_seconds = 20
retry_after = 5
activity_log_seconds = 60

[[machine]]
name = "web"

[[machine]]
name = "other"
image = {{ id = "{GALLERY}" }}

[[image]]
id = "{GALLERY}"
versions = ["1.0.0", "2.0.0"]
"""


def live_through_everything(stack: Stack, simulator: Simulator, name: str) -> None:
    """Make everything happen to a VM that causes a different request."""

    def up(trigger: int, **inputs: object) -> None:
        given = {"vm_id": WEB.replace("/web", f"/{name}"), "triggers": {"n": trigger}, **inputs}
        stack.preview(**given)
        stack.up(**given)

    up(1)
    # Without a version, the preflight reads the locks.
    up(2)
    # With one, it reads the version.
    up(3, exact_version="2.0.0")
    # A run is killed after its request was accepted. What was not saved is in the log.
    saved = deepcopy(stack.operation.outputs)
    stack.begin(vm_id=WEB.replace("/web", f"/{name}"), triggers={"n": 4})
    stack.operation.outputs = saved
    up(4)
    # Drift, whose author is in the log.
    simulator.reimage(name, caller="someone@example.com")
    stack.refresh()


def test_it_has_the_rights_of_all_requests_and_no_others(tmp_path: Path) -> None:
    """The requests are those of previews, updates, a doubt that the log resolves, and a refresh."""
    clock = FakeClock()
    inventory = tmp_path / "machines.toml"
    actions = set(json.loads(role(VM_ID)[1])["Actions"])
    # The identity has this role and no other, and the simulator refuses the rest.
    inventory.write_text(f"actions = {sorted(actions)}\n{INVENTORY}")
    with Simulator.open(inventory, now=clock.now) as simulator, serve(simulator) as server:
        for name in ("web", "other"):
            live_through_everything(Stack(inventory, clock, server.config), simulator, name)

        assert {action_of(request.method, request.path) for request in simulator.requests()} == actions

        assert not [request for request in simulator.requests() if request.status == 403]
        before = len(simulator.requests())
        assert main((WEB, "--stack", "served"), {}, io.StringIO(), served_stack(server.config)) == 0
        asked = simulator.requests()[before:]
        assert {action_of(request.method, request.path) for request in asked} < actions


def served_stack(config: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a pulumi CLI whose stack has a configuration."""

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        printed = {key: {"value": value} for key, value in config.items()}
        return subprocess.CompletedProcess(command, 0, json.dumps(printed), "")

    return run

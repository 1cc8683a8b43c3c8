"""ReimageOperation: what it announces, what it sends, and what it keeps."""

import json
import traceback
from typing import Any

import pytest

from pulumi_azure_reimage.errors import ConfigurationError, RefusedError
from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import COMPONENT, NOT_KNOWN, Stack

IN_PREVIEW = {"component_urn": COMPONENT, "request": NOT_KNOWN}
PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.


def test_a_reimage_on_creation_is_announced_and_sent(stack: Stack, simulator: Simulator) -> None:
    """It happens only because the program sets `reimage_on_create`."""
    preview = stack.preview(reimage_on_create=True)
    announced = list(stack.log.warnings)
    stack.up(reimage_on_create=True)

    assert preview == "create"
    assert any("VM web will be reimaged: created with reimage_on_create." in text for text in announced)
    assert stack.causes == ["created with reimage_on_create"]
    assert stack.told["status"] == "Succeeded"
    assert len(simulator.reimage_requests()) == 1


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param({"a": 1}, {"a": 2}, "triggers.a changed", id="changed"),
        pytest.param({"a": 1}, {"a": 1, "b": 1}, "triggers.b added", id="added"),
        pytest.param({"a": 1, "b": 1}, {"a": 1}, "triggers.b removed", id="removed"),
        pytest.param({"a": 1}, None, "triggers.a removed", id="all removed"),
    ],
)
def test_a_changed_trigger_is_announced_and_sent_once(
    stack: Stack, simulator: Simulator, before: object, after: object, reason: str
) -> None:
    """The reimage is also waited for. Without a parameter, the request has no body."""
    stack.up(triggers=before)

    preview = stack.preview(triggers=after)
    announced = list(stack.log.warnings)
    done = stack.up(triggers=after)

    assert preview == "update"
    assert any(f"VM web will be reimaged: {reason}." in text for text in announced)
    assert done == ("update", "update")
    assert stack.causes == [reason]
    assert [post.json() for post in simulator.reimage_requests()] == [None]


@pytest.mark.parametrize(
    ("before", "after", "body"),
    [
        pytest.param(None, "1.0", {"exactVersion": "1.0"}, id="set"),
        pytest.param("1.0", "1.1", {"exactVersion": "1.1"}, id="changed"),
        pytest.param("1.0", None, None, id="unset"),
    ],
)
def test_a_changed_version_is_sent_as_arm_spells_it(
    stack: Stack, simulator: Simulator, before: str | None, after: str | None, body: object
) -> None:
    """It is sent once."""
    stack.up(exact_version=before)
    stack.up(exact_version=after)

    assert [post.json() for post in simulator.reimage_requests()] == [body]


@pytest.mark.parametrize(
    ("guards", "words"),
    [
        pytest.param({"prevent_reimage": True}, "prevent_reimage is true.", id="prevent_reimage"),
        pytest.param(
            {"allowed_causes": ["triggers"]}, "allowed_causes does not name the cause `create`", id="allow"
        ),
        pytest.param(
            {"require_delete_option": "Delete"},
            "require_delete_option is Delete, and the VM's",
            id="require_delete_option",
        ),
    ],
)
def test_a_guard_refuses_a_reimage_on_creation(
    stack: Stack, simulator: Simulator, guards: dict[str, Any], words: str
) -> None:
    """The preview refuses it, and so does an update without a preview."""
    stack.preview(reimage_on_create=True, **guards)

    with pytest.raises(ConfigurationError) as caught:
        stack.up(reimage_on_create=True, **guards)

    (refused,) = stack.refused
    assert words in refused
    assert refused.endswith("Nothing was sent; no disk was touched.")
    assert str(caught.value) == refused
    assert simulator.reimage_requests() == []
    # The host prints the traceback.
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(file in shown for file in ("guard.py", "preview.py", "futures"))


def test_a_refused_preview_fails_without_naming_a_property(stack: Stack) -> None:
    """The engine would print the property's value."""
    stack.up(triggers={"a": 1})

    planned = stack.preview(triggers={"a": 2}, prevent_reimage=True)

    assert planned == "refused"
    assert stack.refused_properties == [""]


def test_what_breaks_in_a_preview_is_not_swallowed(stack: Stack) -> None:
    """It is raised once, where the preview is awaited."""

    def preview() -> None:
        raise ZeroDivisionError

    stack.operation.provider.host.previews.begin(COMPONENT, "a subject", preview)

    with pytest.raises(ZeroDivisionError):
        stack.result.provider.check({}, IN_PREVIEW)

    assert stack.result.provider.check({}, IN_PREVIEW).failures == []


def test_a_trigger_that_changes_while_the_last_reimage_runs_comes_after_it(
    stack: Stack, simulator: Simulator, clock: FakeClock
) -> None:
    """The run fails at its deadline, and the next one sends after the last reimage has ended."""
    stack.up(triggers={"a": 1})
    simulator.set_operation_seconds("web", 3600)
    stack.begin(triggers={"a": 2})
    with pytest.raises(RefusedError, match="is still busy with another operation"):
        stack.up(triggers={"a": 3}, timeout=30)
    waited = clock.elapsed
    sent_before = len(simulator.reimage_requests())
    simulator.finish("web")
    simulator.set_operation_seconds("web", 0)

    stack.up(triggers={"a": 3})

    assert waited == 30
    assert (sent_before, len(simulator.reimage_requests())) == (1, 2)
    assert stack.told["status"] == "Succeeded"


def test_a_password_is_in_no_output_and_no_message(stack: Stack, simulator: Simulator) -> None:
    """This is true even if ARM quotes it."""
    profile = {"admin_password": PASSWORD, "custom_data": "c2VjcmV0IGRhdGE="}
    stack.up(triggers={"a": 1}, os_profile=profile)
    simulator.fail("web", "InvalidParameter", f"The password {PASSWORD} is not allowed.")

    stack.begin(triggers={"a": 2}, os_profile=profile)
    state = json.dumps([stack.operation.outputs, stack.result.outputs])

    assert PASSWORD not in state
    assert "c2VjcmV0IGRhdGE=" not in state
    assert not any(PASSWORD in text for text in (*stack.log.warnings, *stack.log.progressed))

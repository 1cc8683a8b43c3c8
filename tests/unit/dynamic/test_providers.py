"""The two dynamic providers: what each change does, as the engine asks for it, on the embedded simulator."""

import ast
import json
import traceback
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pulumi.dynamic
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from pulumi_azure_reimage.dynamic.operation import ReimageOperationProvider
from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.resources import ProviderByName
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
    RefusedError,
    ReimageError,
    RequestRejectedError,
)
from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import COMPONENT, NOT_KNOWN, OTHER, WEB, Stack, configured

IN_PREVIEW = {"component_urn": COMPONENT, "request": NOT_KNOWN}
PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.


# What a change does


def test_the_first_up_records_a_baseline_and_sends_nothing(stack: Stack, simulator: Simulator) -> None:
    """And a second one changes nothing."""
    first = stack.up(triggers={"image": 1})
    second = stack.up(triggers={"image": 1})

    assert (first, second) == (("create", "create"), ("same", "same"))
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []


def test_a_reimage_on_creation_is_announced_and_sent(stack: Stack, simulator: Simulator) -> None:
    """Only because the program asks for it."""
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
    """And waited for; no parameter, no body."""
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
    """Once."""
    stack.up(exact_version=before)
    stack.up(exact_version=after)

    assert [post.json() for post in simulator.reimage_requests()] == [body]


def test_everything_else_waits_for_the_next_reimage(stack: Stack, simulator: Simulator) -> None:
    """It is no reason for one, and is used by it."""
    stack.up(triggers={"a": 1})
    changed = {"timeout": "2h", "os_profile": {"admin_password": PASSWORD}, "reimage_on_create": True}

    unchanged = stack.up(triggers={"a": 1}, **changed)
    before = len(simulator.reimage_requests())
    stack.up(triggers={"a": 2}, **changed)

    assert unchanged == ("same", "same")
    assert before == 0
    assert [post.json() for post in simulator.reimage_requests()] == [
        {"osProfile": {"adminPassword": PASSWORD}}
    ]


def test_a_change_that_reimages_nothing_is_told_once(stack: Stack) -> None:
    """By name; the engine stores it, so that the next run says nothing."""
    secret = {"os_profile": {"admin_password": PASSWORD}}
    stack.up(triggers={"a": 1})

    stack.up(triggers={"a": 1}, timeout="2h", **secret)
    told = list(stack.log.informed)
    stack.up(triggers={"a": 1.0}, timeout="2h", **secret)

    assert told == [
        "os_profile, timeout changed. The new value is stored for the next reimage and does not trigger one."
    ]
    assert stack.log.informed == []


def test_a_change_beside_a_trigger_is_part_of_the_reimage(stack: Stack) -> None:
    """It counts at once."""
    stack.up(triggers={"a": 1})

    stack.preview(triggers={"a": 2}, timeout="2h")

    assert stack.log.informed == []


@pytest.mark.parametrize(
    ("guards", "words"),
    [
        pytest.param({"prevent_reimage": True}, "prevent_reimage is true.", id="prevent_reimage"),
        pytest.param(
            {"allowed_causes": ["triggers"]}, "allowed_causes does not name the cause created", id="allow"
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
    """In the preview already, and in an update without one."""
    stack.preview(reimage_on_create=True, **guards)

    with pytest.raises(RefusedError) as caught:
        stack.up(reimage_on_create=True, **guards)

    (refused,) = stack.refused
    assert words in refused
    assert refused.endswith("Nothing was sent; no disk was touched.")
    assert str(caught.value) == refused
    assert simulator.reimage_requests() == []
    # The host prints it.
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(file in shown for file in ("guard.py", "preview.py", "futures"))


def test_a_refused_preview_fails_without_naming_a_property(stack: Stack) -> None:
    """The engine would print its value."""
    stack.up(triggers={"a": 1})
    stack.restart()

    planned = stack.request.plan(stack.inputs({"triggers": {"a": 2}, "prevent_reimage": True}))
    checked = stack.result.provider.check({}, IN_PREVIEW)

    assert planned == "update"
    assert [failure.property for failure in checked.failures] == [""]


def test_what_breaks_in_a_preview_is_not_swallowed(stack: Stack) -> None:
    """It comes out where the preview is awaited, once."""

    def preview() -> None:
        raise ZeroDivisionError

    stack.operation.provider.host.previews.begin(COMPONENT, "a subject", preview)

    with pytest.raises(ZeroDivisionError):
        stack.result.provider.check({}, IN_PREVIEW)

    assert stack.result.provider.check({}, IN_PREVIEW).failures == []


def test_a_guard_that_forbids_creation_forbids_no_baseline(stack: Stack) -> None:
    """It sends nothing anyway."""
    assert stack.up(prevent_reimage=True, allowed_causes=[]) == ("create", "create")


def test_a_vm_that_is_current_is_not_reimaged_and_its_triggers_are_stored(
    stack: Stack, simulator: Simulator
) -> None:
    """What the last reimage was requested for, and how it ended, stays as it was."""
    stack.up(triggers={"a": 1})
    stack.up(triggers={"a": 2})
    reimaged, told_of_it = stack.record, stack.told
    version = simulator.machine("web").image_version
    current = {"exact_version": version, "skip_if_current": True}

    done = stack.up(triggers={"a": 3}, **current)
    told = list(stack.log.warnings)
    again = stack.up(triggers={"a": 3}, **current)

    assert (done, again) == (("update", "same"), ("same", "same"))
    assert (stack.record, stack.told, stack.causes) == (reimaged, told_of_it, ["triggers.a changed"])
    assert (stack.request.outputs or {})["triggers"] == {"a": 3}
    assert any(f"already runs image version {version}" in text for text in told)
    assert len(simulator.reimage_requests()) == 1


def test_a_trigger_that_was_removed_is_forgotten_with_a_vm_that_is_current(stack: Stack) -> None:
    """Else it would ask for a reimage for ever."""
    version = "24.04.202610010"
    stack.up(triggers={"a": 1}, exact_version=version)

    stack.up(exact_version=version, skip_if_current=True)

    assert "triggers" not in (stack.operation.outputs or {})
    assert stack.preview(exact_version=version, skip_if_current=True) == "same"


def test_a_vm_that_is_current_when_it_is_created_is_a_baseline(stack: Stack, simulator: Simulator) -> None:
    """It was not reimaged, whatever `reimage_on_create` says."""
    version = simulator.machine("web").image_version

    stack.up(reimage_on_create=True, exact_version=version, skip_if_current=True)

    assert stack.causes == []
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []


def test_another_vm_is_another_baseline(stack: Stack, simulator: Simulator) -> None:
    """Even if a trigger changes with it."""
    stack.up(triggers={"a": 1})

    done = stack.up(vm_id=OTHER, triggers={"a": 2})

    assert done == ("replace", "replace")
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []


def test_the_same_vm_in_capitals_is_the_same(stack: Stack) -> None:
    """ARM compares ids without case."""
    stack.up(triggers={"a": 1})

    assert stack.up(vm_id=WEB.upper(), triggers={"a": 1}) == ("same", "same")


def test_a_vm_that_was_created_anew_is_a_baseline_again(stack: Stack, simulator: Simulator) -> None:
    """It is fresh; that is said aloud."""
    stack.up(triggers={"a": 1})
    simulator.recreate("web")

    stack.up(triggers={"a": 2})

    assert stack.told["status"] == "Baseline"
    assert any("was created by this run, as the version that is" in text for text in stack.log.warnings)
    assert simulator.reimage_requests() == []


def test_a_failed_reimage_fails_the_up(stack: Stack, simulator: Simulator) -> None:
    """With ARM's words, and without a second request."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "OSProvisioningTimedOut", "The OS did not start.")

    with pytest.raises(OperationFailedError, match="The OS did not start") as caught:
        stack.up(triggers={"a": 2})

    assert caught.value.code == "OSProvisioningTimedOut"
    assert len(simulator.reimage_requests()) == 1


def test_after_a_failed_reimage_the_next_up_succeeds(stack: Stack, simulator: Simulator) -> None:
    """The preview says that it will be requested again, and why."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "AllocationFailed", "There is no room.")
    stack.try_up(triggers={"a": 2})

    preview = stack.preview(triggers={"a": 2})
    announced = list(stack.log.warnings)
    stack.up(triggers={"a": 2})

    assert preview == "update"
    assert any("ended the reimage of web with Failed: There is no room." in text for text in announced)
    assert any("This is attempt 2." in text for text in announced)
    assert stack.told["status"] == "Succeeded"
    assert len(simulator.reimage_requests()) == 2


def test_a_disk_that_was_rebuilt_is_not_wiped_again_by_itself(stack: Stack, simulator: Simulator) -> None:
    """The next run looks at the VM; once it is healthy, the reimage has succeeded."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "OSProvisioningTimedOut", "The OS did not start.")
    stack.try_up(triggers={"a": 2})

    with pytest.raises(OperationFailedError, match="The OS disk was rebuilt") as caught:
        stack.up(triggers={"a": 2})
    simulator.change("web", failed=False)
    stack.up(triggers={"a": 2})

    assert "is not reimaged again by itself" in caught.value.message
    assert "pulumi up --replace 'urn:pulumi:test::project::azure-reimage:index:" in caught.value.message
    assert stack.told["status"] == "Succeeded"
    assert stack.up(triggers={"a": 2}) == ("same", "same")
    assert len(simulator.reimage_requests()) == 1


def test_a_failure_is_repeated_twice_at_most(stack: Stack, simulator: Simulator) -> None:
    """Then it stays, until a trigger changes."""
    stack.up(triggers={"a": 1})
    for _ in range(5):
        simulator.fail("web", "AllocationFailed", "There is no room.")
        stack.try_up(triggers={"a": 2})
    simulator.fail("web", "AllocationFailed", "There is no room.")
    sent = len(simulator.reimage_requests())

    stack.try_up(triggers={"a": 3})
    stack.up(triggers={"a": 3})

    assert sent == 3
    assert stack.told["status"] == "Succeeded"


def test_a_password_that_azure_quotes_is_neither_shown_nor_kept(stack: Stack, simulator: Simulator) -> None:
    """Why the last reimage failed is part of the announcement, and of the state."""
    password = "correct-Horse-1"  # noqa: S105 - made up.
    secret = {"os_profile": {"admin_password": password}}
    stack.up(triggers={"a": 1}, **secret)
    simulator.fail("web", "InvalidParameter", f"The password {password} is not allowed.")
    with pytest.raises(OperationFailedError, match=r"The password \[secret\] is not allowed") as caught:
        stack.up(triggers={"a": 2}, **secret)

    assert password not in str(caught.value)
    stack.preview(triggers={"a": 2}, **secret)
    stack.up(triggers={"a": 2}, **secret)

    kept = json.dumps([stack.request.outputs, stack.operation.outputs, stack.result.outputs])
    assert any("The password [secret] is not allowed." in text for text in stack.log.warnings)
    assert not any(password in text for text in (kept, *stack.log.warnings))


def test_a_timeout_is_resumed_without_a_second_request(stack: Stack, simulator: Simulator) -> None:
    """The next run has its full time again."""
    stack.up(triggers={"a": 1})
    simulator.set_operation_seconds("web", 3600)
    with pytest.raises(OperationStillRunningError):
        stack.up(triggers={"a": 2}, timeout="1m")
    preview = stack.preview(triggers={"a": 2})
    simulator.finish("web")

    done = stack.up(triggers={"a": 2}, timeout="1m")

    assert preview == "update", "of the result: the wait is resumed"
    assert done == ("same", "update")
    assert stack.told["status"] == "Succeeded"
    assert len(simulator.reimage_requests()) == 1


def test_a_run_that_was_killed_in_the_wait_is_resumed(stack: Stack, simulator: Simulator) -> None:
    """Its operation was saved before."""
    stack.up(triggers={"a": 1})
    stack.begin(triggers={"a": 2})

    done = stack.up(triggers={"a": 2})

    assert done == ("same", "update")
    assert len(simulator.reimage_requests()) == 1


def test_a_trigger_that_changes_while_the_last_reimage_runs_comes_after_it(
    stack: Stack, simulator: Simulator, clock: FakeClock
) -> None:
    """It stops at the deadline, and is sent when the last one has ended."""
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


def test_destroying_sends_nothing(stack: Stack, simulator: Simulator) -> None:
    """It does not even read."""
    stack.up(triggers={"a": 1})
    before = len(simulator.requests())

    stack.destroy()

    assert len(simulator.requests()) == before


def test_a_stack_with_a_broken_configuration_can_be_destroyed() -> None:
    """Nothing is read before it is needed."""
    request, *others = ReimageRequestProvider(), ReimageOperationProvider(), ReimageResultProvider()
    for provider in (request, *others):
        configured(provider, {"azure-reimage:simulator": ""}).delete("id", {})

    with pytest.raises(ConfigurationError):
        request.check({}, {"vm_id": WEB})


# Refresh


def test_a_refresh_shows_a_new_disk_and_fires_nothing(stack: Stack, simulator: Simulator) -> None:
    """The triggers are still those of the last reimage."""
    stack.up(triggers={"a": 1})
    simulator.recreate("web")

    drift = stack.refresh()

    assert drift == (False, True)
    assert stack.result.plan(stack.result.inputs) == "same", "`up --refresh` does not answer it"
    assert stack.refresh() == (False, False), "it is told once"
    assert stack.told["os_disk_id"] != stack.told["os_disk_id_before"]
    assert any("was created again since its last baseline" in text for text in stack.log.warnings)
    assert stack.up(triggers={"a": 1})[0] == "same"
    assert simulator.reimage_requests() == []


def test_drift_that_no_diff_asked_for_is_not_waited_for(stack: Stack, simulator: Simulator) -> None:
    """The engine's legacy refresh does no diff, and the check of the next update forgets the drift."""
    stack.up(triggers={"a": 1})
    stack.up(triggers={"a": 2})
    simulator.recreate("web")
    stack.restart()
    outputs = stack.result.provider.read(stack.result.id, dict(stack.result.outputs or {})).outs
    stack.result.outputs = dict(outputs or {})
    asked = len(simulator.requests())

    done = stack.result.apply(stack.result.inputs)

    assert done == "same"
    assert stack.result.outputs == outputs
    assert len(simulator.requests()) == asked


def test_a_refresh_without_the_vm_keeps_what_was_known(stack: Stack, simulator: Simulator) -> None:
    """And says it once."""
    stack.up(triggers={"a": 1})
    before = (stack.operation.outputs, stack.result.outputs)
    simulator.remove("web")

    stack.refresh()

    assert (stack.operation.outputs, stack.result.outputs) == before
    assert sum("could not be read" in text for text in stack.log.warnings) == 1


# The session


def test_the_timeout_counts_from_the_request(stack: Stack, simulator: Simulator, clock: FakeClock) -> None:
    """Machines that queue for the host's four threads do not add their timeouts up."""
    stack.up(triggers={"a": 1})
    simulator.set_operation_seconds("web", 3600)
    stack.begin(triggers={"a": 2})
    requested_at = clock.elapsed
    clock.elapsed += 40
    with pytest.raises(OperationStillRunningError):
        stack.result.apply(stack._to_result({"timeout": 60}))  # noqa: SLF001 - the rest of the run.

    assert clock.elapsed - requested_at == 60


def test_a_resumed_wait_has_its_full_time_again(stack: Stack, simulator: Simulator, clock: FakeClock) -> None:
    """It counts from the start of the run that resumes."""
    stack.up(triggers={"a": 1})
    simulator.set_operation_seconds("web", 36_000)
    stack.begin(triggers={"a": 2})
    clock.elapsed += 7200
    resumed_at = clock.elapsed
    with pytest.raises(OperationStillRunningError):
        stack.up(triggers={"a": 2}, timeout=60)

    assert clock.elapsed - resumed_at == 60


def test_polls_carry_the_ids_of_their_request(stack: Stack, simulator: Simulator) -> None:
    """Also in another process."""
    stack.up(triggers={"a": 1})
    stack.begin(triggers={"a": 2})
    stack.up(triggers={"a": 2})

    post = next(index for index, request in enumerate(simulator.requests()) if request.method == "POST")
    (sent, *polls) = [
        request
        for request in simulator.requests()[post:]
        if request.method == "POST" or "/operations/" in request.path
    ]
    assert polls
    assert {poll.client_request_id for poll in polls} == {sent.client_request_id}
    assert {poll.correlation_id for poll in polls} == {sent.correlation_id}


def test_messages_are_on_the_row_of_the_component(stack: Stack) -> None:
    """And that machines are simulated is said once a run."""
    stack.up(triggers={"a": 1})
    stack.up(triggers={"a": 2})

    assert stack.log.urns == {COMPONENT}
    assert any("web: reimage InProgress" in text for text in stack.log.progressed)
    assert sum("nothing in Azure is touched" in text for text in stack.log.warnings) == 1


@pytest.mark.parametrize(
    ("simulator", "words"),
    [
        ("", "is empty"),
        ("no-such-file.toml", "cannot be used"),
        ("http://management.azure.com", "must be on this machine"),
        ("ftp://localhost", "must be on this machine"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused_in_the_preview(simulator: str, words: str) -> None:
    """Before anything is sent."""
    provider = configured(ReimageRequestProvider(), {"azure-reimage:simulator": simulator})

    with pytest.raises(ConfigurationError, match=words):
        provider.check({}, {"vm_id": WEB})


@pytest.mark.parametrize(
    "simulator", ["http://localhost:8080", "http://127.0.0.1:8080/", "https://[::1]:8080"]
)
def test_a_served_simulator_on_this_machine_is_taken(simulator: str) -> None:
    """Nothing is contacted by a check."""
    provider = configured(ReimageRequestProvider(), {"azure-reimage:simulator": simulator})

    assert provider.check({}, {"vm_id": WEB}).failures == []


def test_without_a_simulator_nothing_signs_in_before_it_is_needed() -> None:
    """A check of inputs contacts nobody."""
    provider = configured(ReimageRequestProvider(), {})

    assert provider.check({}, {"vm_id": WEB}).failures == []


# Errors and secrets


def test_an_error_is_ours_without_a_cause(stack: Stack) -> None:
    """The host prints the traceback of every cause in front of the sentence that matters."""
    with pytest.raises(RequestRejectedError) as caught:
        stack.up(vm_id=WEB.replace("/web", "/nobody"))

    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None
    assert stack.operation.outputs is None


def test_a_password_is_in_no_output_and_no_message(stack: Stack, simulator: Simulator) -> None:
    """Not even if ARM repeats it."""
    profile = {"admin_password": PASSWORD, "custom_data": "c2VjcmV0IGRhdGE="}
    stack.up(triggers={"a": 1}, os_profile=profile)
    simulator.fail("web", "InvalidParameter", f"The password {PASSWORD} is not allowed.")

    stack.begin(triggers={"a": 2}, os_profile=profile)
    state = json.dumps([stack.operation.outputs, stack.result.outputs])

    assert PASSWORD not in state
    assert "c2VjcmV0IGRhdGE=" not in state
    assert not any(PASSWORD in text for text in (*stack.log.warnings, *stack.log.progressed))


def test_bad_inputs_are_refused_without_their_values(stack: Stack, simulator: Simulator) -> None:
    """And without naming a property, since the engine prints the value of the one that is named."""
    inputs = {"vm_id": "nonsense", "os_profile": {"admin_password": "secret"}, "timeout": "soon"}

    checked = stack.request.provider.check({}, inputs)

    assert [failure.property for failure in checked.failures] == [""] * 3
    assert not any("secret" in failure.reason for failure in checked.failures)
    assert simulator.requests() == []


@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        pytest.param(["triggers.imgae", "triggers.image"], ["triggers.imgae"], id="misspelled"),
        pytest.param(["triggers.b", "triggers.c"], ["triggers.b", "triggers.c"], id="each of them"),
        pytest.param(["triggers", "exact_version", "create", "failed"], [], id="causes that are no trigger"),
        pytest.param([], [], id="none is named"),
    ],
)
def test_an_allowed_cause_that_no_trigger_has_is_warned_about(
    stack: Stack, allowed: list[str], said: list[str]
) -> None:
    """By the check, so also in a preview that changes nothing: a slip would block every reimage."""
    stack.preview(triggers={"image": 1}, allowed_causes=allowed)

    assert [text for text in stack.log.warnings if "allowed_causes" in text] == [
        f"allowed_causes names {name}, but no trigger has that key." for name in said
    ]


def test_skip_if_current_without_a_version_is_refused_by_name(stack: Stack, simulator: Simulator) -> None:
    """There is nothing that the VM could be compared with, so the guard would silently do nothing."""
    checked = stack.request.provider.check({}, stack.inputs({"skip_if_current": True}))

    (failure,) = checked.failures
    assert failure.reason == (
        "skip_if_current requires exact_version, because it compares the VM's version with it; set "
        "exact_version, or leave skip_if_current out."
    )
    assert simulator.reimage_requests() == []


# The servicer that the engine talks to


class Context:
    """A gRPC context."""

    def abort(self, _: object, details: str) -> NoReturn:
        """Raise what the engine would show."""
        raise RuntimeError(details)


class Host:
    """Pulumi's own dynamic provider host, without its server."""

    def __init__(self, inventory: Path) -> None:
        self._servicer = _host_module().DynamicResourceProviderServicer()
        arguments = _struct({"azure-reimage:simulator": str(inventory)})
        self._servicer.Configure(provider_pb2.ConfigureRequest(args=arguments), Context())

    def check(self, provider: object, news: dict[str, Any], olds: dict[str, Any] | None = None) -> list[str]:
        """Return the reasons of the failures."""
        before = {"olds": olds} if olds else {}
        return [failure.reason for failure in self._call("Check", provider, news=news, **before).failures]

    def diff(self, provider: object, olds: dict[str, Any], news: dict[str, Any]) -> tuple[bool, list[str]]:
        """Return whether there are changes, and the inputs that replace."""
        answer = self._call("Diff", provider, id="id", olds=olds, news=news)
        return answer.changes == provider_pb2.DiffResponse.DIFF_SOME, list(answer.replaces)

    def create(self, provider: object, news: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs."""
        return _plain(self._call("Create", provider, properties=news).properties)

    def update(self, provider: object, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs."""
        return _plain(self._call("Update", provider, id="id", olds=olds, news=news).properties)

    def read(self, provider: object, olds: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs."""
        return _plain(self._call("Read", provider, id="id", properties=olds).properties)

    def delete(self, provider: object, olds: dict[str, Any]) -> None:
        """Delete."""
        self._call("Delete", provider, id="id", properties=olds)

    def _call(self, verb: str, provider: object, **fields: Any) -> Any:  # noqa: ANN401 - protocol buffers.
        """Send a request of the engine; its properties carry the pickled provider."""
        given = {
            name: _struct(_with(provider, value)) if isinstance(value, dict) else value
            for name, value in fields.items()
        }
        return getattr(self._servicer, verb)(getattr(provider_pb2, f"{verb}Request")(**given), Context())


def _host_module() -> Any:  # noqa: ANN401 - a module that is made here.
    """Load the host's module but for its last statement, which serves until the process ends."""
    path = Path(pulumi.dynamic.__file__).with_name("__main__.py")
    tree = ast.parse(path.read_text())
    last = tree.body.pop()
    assert ast.unparse(last) == "main()"
    module = ModuleType("pulumi_dynamic_host")
    exec(compile(tree, path, "exec"), module.__dict__)  # noqa: S102 - the SDK's own source.
    return module


def _with(provider: Any, properties: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - either provider.
    return {**properties, "__provider": serialize_provider(provider)}


def _struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


def _plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    return json_format.MessageToDict(properties)


def _to_operation(request: dict[str, Any]) -> dict[str, Any]:
    return {key: request[key] for key in ("vm_id", "triggers", "request") if key in request}


def _to_result(request: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    return {"vm_id": request["vm_id"], "request": request["request"], "operation": operation["operation"]}


@pytest.fixture
def host(inventory: Path) -> Host:
    """Return a configured host with empty caches."""
    return Host(inventory)


REQUEST, OPERATION, RESULT = map(ProviderByName, ("request", "operation", "result"))


def test_the_providers_work_behind_the_real_servicer(host: Host, simulator: Simulator) -> None:
    """Baseline, reimage, result, refresh and delete, with everything through protocol buffers."""
    inputs = {"vm_id": WEB, "triggers": {"a": 1, "list": [1, None]}, "component_urn": COMPONENT}
    assert host.check(REQUEST, inputs) == []
    request = host.create(REQUEST, inputs)
    operation = host.create(OPERATION, _to_operation(request))
    result = host.create(RESULT, _to_result(request, operation))
    baseline = result["result"]["status"]
    changed = {**inputs, "triggers": {"a": 2, "list": [1]}}
    assert host.diff(REQUEST, request, inputs) == (False, [])
    assert host.diff(REQUEST, request, changed) == (True, [])

    request = host.update(REQUEST, request, changed)
    assert host.diff(OPERATION, operation, _to_operation(request)) == (True, [])
    operation = host.update(OPERATION, operation, _to_operation(request))
    # The wait would sleep until ARM's Retry-After has passed: the request is made older.
    record = operation["operation"]["record"]
    past = datetime.fromisoformat(record["requested_at"]) - timedelta(minutes=1)
    record["requested_at"] = past.isoformat()
    assert host.diff(RESULT, result, _to_result(request, operation)) == (True, [])
    result = host.update(RESULT, result, _to_result(request, operation))

    assert (baseline, result["result"]["status"]) == ("Baseline", "Succeeded")
    assert request["causes"] == ["triggers.a changed", "triggers.list changed"]
    assert host.diff(OPERATION, operation, _to_operation(request)) == (False, [])
    assert host.diff(RESULT, result, _to_result(request, operation)) == (False, [])
    for provider, state in ((REQUEST, request), (OPERATION, operation), (RESULT, result)):
        assert host.read(provider, state) == state
        host.delete(provider, state)
    assert len(simulator.reimage_requests()) == 1


@pytest.mark.parametrize(
    ("news", "words"),
    [
        pytest.param({"triggers": {"a": rpc.UNKNOWN}}, "may be reimaged", id="a trigger"),
        pytest.param({"triggers": rpc.UNKNOWN}, "may be reimaged", id="all triggers"),
        pytest.param({"triggers": {"a": 1}, "exact_version": rpc.UNKNOWN}, "may be reimaged", id="version"),
        pytest.param({"vm_id": rpc.UNKNOWN, "triggers": {"a": 1}}, None, id="the VM alone"),
        pytest.param(
            {"vm_id": rpc.UNKNOWN, "triggers": {"a": 2}}, "may be reimaged", id="the VM and a trigger"
        ),
        pytest.param(
            {"triggers": {"a": 2}, "exact_version": rpc.UNKNOWN},
            "will be reimaged: triggers.a changed, exact_version not known yet.",
            id="one is certain",
        ),
    ],
)
def test_a_preview_that_does_not_know_a_value_yet_says_so(
    host: Host, capsys: pytest.CaptureFixture[str], news: dict[str, Any], words: str | None
) -> None:
    """An unknown id alone never leads to a reimage."""
    request = host.create(REQUEST, {"vm_id": WEB, "triggers": {"a": 1}})
    capsys.readouterr()

    assert host.check(REQUEST, {"vm_id": WEB, **news}, request) == []
    assert host.diff(REQUEST, request, {"vm_id": WEB, **news}) == (words is not None, [])
    assert host.check(RESULT, {"vm_id": WEB, "request": rpc.UNKNOWN}) == []

    said = capsys.readouterr().err
    assert words in said if words else said == ""


def test_an_unknown_result_is_a_change(host: Host) -> None:
    """The preview of a reimage does not know its request yet."""
    request = host.create(REQUEST, {"vm_id": WEB})
    operation = host.create(OPERATION, _to_operation(request))
    result = host.create(RESULT, _to_result(request, operation))
    unknown = {**request, "request": rpc.UNKNOWN}

    assert host.diff(OPERATION, operation, _to_operation(unknown)) == (True, [])
    assert host.diff(RESULT, result, _to_result(unknown, {"operation": rpc.UNKNOWN})) == (True, [])


def test_what_the_engine_shows_ends_with_our_sentence(host: Host) -> None:
    """A traceback stands before it, without that of a library."""
    with pytest.raises(RuntimeError) as caught:
        host.create(REQUEST, {"vm_id": WEB.replace("/web", "/nobody")})

    shown = str(caught.value).rstrip()
    name = f"{RequestRejectedError.__module__}.{RequestRejectedError.__name__}"
    assert shown.splitlines()[-1].startswith(f"{name}: Cannot read VM nobody: ")
    assert "During handling" not in shown
    assert "direct cause" not in shown


def test_every_error_of_ours_is_one_tree() -> None:
    """The edge catches its root."""
    assert issubclass(RequestRejectedError, ReimageError)

"""ReimageRequest: what each change causes, which inputs are refused, and what is only reported."""

import pytest

from pulumi_azure_reimage.dynamic.operation import ReimageOperationProvider
from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.errors import ConfigurationError, RequestRejectedError
from pulumi_azure_reimage.simulator import Simulator

from ..stack import OTHER, WEB, Stack, configured

PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.


def test_the_first_up_records_a_baseline_and_sends_nothing(stack: Stack, simulator: Simulator) -> None:
    """A second `up` changes nothing."""
    first = stack.up(triggers={"image": 1})
    second = stack.up(triggers={"image": 1})

    assert (first, second) == (("create", "create"), ("same", "same"))
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []


def test_everything_else_waits_for_the_next_reimage(stack: Stack, simulator: Simulator) -> None:
    """Such an input does not cause a reimage, but the next reimage uses it."""
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


def test_a_change_that_reimages_nothing_is_reported_once(stack: Stack) -> None:
    """The message names it. The engine stores the new value, so the next run says nothing."""
    secret = {"os_profile": {"admin_password": PASSWORD}}
    stack.up(triggers={"a": 1})

    stack.up(triggers={"a": 1}, timeout="2h", **secret)
    told = list(stack.log.informed)
    stack.up(triggers={"a": 1.0}, timeout="2h", **secret)

    assert told == [
        "os_profile, timeout changed. The new value is stored for the next reimage and does not trigger one."
    ]
    assert stack.log.informed == []


def test_reimage_on_create_of_another_vm_is_not_called_a_change_that_waits(stack: Stack) -> None:
    """It takes effect immediately, because the resource is replaced, and the announcement says so."""
    stack.up(triggers={"a": 1})

    stack.preview(vm_id=OTHER, triggers={"a": 1}, reimage_on_create=True, timeout="2h")

    assert stack.log.informed == []


def test_reimage_on_create_of_the_same_vm_does_nothing_and_says_when_it_counts(stack: Stack) -> None:
    """Other inputs are stored for the next reimage, but this one does not apply to it."""
    stack.up(triggers={"a": 1})

    stack.preview(triggers={"a": 1}, reimage_on_create=True, timeout="2h")

    assert stack.log.informed == [
        "reimage_on_create changed. It takes effect only when this resource is created or replaced.",
        "timeout changed. The new value is stored for the next reimage and does not trigger one.",
    ]


def test_a_change_beside_a_trigger_is_part_of_the_reimage(stack: Stack) -> None:
    """It takes effect immediately."""
    stack.up(triggers={"a": 1})

    stack.preview(triggers={"a": 2}, timeout="2h")

    assert stack.log.informed == []


def test_a_guard_that_forbids_creation_forbids_no_baseline(stack: Stack) -> None:
    """A baseline sends nothing anyway."""
    assert stack.up(prevent_reimage=True, allowed_causes=[]) == ("create", "create")


def test_a_vm_that_is_current_is_not_reimaged_and_its_triggers_are_stored(
    stack: Stack, simulator: Simulator
) -> None:
    """The causes and the outcome of the last reimage stay as they were."""
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
    """Otherwise it would cause a reimage in every run."""
    version = "24.04.202610010"
    stack.up(triggers={"a": 1}, exact_version=version)

    stack.up(exact_version=version, skip_if_current=True)

    assert "triggers" not in (stack.operation.outputs or {})
    assert stack.preview(exact_version=version, skip_if_current=True) == "same"


def test_a_vm_that_is_current_when_it_is_created_is_a_baseline(stack: Stack, simulator: Simulator) -> None:
    """It is not reimaged, even with `reimage_on_create`."""
    version = simulator.machine("web").image_version

    stack.up(reimage_on_create=True, exact_version=version, skip_if_current=True)

    assert stack.causes == []
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []


def test_another_vm_is_another_baseline(stack: Stack, simulator: Simulator) -> None:
    """This is true even if a trigger changes with it."""
    stack.up(triggers={"a": 1})

    done = stack.up(vm_id=OTHER, triggers={"a": 2})

    assert done == ("replace", "replace")
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []


def test_the_same_vm_in_capitals_is_the_same(stack: Stack) -> None:
    """ARM compares ids without regard to case."""
    stack.up(triggers={"a": 1})

    assert stack.up(vm_id=WEB.upper(), triggers={"a": 1}) == ("same", "same")


def test_a_vm_that_was_created_again_gets_a_new_baseline(stack: Stack, simulator: Simulator) -> None:
    """Its disk is fresh, and a message says so."""
    stack.up(triggers={"a": 1})
    simulator.recreate("web")

    stack.up(triggers={"a": 2})

    assert stack.told["status"] == "Baseline"
    assert any("was created by this run, as the requested version" in text for text in stack.log.warnings)
    assert simulator.reimage_requests() == []


def test_destroying_sends_nothing(stack: Stack, simulator: Simulator) -> None:
    """It does not even read the VM."""
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
    """This comes before anything is sent."""
    provider = configured(ReimageRequestProvider(), {"azure-reimage:simulator": simulator})

    with pytest.raises(ConfigurationError, match=words):
        provider.check({}, {"vm_id": WEB})


@pytest.mark.parametrize(
    "simulator", ["http://localhost:8080", "http://127.0.0.1:8080/", "https://[::1]:8080"]
)
def test_a_served_simulator_on_this_machine_is_accepted(simulator: str) -> None:
    """A check contacts nothing."""
    provider = configured(ReimageRequestProvider(), {"azure-reimage:simulator": simulator})

    assert provider.check({}, {"vm_id": WEB}).failures == []


def test_without_a_simulator_nothing_signs_in_before_it_is_needed() -> None:
    """A check of inputs does not contact Azure."""
    provider = configured(ReimageRequestProvider(), {})

    assert provider.check({}, {"vm_id": WEB}).failures == []


def test_an_error_is_ours_without_a_cause(stack: Stack) -> None:
    """Otherwise the host prints the traceback of every cause before the sentence that matters."""
    with pytest.raises(RequestRejectedError) as caught:
        stack.up(vm_id=WEB.replace("/web", "/nobody"))

    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None
    assert stack.operation.outputs is None


def test_bad_inputs_are_refused_without_their_values(stack: Stack, simulator: Simulator) -> None:
    """No property is named either, because the engine prints the value of a property that is named."""
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
    """The check warns, even in a preview that changes nothing, because a typo would block every reimage."""
    stack.preview(triggers={"image": 1}, allowed_causes=allowed)

    assert [text for text in stack.log.warnings if "allowed_causes" in text] == [
        f"allowed_causes names {name}, but no trigger has that key." for name in said
    ]


def test_skip_if_current_without_a_version_is_refused_by_name(stack: Stack, simulator: Simulator) -> None:
    """There would be no version to compare the VM with, so the guard would silently do nothing."""
    checked = stack.request.provider.check({}, stack.inputs({"skip_if_current": True}))

    (failure,) = checked.failures
    assert failure.reason == (
        "skip_if_current requires exact_version, because it compares the VM's version with it; set "
        "exact_version, or leave skip_if_current out."
    )
    assert simulator.reimage_requests() == []


@pytest.mark.parametrize(
    ("hooks", "lock", "forecast"),
    [
        (["before_create"], "ReadOnly", True),
        (["before_create"], "CanNotDelete", False),
        (None, "ReadOnly", False),
    ],
)
def test_a_creation_with_hooks_keeps_whether_its_request_would_be_refused(
    stack: Stack,
    simulator: Simulator,
    hooks: list[str] | None,
    lock: str,
    forecast: bool,  # noqa: FBT001 - a parameter.
) -> None:
    """The hooks run before ReimageOperation applies the rules."""
    simulator.change("web", lock=lock)

    stack.begin(reimage_on_create=True, **({"hooks": hooks} if hooks else {}))

    kept = (stack.request.outputs or {})["request"].get("forecast")
    assert ("A ReadOnly lock refuses every action" in (kept or "")) is forecast
    assert len(simulator.reimage_requests()) == (0 if lock == "ReadOnly" else 1)


def test_a_baseline_with_hooks_forecasts_nothing(stack: Stack, simulator: Simulator) -> None:
    """Nothing will be sent."""
    simulator.change("web", lock="ReadOnly")

    stack.up(hooks=["before_create"])

    assert "forecast" not in (stack.request.outputs or {})["request"]


def test_a_creation_of_a_vm_that_is_current_forecasts_nothing(stack: Stack, simulator: Simulator) -> None:
    """It has hooks and `skip_if_current`."""
    version = simulator.machine("web").image_version

    stack.up(reimage_on_create=True, exact_version=version, skip_if_current=True, hooks=["before_create"])

    assert "forecast" not in (stack.request.outputs or {})["request"]
    assert simulator.reimage_requests() == []


def test_a_password_that_azure_may_refuse_is_sent_if_its_rules_only_warn(
    stack: Stack, simulator: Simulator
) -> None:
    """It is still secret."""
    stack.up(triggers={"a": 1})

    stack.up(triggers={"a": 2}, os_profile={"admin_password": "password"}, preflight="warn")

    assert [post.json() for post in simulator.reimage_requests()] == [
        {"osProfile": {"adminPassword": "password"}}
    ]

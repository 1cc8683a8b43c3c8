"""The inputs: every rule of `check`."""

import math

import pytest

from pulumi_azure_reimage.inputs.unknown import UNKNOWN
from pulumi_azure_reimage.inputs.validation import NAMES, check

ENVIRON = {"VM_PASSWORD": "Correct-horse-2", "WEAK": "hunter2"}
VM_ID = "/subscriptions/0e5c/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"


def _refused(**news: object) -> list[tuple[str, str]]:
    errors = check({"vm_id": VM_ID} | news, ENVIRON)
    return [(error.input_name, error.message) for error in errors]


@pytest.mark.parametrize(
    "news",
    [
        pytest.param({}, id="a VM only"),
        pytest.param(dict.fromkeys(set(NAMES) - {"vm_id"}), id="everything null"),
        pytest.param(dict.fromkeys(NAMES, UNKNOWN), id="everything unknown"),
        pytest.param({"triggers": {}}, id="no triggers"),
        pytest.param({"triggers": {"a": {"b": [1.0, None, True]}, "c": None}}, id="nested triggers"),
        pytest.param({"triggers": {"a": UNKNOWN, "b": {"c": [UNKNOWN]}}}, id="unknown inside triggers"),
        pytest.param({"exact_version": "20.04.202411010"}, id="version"),
        pytest.param({"exact_version": "7"}, id="version of one number"),
        pytest.param({"temp_disk": True, "reimage_on_create": False}, id="booleans"),
        pytest.param(
            {"os_profile": {"admin_password": "Correct-horse-1", "custom_data": "dGVzdA=="}}, id="os_profile"
        ),
        pytest.param({"os_profile": {"admin_password": UNKNOWN}}, id="unknown inside os_profile"),
        pytest.param({"os_profile": {"admin_password_env": "VM_PASSWORD"}}, id="a password in a variable"),
        pytest.param(
            {"require_delete_option": "Detach", "prevent_reimage": True, "skip_if_current": False},
            id="guards",
        ),
        pytest.param({"preflight": "enforce"}, id="preflight: enforce"),
        pytest.param({"preflight": "warn"}, id="preflight: warn"),
        pytest.param({"preflight": UNKNOWN}, id="preflight: not known yet"),
        pytest.param(
            {"allowed_causes": ["triggers", "triggers.a.b c", "exact_version", "create", "failed", UNKNOWN]},
            id="causes",
        ),
        pytest.param({"allowed_causes": []}, id="no cause"),
        pytest.param({"timeout": 90.0}, id="timeout as a number"),
        pytest.param({"timeout": "45m"}, id="timeout as a text"),
    ],
)
def test_good_inputs_are_accepted(news: dict[str, object]) -> None:
    """Null is the same as absent, and what is not known yet passes."""
    assert _refused(**news) == []


@pytest.mark.parametrize(
    ("news", "name", "reason"),
    [
        pytest.param({"vm_id": None}, "vm_id", "vm_id is required", id="no VM"),
        pytest.param({"vm_id": "web"}, "vm_id", "is not a resource id", id="VM by name"),
        pytest.param({"vm_id": 7.0}, "vm_id", "as text", id="VM as a number"),
        pytest.param({"vm_id": ""}, "vm_id", "does not name", id="VM empty"),
        pytest.param(
            {"vm_id": VM_ID.replace("virtualMachines", "virtualMachineScaleSets/s/virtualMachines")},
            "vm_id",
            "instance of a scale set",
            id="scale-set instance",
        ),
        pytest.param({"triggers": "v2"}, "triggers", "must be a mapping", id="triggers as a text"),
        pytest.param({"triggers": ["v2"]}, "triggers", "must be a mapping", id="triggers as a list"),
        pytest.param({"triggers": {1.0: "a"}}, "triggers", "key that is not text", id="number as a key"),
        pytest.param(
            {"triggers": {"image": {1}}}, "triggers", "'image' cannot be compared", id="trigger not JSON"
        ),
        pytest.param({"triggers": {"n": math.nan}}, "triggers", "not finite", id="trigger not a number"),
        pytest.param(
            {"triggers": {"n": 1e17}}, "triggers", "write it as text", id="trigger that was rounded"
        ),
        pytest.param({"exact_version": ""}, "exact_version", "'' must be", id="version empty"),
        pytest.param({"exact_version": "latest"}, "exact_version", "'latest' must be", id="version latest"),
        pytest.param(
            {"exact_version": "1..2"}, "exact_version", "digits and dots", id="version with two dots"
        ),
        pytest.param(
            {"exact_version": "1."}, "exact_version", "digits and dots", id="version ends with a dot"
        ),
        pytest.param({"exact_version": " 1"}, "exact_version", "digits and dots", id="version with a space"),
        pytest.param(
            {"exact_version": "1\n"}, "exact_version", "digits and dots", id="version with a newline"
        ),
        pytest.param(
            {"exact_version": "\u0661"}, "exact_version", "digits and dots", id="version in other digits"
        ),
        pytest.param({"exact_version": 1.1}, "exact_version", "must be a text", id="version as a number"),
        pytest.param({"exact_version": False}, "exact_version", "must be a text", id="version as a boolean"),
        pytest.param({"temp_disk": "true"}, "temp_disk", "true or false", id="temp_disk as a text"),
        pytest.param({"temp_disk": 1.0}, "temp_disk", "true or false", id="temp_disk as a number"),
        pytest.param(
            {"reimage_on_create": "yes"}, "reimage_on_create", "true or false", id="reimage_on_create"
        ),
        pytest.param({"os_profile": "x"}, "os_profile", "must be a mapping", id="os_profile as a text"),
        pytest.param(
            {"os_profile": {"password": "x"}}, "os_profile", "did you mean admin_password", id="field"
        ),
        pytest.param({"os_profile": {"admin_password": "x"}}, "os_profile", "6 to 123", id="password"),
        pytest.param({"os_profile": {"custom_data": "#x"}}, "os_profile", "base64", id="custom data"),
        pytest.param(
            {"os_profile": {"custom_data_file": "/nowhere"}}, "os_profile", "cannot be read", id="file"
        ),
        pytest.param(
            {"os_profile": {"admin_password": UNKNOWN, "custom_data": "#x"}},
            "os_profile",
            "base64",
            id="beside unknown",
        ),
        pytest.param({"triggers": {"a": UNKNOWN, "b": {1}}}, "triggers", "'b'", id="trigger beside unknown"),
        pytest.param(
            {"os_profile": {"admin_password_env": "NOBODY"}},
            "os_profile",
            "is not set where Pulumi",
            id="unset",
        ),
        pytest.param(
            {"os_profile": {"admin_password_env": "WEAK"}}, "os_profile", "must have 3 of these 4", id="weak"
        ),
        pytest.param(
            {"require_delete_option": "keep"},
            "require_delete_option",
            "'Detach' or 'Delete'",
            id="ARM's word",
        ),
        pytest.param(
            {"require_delete_option": True},
            "require_delete_option",
            "'Detach' or 'Delete'",
            id="require_delete_option: a switch",
        ),
        pytest.param({"prevent_reimage": "yes"}, "prevent_reimage", "true or false", id="prevent_reimage"),
        pytest.param({"skip_if_current": 1.0}, "skip_if_current", "true or false", id="skip_if_current"),
        pytest.param(
            {"preflight": "off"},
            "preflight",
            "preflight is 'off', and must be 'enforce'",
            id="preflight: a word",
        ),
        pytest.param({"preflight": True}, "preflight", "preflight is 'True', and", id="preflight: a switch"),
        pytest.param({"preflight": "Warn"}, "preflight", "preflight is 'Warn'", id="preflight: letter case"),
        pytest.param(
            {"allowed_causes": "triggers"}, "allowed_causes", "must be a list", id="allow as a text"
        ),
        pytest.param(
            {"allowed_causes": ["image"]},
            "allowed_causes",
            "'image', which is no cause",
            id="a trigger's name alone",
        ),
        pytest.param(
            {"allowed_causes": [1.0]},
            "allowed_causes",
            "they are triggers, triggers.<key>",
            id="a number as a cause",
        ),
        pytest.param(
            {"skip_if_current": True},
            "skip_if_current",
            "requires exact_version",
            id="nothing to compare with",
        ),
        pytest.param({"timeout": "soon"}, "timeout", "positive number of seconds", id="timeout"),
        pytest.param({"trigers": {}}, "", "'trigers' is not an input; did you mean triggers?", id="typo"),
        pytest.param({"vmId": VM_ID}, "", "did you mean vm_id?", id="ARM's spelling"),
        pytest.param({"zzz": 1.0}, "", "the inputs are vm_id, triggers,", id="unlike any input"),
        pytest.param({"tag\ns": 1.0}, "", "'tag s' is not an input", id="name with a newline"),
    ],
)
def test_a_bad_input_is_refused_by_name(news: dict[str, object], name: str, reason: str) -> None:
    """The name is a top-level input, or empty where naming it would print a value."""
    ((input_name, message),) = _refused(**news)

    assert input_name == name
    assert reason in message
    assert message.endswith((".", "?"))


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody wants to fix them one `pulumi preview` at a time."""
    refused = check({"temp_disk": 1.0, "timeout": 0.0, "os_profile": 1.0, "a": 1, "b": 1}, ENVIRON)

    assert [error.input_name for error in refused] == ["", "", "vm_id", "temp_disk", "timeout", "os_profile"]


def test_names_of_the_layer_above_are_allowed() -> None:
    """The component passes its own URN."""
    refused = check({"vm_id": VM_ID, "component_urn": "urn:x"}, ENVIRON, also_allowed={"component_urn"})

    assert refused == []


def test_a_predicate_that_looks_inside_hides_no_mistake_beside_the_unknown() -> None:
    """Pulumi's own predicate says of a whole mapping that something in it is unknown."""
    refused = check({"vm_id": VM_ID, "os_profile": {"admin_password": UNKNOWN, "custom_data": "#x"}}, ENVIRON)

    assert [error.input_name for error in refused] == ["os_profile"]


@pytest.mark.parametrize(
    "news",
    [
        {"os_profile": {"admin_password": "hunter2"}},
        {"os_profil": {"admin_password": "hunter2"}},
        {"triggers": {"a": {"hunter2"}}},
        {"triggers": {"a": [math.nan, "hunter2"]}},
        {"triggers": {"a": {1: "hunter2"}}},
        {"triggers": "hunter2"},
        {"triggers": {7: "hunter2"}},
    ],
)
def test_no_refusal_shows_what_may_be_secret(news: dict[str, object]) -> None:
    """A provider cannot tell which values are secret."""
    refused = _refused(**news)

    assert refused
    assert "hunter2" not in str(refused)

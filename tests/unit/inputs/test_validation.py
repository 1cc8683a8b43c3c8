"""The rules of `check` for the inputs."""

import math
import re

import pytest

from pulumi_azure_reimage.inputs.parameters import TRIGGER_FILES
from pulumi_azure_reimage.inputs.unknown import UNKNOWN
from pulumi_azure_reimage.inputs.validation import NAMES, check
from tests.unit.output_text import output_in_list, output_in_text

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
        pytest.param({"timeout": "45m"}, id="timeout as a string"),
    ],
)
def test_good_inputs_are_accepted(news: dict[str, object]) -> None:
    """Null is the same as absent, and a value that is not known yet passes."""
    assert _refused(**news) == []


@pytest.mark.parametrize(
    ("news", "name", "reason"),
    [
        pytest.param({"vm_id": None}, "vm_id", "vm_id is required", id="no VM"),
        pytest.param({"vm_id": "web"}, "vm_id", "is not a resource id", id="VM by name"),
        pytest.param({"vm_id": 7.0}, "vm_id", "vm_id is the number 7, and must", id="VM as a number"),
        pytest.param({"vm_id": ""}, "vm_id", "does not name", id="VM empty"),
        pytest.param(
            {"vm_id": VM_ID.replace("virtualMachines", "virtualMachineScaleSets/s/virtualMachines")},
            "vm_id",
            "instance of a scale set",
            id="scale-set instance",
        ),
        pytest.param({"triggers": "v2"}, "triggers", "must be a mapping", id="triggers as a string"),
        pytest.param({"triggers": ["v2"]}, "triggers", "must be a mapping", id="triggers as a list"),
        pytest.param(
            {"triggers": {1.0: "a"}},
            "triggers",
            "a key that is the number 1, and must be a string",
            id="number as a key",
        ),
        pytest.param(
            {"triggers": {"image": {1}}}, "triggers", "'image' cannot be compared", id="trigger not JSON"
        ),
        pytest.param({"triggers": {"n": math.nan}}, "triggers", "not finite", id="trigger not a number"),
        pytest.param(
            {"triggers": {"n": 1e17}}, "triggers", "write it as text", id="trigger that was rounded"
        ),
        pytest.param({"exact_version": ""}, "exact_version", "is the string ''. It must", id="version empty"),
        pytest.param(
            {"exact_version": "latest"},
            "exact_version",
            "the string 'latest'. It must be",
            id="version latest",
        ),
        pytest.param(
            {"exact_version": "1..2"}, "exact_version", "digits and dots", id="version with two dots"
        ),
        pytest.param(
            {"exact_version": "1."}, "exact_version", "digits and dots", id="version ends with a dot"
        ),
        pytest.param(
            {"exact_version": " 1"},
            "exact_version",
            "the string ' 1', with white space",
            id="version with a space",
        ),
        pytest.param(
            {"exact_version": "1\n"},
            "exact_version",
            "the string '1\\n', with white space",
            id="version with a newline",
        ),
        pytest.param(
            {"exact_version": "\u0661"}, "exact_version", "digits and dots", id="version in other digits"
        ),
        pytest.param(
            {"exact_version": 1.1},
            "exact_version",
            "is the number 1.1: write it as a string",
            id="version as a number",
        ),
        pytest.param(
            {"exact_version": False},
            "exact_version",
            "is false. It must be a string",
            id="version as a boolean",
        ),
        pytest.param(
            {"temp_disk": "true"},
            "temp_disk",
            "is the string 'true', and must be true or false",
            id="temp_disk as a string",
        ),
        pytest.param({"temp_disk": 1.0}, "temp_disk", "true or false", id="temp_disk as a number"),
        pytest.param(
            {"reimage_on_create": "yes"}, "reimage_on_create", "true or false", id="reimage_on_create"
        ),
        pytest.param({"os_profile": "x"}, "os_profile", "must be a mapping", id="os_profile as a string"),
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
            "preflight is the string 'off', and must be 'enforce'",
            id="preflight: a word",
        ),
        pytest.param({"preflight": True}, "preflight", "preflight is true, and", id="preflight: a switch"),
        pytest.param(
            {"preflight": "Warn"}, "preflight", "preflight is the string 'Warn'", id="preflight: letter case"
        ),
        pytest.param(
            {"allowed_causes": "triggers"}, "allowed_causes", "must be a list", id="allow as a string"
        ),
        pytest.param(
            {"allowed_causes": ["image"]},
            "allowed_causes",
            "'image', which is not a cause",
            id="a trigger's name alone",
        ),
        pytest.param(
            {"allowed_causes": [1.0]},
            "allowed_causes",
            "the causes are triggers, triggers.<key>",
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
        pytest.param({"tag\ns": 1.0}, "", "'tag\\ns' is not an input", id="name with a newline"),
    ],
)
def test_a_bad_input_is_refused_by_name(news: dict[str, object], name: str, reason: str) -> None:
    """The name is a top-level input. It is empty if naming the input would print a value."""
    ((input_name, message),) = _refused(**news)

    assert input_name == name
    assert reason in message
    assert message.endswith((".", "?"))


def test_all_mistakes_are_reported_at_once() -> None:
    """Users should not have to fix them one `pulumi preview` at a time."""
    refused = check({"temp_disk": 1.0, "timeout": 0.0, "os_profile": 1.0, "a": 1, "b": 1}, ENVIRON)

    assert [error.input_name for error in refused] == ["", "", "vm_id", "temp_disk", "timeout", "os_profile"]


def test_names_of_the_layer_above_are_allowed() -> None:
    """The component passes its own URN."""
    refused = check({"vm_id": VM_ID, "component_urn": "urn:x"}, ENVIRON, also_allowed={"component_urn"})

    assert refused == []


def test_a_predicate_that_looks_inside_hides_no_mistake_beside_the_unknown() -> None:
    """Pulumi's predicate calls a whole mapping unknown if something in it is unknown."""
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
    """A provider cannot know which values are secret."""
    refused = _refused(**news)

    assert refused
    assert "hunter2" not in str(refused)


OUTPUT_TEXT = output_in_text()


@pytest.mark.parametrize(
    ("news", "part"),
    [
        pytest.param({"triggers": {"image": OUTPUT_TEXT}}, "triggers.image holds", id="a trigger"),
        pytest.param({"triggers": {"a": [{"b": OUTPUT_TEXT}]}}, "triggers.a holds", id="nested"),
        pytest.param({"triggers": {OUTPUT_TEXT: "1"}}, "A key of triggers holds", id="a key"),
        pytest.param({"triggers": {"a": {OUTPUT_TEXT: 1}}}, "A key of triggers.a holds", id="a nested key"),
        pytest.param({"triggers": OUTPUT_TEXT}, "triggers holds", id="all triggers"),
        pytest.param({"triggers": {"a": " ".join(OUTPUT_TEXT.split())}}, "triggers.a", id="in one line"),
        pytest.param({"triggers": {"a": OUTPUT_TEXT.upper()}}, "triggers.a", id="in capitals"),
        pytest.param(
            {"triggers": {"a": f"{'x' * 5000}{OUTPUT_TEXT}{'x' * 5000}"}}, "triggers.a", id="inside"
        ),
        pytest.param(
            {"triggers": {"a": "Calling [toString] on an [Output<T>] is not supported."}},
            "triggers.a",
            id="of Node.js",
        ),
        pytest.param({"exact_version": OUTPUT_TEXT}, "exact_version holds", id="exact_version"),
        pytest.param({"vm_id": f"{VM_ID}-{OUTPUT_TEXT}"}, "vm_id holds", id="vm_id"),
        pytest.param({"timeout": OUTPUT_TEXT}, "timeout holds", id="timeout"),
        pytest.param({"allowed_causes": [f"triggers.{OUTPUT_TEXT}"]}, "allowed_causes holds", id="causes"),
        pytest.param(
            {"require_delete_option": OUTPUT_TEXT}, "require_delete_option holds", id="delete option"
        ),
        pytest.param({"temp_disk": OUTPUT_TEXT}, "temp_disk holds", id="a switch"),
        pytest.param(
            {"os_profile": {"admin_password": OUTPUT_TEXT}},
            "os_profile.admin_password",
            id="a password",
        ),
        pytest.param(
            {"os_profile": {"custom_data_file": OUTPUT_TEXT}}, "os_profile.custom_data_file", id="a file"
        ),
        pytest.param({"os_profile": {"hunter2": OUTPUT_TEXT}}, "os_profile holds", id="an unknown field"),
        pytest.param({"os_profile": OUTPUT_TEXT}, "os_profile holds", id="os_profile"),
    ],
)
def test_the_help_text_of_an_output_is_not_a_value(news: dict[str, object], part: str) -> None:
    """It is the same in every run, so a change of the real value would never be seen."""
    ((name, message),) = _refused(**news)

    assert name == next(iter(news))
    assert message.startswith(part)
    assert "an Output was put into a string, as in an f-string. Use pulumi.Output.format" in message
    assert "hunter2" not in message
    assert "__str__" not in message


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(output_in_list(), id="an Output in a list"),
        pytest.param(output_in_list().strip("[]"), id="the repr of an Output"),
        pytest.param(str(object()), id="an object"),
        pytest.param(str({"a": _refused}), id="a function"),
        pytest.param({"a": [f"{object()!r} and more"]}, id="nested"),
    ],
)
def test_the_address_of_an_object_is_not_a_trigger(value: object) -> None:
    """It differs in every run, so every run would wipe the disk."""
    ((name, message),) = _refused(triggers={"image": value})

    assert name == "triggers"
    assert message.startswith("triggers.image holds the description of a Python object with its address")
    assert " at 0x" not in message


@pytest.mark.parametrize("text", ["<b>at 0x12</b>", "Output[T]", "not supported", "__str__", "<x at 0x1>"])
def test_a_text_that_only_looks_alike_is_a_value(text: str) -> None:
    """An address that Python prints has at least six digits."""
    assert _refused(triggers={"a": text}) == []


WRONG: dict[str, list[object]] = {
    "vm_id": [7.0, True, ["x"], {"a": 1}, "web", "", f"{VM_ID}\n"],
    "triggers": ["v2", 7.0, True, ["v2"]],
    "exact_version": [2.0, 2.5, True, "", "1.0.0\n", " 2.0.0 ", "latest", ["1.0"], {"a": 1}],
    "temp_disk": ["true", 1.0, [True]],
    "os_profile": ["x", 1.0, True, ["x"]],
    "timeout": ["soon", "", 0.0, -1.0, True, ["90s"], {"a": 1}, math.nan],
    "reimage_on_create": ["yes", 1.0],
    "require_delete_option": ["keep", "detach", True, ["Detach"]],
    "allowed_causes": ["triggers", 1.0, {"triggers": True}, ["image"], [1.0], [["triggers"]]],
    "prevent_reimage": ["false", 0.0],
    "skip_if_current": ["false", 0.0],
    "preflight": ["off", True, 1.0],
}


def test_every_input_has_wrong_values_here() -> None:
    """A new input must be added here. Files are left out, because the component turns them into triggers."""
    assert set(WRONG) == set(NAMES) - {TRIGGER_FILES}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_wrong_value_is_described_with_what_would_be_right(name: str, value: object) -> None:
    """One or two sentences name the input, what was given, and what it must be."""
    refused = [message for _, message in _refused(**{name: value})]

    assert refused
    for message in refused:
        assert message.startswith(name)
        assert re.search(
            r"(is|has) (the string '|the number |a |of the type |true|false)|'.*' (is|has|does)", message
        )
        assert re.search(r"must be|the causes are|of the form|Azure does not allow", message)


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        (
            "1.0.0\n",
            "exact_version is the string '1.0.0\\n', with white space around it. It must be a string of",
        ),
        (
            " 2.0.0 ",
            "exact_version is the string ' 2.0.0 ', with white space around it. It must be a string of",
        ),
        ("2.0.0\u00a0", "exact_version is the string '2.0.0\\xa0', with white space around it."),
        (2.0, "exact_version is the number 2: write it as a string, because a number keeps neither"),
        (20.04, "exact_version is the number 20.04: write it as a string, because a number keeps neither"),
        (True, "exact_version is true. It must be a string of digits and dots"),
        ("", "exact_version is the string ''. It must be a string of digits and dots"),
    ],
)
def test_a_version_that_is_nearly_right_is_shown_as_it_is(version: object, shown: str) -> None:
    """The message makes an invisible character visible."""
    ((_, message),) = _refused(exact_version=version)

    assert message.startswith(shown)
    assert "\n" not in message

"""What `ignore_changes` names, in the spelling of Python or of another language, and what is compared."""

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.ignored import keep_ignored, parse_ignored
from pulumi_azure_reimage.inputs.parameters import TRIGGER_FILES
from pulumi_azure_reimage.inputs.unknown import UNKNOWN
from pulumi_azure_reimage.inputs.validation import NAMES


@pytest.mark.parametrize(
    ("path", "parsed"),
    [
        ("triggers", ("triggers", "triggers")),
        ("triggers.imageName", ("triggers", "triggers.imageName")),
        ('["triggers"].imageName', ("triggers", "triggers.imageName")),
        ("exactVersion", ("exact_version", "exact_version")),
        ("vmId", ("vm_id", "vm_id")),
        ("osProfile.adminPassword", ("os_profile", "os_profile.admin_password")),
        ('allowedCauses["0"]', ("allowed_causes", 'allowed_causes["0"]')),
    ],
)
def test_a_path_names_an_input_in_either_spelling(path: str, parsed: tuple[str, str]) -> None:
    """The keys of triggers are the program's, and are never respelled."""
    assert parse_ignored([path]) == (parsed,)


def test_an_asterisk_names_every_input() -> None:
    """It does not name the other inputs of the children."""
    assert [name for name, _ in parse_ignored(["*"])] == [name for name in NAMES if name != TRIGGER_FILES]


def test_files_are_ignored_as_their_trigger() -> None:
    """Their name is the program's, and both spellings of the input are accepted."""
    assert parse_ignored(["trigger_files.vm_id", 'triggerFiles["a.b"]']) == (
        ("triggers", "triggers.vm_id"),
        ("triggers", 'triggers["a.b"]'),
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("trigers", "'trigers' names no input; did you mean triggers?"),
        ("tags", "'tags' names no input; the inputs are vm_id, triggers,"),
        ("request", "'request' names no input"),
        ("triggers[0]", "'triggers[0]' is not a trigger; write 'triggers[\"0\"]'."),
        ("triggerFiles", "'triggerFiles' must name the trigger too, such as 'triggers.<name>'."),
        ("triggers[image]", "is not the path of an input"),
    ],
)
def test_what_names_no_input_is_an_error(path: str, said: str) -> None:
    """A typo would let a change through."""
    with pytest.raises(InvalidInputError) as error:
        parse_ignored([path])

    assert said in error.value.message


def test_an_ignored_input_keeps_the_value_of_the_decision() -> None:
    """It may be added, removed, changed or not known yet. Other inputs are as the program sets them."""
    decided = {"triggers": {"a": 1, "b": 1}, "exact_version": "1.0.0"}
    news: dict[str, object] = {
        "triggers": {"a": 2, "b": 2, "c": 2},
        "exact_version": UNKNOWN,
        "timeout": "2h",
    }

    kept = keep_ignored(decided, news, ["triggers.a", "triggers.c", "exact_version", "timeout"])

    assert kept == {"triggers": {"a": 1, "b": 2}, "exact_version": "1.0.0", "timeout": "2h"}


def test_an_ignored_input_without_a_decided_value_is_left_out() -> None:
    """It is absent, which is different from null."""
    news = {"triggers": {"a": 2}, "exact_version": "1.0.0"}

    assert keep_ignored({"triggers": {"a": 1}}, news, ["exact_version"]) == {"triggers": {"a": 2}}
    assert keep_ignored({"exact_version": "0.9.0"}, news, ["triggers"]) == {"exact_version": "1.0.0"}

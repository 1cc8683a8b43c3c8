"""Messages spell the names of inputs as the program's language does."""

import pytest

from pulumi_azure_reimage.inputs.os_profile import FIELDS
from pulumi_azure_reimage.inputs.spelling import OTHERS, PYTHON, camel_case, respell, snake_case
from pulumi_azure_reimage.inputs.validation import NAMES


@pytest.mark.parametrize("name", [*NAMES, *FIELDS, "ignore_changes"])
def test_every_name_is_respelled_and_comes_back(name: str) -> None:
    """This is true in a sentence and for a name alone."""
    assert (
        respell(f"{name} is wrong; set `{name}`.", OTHERS)
        == f"{camel_case(name)} is wrong; set `{camel_case(name)}`."
    )
    assert snake_case(camel_case(name)) == name


@pytest.mark.parametrize(
    ("python", "others"),
    [
        ("exact_version is the number 1.", "exactVersion is the number 1."),
        ("os_profile.admin_password must be a string.", "osProfile.adminPassword must be a string."),
        (
            "os_profile has both custom_data and custom_data_file;",
            "osProfile has both customData and customDataFile;",
        ),
        ("set `preflight='warn'`, and", "set `preflight: warn`, and"),
        ("With preflight='warn', Azure decides.", "With preflight: warn, Azure decides."),
        ("such as ['triggers.image', 'exact_version'].", "such as ['triggers.image', 'exactVersion']."),
        ("triggers.image changed, exact_version added", "triggers.image changed, exactVersion added"),
    ],
)
def test_a_sentence_has_the_names_of_the_language(python: str, others: str) -> None:
    """This covers every place where sentences name inputs, their fields or the values of a setting."""
    assert respell(python, OTHERS) == others
    assert respell(python, PYTHON) == python


@pytest.mark.parametrize(
    "text",
    [
        "triggers.exact_version changed",
        "triggers.vm_id added, triggers.a.os_profile removed",
        "exact_version is the string 'vm_id'"[17:],
        "VM /subscriptions/0/virtualMachines/vm_id is gone.",
        "disk vm_id_OsDisk_1",
        "my_vm_id",
        "urn:pulumi:a::b::azure-reimage:index:VirtualMachineReimage::vm_id",
    ],
)
def test_what_a_program_has_named_stays(text: str) -> None:
    """These are the keys of triggers, quoted values and the names of resources."""
    assert respell(text, OTHERS) == text


def test_verbatim_texts_stay() -> None:
    """A key may contain spaces, so its end cannot be found in the sentence."""
    text = "triggers.my exact_version changed, exact_version added"

    assert respell(text, OTHERS, ["triggers.my exact_version"]) == (
        "triggers.my exact_version changed, exactVersion added"
    )

"""The table of resource options: complete, as documented, and what the constructor refuses."""

import inspect
from typing import Any

import pulumi
import pytest

from pulumi_azure_reimage.options import OPTIONS, OptionError, Refused, check_options

VALUES: dict[str, Any] = {
    "additional_secret_outputs": ["status"],
    "custom_timeouts": pulumi.CustomTimeouts(update="2s"),
    "env_var_mappings": {"A": "B"},
    "id": "x",
    "import_": "x",
    "plugin_download_url": "https://example.org",
    "replace_on_changes": ["triggers"],
    "replace_with": [object()],
    "replacement_trigger": "2",
    "state_migrations": [object()],
    "urn": "urn:pulumi:a::b::c::d",
    "version": "1.0.0",
}


def options(**given: Any) -> pulumi.ResourceOptions:  # noqa: ANN401 - each option has a type of its own.
    """Return options, including those that an older SDK does not have."""
    made = pulumi.ResourceOptions()
    for name, value in given.items():
        setattr(made, name, value)
    return made


def test_every_option_of_the_sdk_is_in_the_table() -> None:
    """A new option in the SDK fails this test: decide whether it works, and what to use instead."""
    known = set(inspect.signature(pulumi.ResourceOptions).parameters)

    assert known - OPTIONS.keys() == set()


def test_every_refused_option_is_refused_below() -> None:
    """The values of the next test are complete."""
    assert {name for name, of in OPTIONS.items() if isinstance(of, Refused)} == VALUES.keys()


@pytest.mark.parametrize("name", VALUES)
def test_an_option_that_cannot_work_is_refused_by_name(name: str) -> None:
    """The refusal says what to use instead, and that nothing was registered."""
    with pytest.raises(OptionError) as error:
        check_options("web", options(**{name: VALUES[name]}))

    refused = OPTIONS[name]
    assert isinstance(refused, Refused)
    assert str(error.value) == (
        f"VirtualMachineReimage 'web': the option `{name}` is refused. {refused.instead} "
        f"Nothing was registered."
    )


def test_options_that_were_merged_or_are_empty_are_not_given() -> None:
    """`ResourceOptions.merge` leaves empty lists and bindings."""
    merged = pulumi.ResourceOptions.merge(
        options(replace_on_changes=[]), options(additional_secret_outputs=[])
    )

    assert check_options("web", merged) == check_options("web", None)


def test_an_option_that_comes_by_a_merge_is_refused_too() -> None:
    """Either side of the merge may have it."""
    given = options(custom_timeouts=pulumi.CustomTimeouts(create="1h"))

    for merged in (pulumi.ResourceOptions.merge(given, None), pulumi.ResourceOptions.merge(None, given)):
        with pytest.raises(OptionError, match="Use the input `timeout`"):
            check_options("web", merged)


@pytest.mark.parametrize("option", ["ignore_changes", "hide_diffs"])
def test_a_name_that_is_not_an_input_is_refused_with_the_inputs(option: str) -> None:
    """It would have no effect, and the change would reimage."""
    with pytest.raises(OptionError) as error:
        check_options("web", options(**{option: ["tags"]}))

    said = str(error.value)
    assert said.startswith(
        f"{option} of VirtualMachineReimage 'web': 'tags' names no input; the inputs are vm_id"
    )
    assert said.endswith("Nothing was registered.")


class _Named:
    """Stands for a provider, of which only the package is read."""

    def __init__(self, package: str) -> None:
        self.package = package


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("provider", _Named("azure-native")),
        ("providers", [_Named("azure-native"), _Named("random")]),
        ("providers", {"azure-native": _Named("azure-native")}),
    ],
)
def test_a_provider_of_another_package_is_refused(option: str, value: object) -> None:
    """Pulumi would keep it for children of its package, and sign in as the stack does."""
    with pytest.raises(OptionError, match=r"A provider of azure-native.* does not sign in for a reimage"):
        check_options("web", options(**{option: value}))


def test_our_provider_is_accepted_alone_and_among_others() -> None:
    """The children use it."""
    ours, other = _Named("pulumi-python"), _Named("azure-native")

    check_options("web", options(provider=ours))
    check_options("web", options(providers=[other, ours]))


def test_an_option_among_the_inputs_is_refused() -> None:
    """It would be mistaken for an input of that name, or for one of ours."""
    with pytest.raises(OptionError, match=r"pass `pulumi.ResourceOptions\(ignore_changes=...\)` as `opts`"):
        check_options("web", None, {"vm_id": "x", "ignore_changes": ["triggers"]})

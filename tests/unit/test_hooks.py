"""What may be a hook of the component; tests/engine/test_hooks.py runs them."""

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi.runtime.resource_hooks import StubResourceHook

from pulumi_azure_reimage.hooks import check_hooks, children_hooks
from pulumi_azure_reimage.options import OptionError


def hook(_: object) -> None:
    """Do nothing."""


def options(**hooks: Any) -> pulumi.ResourceOptions:  # noqa: ANN401 - also what is no hook.
    """Return options with hooks."""
    return pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(**hooks))


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        (
            {"before_update": ["drain.sh"]},
            "before_update must be a list of functions or pulumi.ResourceHook, and it",
        ),
        (
            {"before_delete": [hook]},
            "before_delete must be a list of pulumi.ResourceHook, and it holds a function.",
        ),
        ({"on_error": [hook]}, "on_error must be a list of pulumi.ErrorHook, and it holds a function."),
    ],
)
def test_what_is_no_hook_is_refused_by_name(hooks: dict[str, Any], said: str) -> None:
    """The SDK would find it only after the component was registered."""
    with pytest.raises(OptionError) as error:
        check_hooks("web", options(**hooks))

    assert said in str(error.value)
    assert str(error.value).endswith("Nothing was registered.")


@pytest.mark.parametrize(
    "opts", [None, pulumi.ResourceOptions(), options(), pulumi.ResourceOptions.merge(None, None)]
)
def test_without_hooks_the_children_have_none(opts: pulumi.ResourceOptions | None) -> None:
    """So that nothing of them is in state."""
    check_hooks("web", opts)
    given = children_hooks("web", opts)

    assert (given.request, given.operation, given.result, given.names) == (None, None, None, ())


def test_a_hook_of_another_program_is_refused() -> None:
    """A component that runs for a program of another language gets its name, and no function."""

    async def check() -> None:
        check_hooks("web", options(before_update=[StubResourceHook("drain")]))

    with pytest.raises(OptionError, match="drain is a hook of another program"):
        asyncio.run(check())

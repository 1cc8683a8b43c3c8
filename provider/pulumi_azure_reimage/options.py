"""Pulumi's resource options on the component: which work, which are refused, and what the children get.

Pulumi applies most options of a component only to the component's own row, which has no inputs and never
changes (`checkComponentOption` of
https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/resource/deploy/source_eval.go). An option that would do
nothing there is passed on to the children, or refused by name, before anything is registered.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi

from .errors import InvalidInputError
from .inputs.ignored import CAUSES, parse_ignored

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Works:
    """An option that does on the component what it does on other resources.

    Attributes:
        how: What the option does here, as a sentence.
    """

    how: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An option with which the constructor fails.

    Attributes:
        instead: Why, and what to use instead, as sentences.
    """

    instead: str


_REPLACES = "A replacement records a new baseline and drops a change that is due."

OPTIONS: Final[Mapping[str, Works | Refused]] = {
    "additional_secret_outputs": Refused(
        "The outputs hold ids, versions and times. Make one secret where you use it."
    ),
    "aliases": Works("After a rename or a move, the component and its children keep their state."),
    "custom_timeouts": Refused("Use the input `timeout`."),
    "delete_before_replace": Works("It holds for all three children. A deletion sends nothing."),
    "deleted_with": Works(
        "The children inherit it. A deletion sends nothing anyway. If that resource is replaced, so are the "
        "children, which record a new baseline."
    ),
    "depends_on": Works("The VM is neither looked at nor reimaged before those resources are done."),
    "env_var_mappings": Refused("It is for providers. Use the settings of `pulumi_azure_reimage.Provider`."),
    "hide_diffs": Works("It names inputs of the component."),
    "hooks": Works("They run around each reimage, see below."),
    "id": Refused("There is nothing in Azure to read. Declare it: the first run records a baseline."),
    "ignore_changes": Works(
        "It names inputs of the component, or parts of them, such as `triggers.image`. A change that it "
        "names requests no reimage. As soon as it is no longer named, it requests one."
    ),
    "import_": Refused("There is nothing in Azure to import. Declare it: the first run records a baseline."),
    "parent": Works("The component is a child of that resource."),
    "plugin_download_url": Refused("The provider is the installed Python package."),
    "protect": Works("The children inherit it. It forbids a deletion, not a reimage: see `prevent_reimage`."),
    "provider": Works("It must be a `pulumi_azure_reimage.Provider`. Any other provider is refused."),
    "providers": Works("One of them must be a `pulumi_azure_reimage.Provider`."),
    "replace_on_changes": Refused(f"{_REPLACES} To reimage on a change, put the value into `triggers`."),
    "replace_with": Refused(
        f"{_REPLACES} To reimage with another resource, put one of its outputs into `triggers`. A "
        f"replaced VM is noticed automatically."
    ),
    "replacement_trigger": Refused(f"{_REPLACES} To reimage on a change, put the value into `triggers`."),
    "retain_on_delete": Works("The children inherit it. A deletion sends nothing anyway."),
    "state_migrations": Refused("The state of the children is a journal that nothing else may write."),
    "transformations": Works("They are applied to the component and to each child."),
    "transforms": Works("They are applied to the component and to each child."),
    "urn": Refused("To use the outputs in another stack, export them and use a `StackReference`."),
    "version": Refused("The provider is the installed Python package. Pin that in your requirements."),
}

# The host of dynamic resources, whose provider a `pulumi_azure_reimage.Provider` is.
_PACKAGE = "pulumi-python"
# They hold 3 KB of operation URL each, which means nothing to a reader and must not be displayed.
_HIDDEN = ["request", "operation"]


class OptionError(pulumi.RunError):
    """A resource option that cannot work on the component. Pulumi prints the message without a traceback."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """What `ignore_changes` names.

    Attributes:
        causes: Paths of `triggers` and `exact_version`, which ReimageRequest handles itself.
        vm: Paths that only ReimageRequest has.
        stored: Paths of inputs that all three children have.
    """

    causes: tuple[str, ...]
    vm: tuple[str, ...]
    stored: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """The inputs whose change would request a reimage."""
        return frozenset(name for name in CAUSES if any(path.startswith(name) for path in self.causes))


@dataclass(frozen=True, slots=True)
class Children:
    """The options of the three children, and what ReimageRequest handles itself."""

    request: pulumi.ResourceOptions
    operation: pulumi.ResourceOptions
    result: pulumi.ResourceOptions


def check_options(name: str, opts: pulumi.ResourceOptions | None, inputs: Collection[str] = ()) -> Ignored:
    """Refuse the options that cannot work, and return what is ignored.

    Args:
        name: The name of the component.
        opts: Its options.
        inputs: The names of its inputs. An option among them is refused.

    Raises:
        OptionError: an option cannot work; nothing was registered.
    """
    for option in sorted(OPTIONS.keys() & set(inputs)):
        raise OptionError(
            f"VirtualMachineReimage {name!r}: `{option}` is not an input but a resource option, so pass "
            f"`pulumi.ResourceOptions({option}=...)` as `opts`. Nothing was registered."
        )
    for option, treatment in OPTIONS.items():
        if isinstance(treatment, Refused) and _is_given(opts, option):
            raise _error(name, option, treatment.instead)
    _check_providers(name, opts)
    _parse(name, opts, "hide_diffs")
    named = _parse(name, opts, "ignore_changes")
    return Ignored(
        causes=tuple(path for input_, path in named if input_ in CAUSES),
        vm=tuple(path for input_, path in named if input_ == "vm_id"),
        stored=tuple(path for input_, path in named if input_ not in (*CAUSES, "vm_id")),
    )


def own_options(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
    """Return the options of the component's own row, on which no hook may run a second time."""
    own = copy.copy(opts)
    if own is not None:
        own.hooks = None
    return own


def children_options(
    component: pulumi.Resource, opts: pulumi.ResourceOptions | None, ignored: Ignored
) -> Children:
    """Return the options of the children, which inherit the others from their parent."""
    hidden = [path for _, path in _parse("", opts, "hide_diffs")]
    common: dict[str, Any] = {
        "parent": component,
        "hide_diffs": [*_HIDDEN, *hidden],
        "delete_before_replace": opts.delete_before_replace if opts else None,
    }
    stored = list(ignored.stored)
    request = pulumi.ResourceOptions(
        **common,
        ignore_changes=[*ignored.vm, *stored] or None,
        # The others depend on it through their inputs.
        depends_on=opts.depends_on if opts else None,
        # What is ignored may have been secret before, and is kept as an output.
        additional_secret_outputs=sorted(ignored.names) or None,
    )
    return Children(
        request,
        pulumi.ResourceOptions(**common, ignore_changes=stored or None),
        pulumi.ResourceOptions(**common, ignore_changes=stored or None),
    )


def _is_given(opts: pulumi.ResourceOptions | None, option: str) -> bool:
    # An older SDK has fewer options; `ResourceOptions.merge` makes empty lists.
    value = getattr(opts, option, None)
    if isinstance(value, pulumi.CustomTimeouts):
        return any(vars(value).values())
    return value is not None and not (isinstance(value, list | tuple | dict) and not value)


def _check_providers(name: str, opts: pulumi.ResourceOptions | None) -> None:
    given = getattr(opts, "providers", None) or []
    several: Sequence[pulumi.ProviderResource] = list(given.values() if isinstance(given, dict) else given)
    one = getattr(opts, "provider", None)
    for option, providers in (("provider", [one] if one else []), ("providers", several)):
        others = sorted({provider.package for provider in providers})
        if others and _PACKAGE not in others:
            raise _error(
                name,
                option,
                f"A provider of {', '.join(others)} does not sign in for a reimage. Use a "
                f"`pulumi_azure_reimage.Provider`, which has the same settings.",
            )


def _parse(name: str, opts: pulumi.ResourceOptions | None, option: str) -> tuple[tuple[str, str], ...]:
    try:
        return parse_ignored(getattr(opts, option, None) or ())
    except InvalidInputError as error:
        raise _error(name, option, error.message, f"{option} of VirtualMachineReimage {name!r}: ") from None


def _error(name: str, option: str, instead: str, beginning: str | None = None) -> OptionError:
    if beginning is None:
        beginning = f"VirtualMachineReimage {name!r}: the option `{option}` is refused. "
    return OptionError(f"{beginning}{instead} Nothing was registered.")

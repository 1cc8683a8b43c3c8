"""The resource options of a component in another language, as the component in Python accepts them.

The engine sends a plugin most options of a component, and Pulumi's SDK drops two of those
(`_construct_options` in pulumi/provider/server.py of SDK 3.272.0). A dropped option would silently do
nothing, so they are read here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pulumi

from ..inputs.spelling import OTHERS, camel_case, respell
from ..options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.runtime.proto import ConstructRequest

PACKAGE: Final = "azure-reimage"
# The host of dynamic resources, whose provider signs in for the children.
_HOST: Final = "pulumi-python"
_STACK: Final = "::pulumi:pulumi:Stack::"
_OPTION = re.compile(rf"(?<![\w.])(?:{'|'.join(name for name in OPTIONS if '_' in name)})(?!\w)")
_PROVIDER_IN_PYTHON: Final = "`pulumi_azure_reimage.Provider`"
_PROVIDER: Final = "provider of the package azure-reimage (`pulumi:providers:azure-reimage`)"


def add_dropped(options: pulumi.ResourceOptions, request: ConstructRequest) -> pulumi.ResourceOptions:
    """Return the options with those that the SDK does not read."""
    options.additional_secret_outputs = list(request.additionalSecretOutputs) or None
    if request.HasField("customTimeouts"):
        given = request.customTimeouts
        options.custom_timeouts = pulumi.CustomTimeouts(given.create, given.update, given.delete, given.read)
    if request.HasField("deleteBeforeReplace"):
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def choose_providers(
    options: pulumi.ResourceOptions, parent: str, own: pulumi.ProviderResource | None
) -> pulumi.ResourceOptions:
    """Return the options with the one provider that signs in for the children.

    Args:
        options: The options.
        parent: The URN of the component's parent. For the child of another component, the providers of that
            component are among the options, and may be meant for other resources.
        own: The provider that the program has declared for this package, if it has declared one.
    """
    given: Mapping[str, pulumi.ProviderResource] = {
        provider.package: provider for provider in _listed(options) if provider.package != PACKAGE
    }
    if own is not None:
        options.providers = [own]
    elif _HOST in given:
        options.providers = [given[_HOST]]
    elif parent and _STACK not in parent:
        options.providers = None
    else:
        options.providers = list(given.values())
    return options


def _listed(options: pulumi.ResourceOptions) -> list[pulumi.ProviderResource]:
    given = options.providers or []
    return list(given if isinstance(given, list) else given.values() if hasattr(given, "values") else given)


def respell_options(text: str) -> str:
    """Return an error of the component's constructor, with the names of inputs and options in camel case."""
    text = text.replace(f"a {_PROVIDER_IN_PYTHON}", f"a {_PROVIDER}")
    return _OPTION.sub(lambda found: camel_case(found[0].rstrip("_")), respell(text, OTHERS))

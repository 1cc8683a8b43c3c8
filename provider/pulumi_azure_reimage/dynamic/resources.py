"""The dynamic resources as a program declares them, and how state names their providers.

A program imports this module, and neither a provider nor what it needs, such as HTTP. The host loads those.

The type tokens, the path of `load_provider`, and its names are state format: frozen.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import Resource, ResourceProvider

if TYPE_CHECKING:
    from pulumi import Output, ResourceOptions

_PROVIDERS = {
    "operation": ("operation", "ReimageOperationProvider"),
    "result": ("result", "ReimageResultProvider"),
}


def load_provider(name: str) -> ResourceProvider:
    """Return the provider of a resource: what the host calls when it reads the provider in state."""
    module, provider = _PROVIDERS[name]
    made: ResourceProvider = getattr(import_module(f"{__package__}.{module}"), provider)()
    return made


class ProviderByName(ResourceProvider):
    """Stands for a provider in the program. Pickled into state, it is a call of `load_provider`."""

    # The pickled call holds no secret; as a secret it would be encrypted again at every save.
    serialize_as_secret_always = False

    def __init__(self, name: str) -> None:
        self._name = name

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Return what unpickling calls."""
        return load_provider, (self._name,)


class ReimageOperation(Resource, module="azure-reimage", name="ReimageOperation"):
    """A request to reimage a VM, or the baseline before the first one."""

    # Pulumi resolves annotations again for each resource, and needs none: these values are plain JSON.
    if TYPE_CHECKING:
        vm_id: Output[str]
        causes: Output[list[str]]
        record: Output[dict[str, Any]]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions) -> None:
        # An output must be declared to be unknown, rather than absent, in a preview. The record is one output
        # and not one for each of its parts, because a preview does not know an output that is None, as parts
        # of a baseline are, and would announce that the result changes. Each also costs preview time.
        super().__init__(ProviderByName("operation"), name, {**props, "causes": None, "record": None}, opts)


class ReimageResult(Resource, module="azure-reimage", name="ReimageResult"):
    """The end of a reimage, or the baseline before the first one."""

    if TYPE_CHECKING:
        result: Output[dict[str, Any]]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions) -> None:
        super().__init__(ProviderByName("result"), name, {**props, "result": None}, opts)

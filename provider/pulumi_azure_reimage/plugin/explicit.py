"""A provider that a program in another language declares, to sign in differently for some of its machines.

The children of a component run in the host of dynamic resources, so a provider of this package must be one of
that host too. The plugin declares a `Provider` with the same name and the same settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import rpc

from ..provider import SETTINGS, Provider

if TYPE_CHECKING:
    from pulumi.runtime.proto import ConfigureRequest

# `IsDefaultProvider` of https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/providers/reference.go
_DEFAULT = "default"


class ExplicitProvider:
    """The settings with which the engine has configured this process, and the providers that use them."""

    def __init__(self) -> None:
        self._name = ""
        self._settings: dict[str, Any] = {}
        # One for each run of the engine, by the address of its resource monitor.
        self._declared: dict[str, Provider] = {}

    def configure(self, request: ConfigureRequest) -> None:
        """Keep the settings of a provider that the program has declared.

        The settings of the default provider are the stack's configuration, which the host of the children
        reads.

        Raises:
            RunError: there is no such setting.
        """
        name = request.urn.rpartition("::")[2]
        if not name or name.startswith(_DEFAULT):
            return
        given = rpc.deserialize_properties(request.args, keep_unknowns=True)
        by_key = {setting.key.partition(":")[2]: argument for argument, setting in SETTINGS.items()}
        unknown = sorted(given.keys() - by_key.keys() - {"version", "pluginDownloadURL"})
        if unknown:
            raise pulumi.RunError(f"The provider {name} has no setting {', '.join(unknown)}.")
        self._name = name
        self._settings = {by_key[key]: value for key, value in given.items() if key in by_key}

    def declared(self, monitor: str) -> Provider | None:
        """Return the provider of the children; None if the program has declared none."""
        if self._name and monitor not in self._declared:
            self._declared[monitor] = Provider(self._name, None, **_plain(self._settings))
        return self._declared.get(monitor)


def _plain(settings: dict[str, Any]) -> Any:  # noqa: ANN401 - settings of Provider, which checks them.
    """Return the settings, in which the secrets of the engine are secret outputs."""
    return {
        name: pulumi.Output.secret(rpc.unwrap_rpc_secret(value)) if rpc.is_rpc_secret(value) else value
        for name, value in settings.items()
    }

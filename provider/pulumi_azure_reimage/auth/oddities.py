"""Settings that seem to choose something but do not, each described in a sentence.

A failed sign-in names the first two kinds, because azure-native ignores them silently. An unknown key in our
own namespace is refused, because a misspelled `azure-reimage:simulator` would send everything to Azure.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from . import settings as keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .settings import Settings

NAMESPACE = "azure-reimage"

# What azurerm, azapi and azure-identity read, and azure-native does not
# (https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs, "Argument Reference";
# https://learn.microsoft.com/python/api/overview/azure/identity-readme, "Environment variables"). GitLab has
# no fixed name for its token. azure-native's documentation shows GITLAB_OIDC_TOKEN.
_UNREAD = {
    "ARM_OIDC_REQUEST_TOKEN": f"set {keys.OIDC_REQUEST_TOKEN}",
    "ARM_OIDC_REQUEST_URL": f"set {keys.OIDC_REQUEST_URL}",
    "GITLAB_OIDC_TOKEN": f"set {keys.OIDC_TOKEN} to its value",
    "ARM_CLIENT_ID_FILE_PATH": f"set {keys.CLIENT_ID} to the content of the file",
    "ARM_CLIENT_SECRET_FILE_PATH": f"set {keys.CLIENT_SECRET} to the content of the file",
    "ARM_CLIENT_CERTIFICATE": f"write the certificate to a file and set {keys.CERTIFICATE_PATH}",
    "ARM_USE_CLI": "the Azure CLI is used if nothing else is configured",
    "ARM_MSI_ENDPOINT": f"the endpoint of a managed identity is found without it; set {keys.USE_MSI}",
    "AZURE_CLIENT_ID": f"set {keys.CLIENT_ID}",
    "AZURE_TENANT_ID": f"set {keys.TENANT_ID}",
    "AZURE_CLIENT_SECRET": f"set {keys.CLIENT_SECRET}",
    "AZURE_CLIENT_CERTIFICATE_PATH": f"set {keys.CERTIFICATE_PATH}",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD": f"set {keys.CERTIFICATE_PASSWORD}",
    "AZURE_SUBSCRIPTION_ID": f"set {keys.SUBSCRIPTION_ID}",
    "AZURE_AUTHORITY_HOST": f"set {keys.ENVIRONMENT}",
}

_ALMOST = ("1", "0", "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f")


def describe_switches(settings: Settings) -> tuple[str, ...]:
    """Return a sentence for each switch whose value is neither `true` nor `false`."""
    values = ((switch, settings.raw(switch)) for switch in keys.ALL if switch.switch)
    return tuple(
        f"{settings.source(switch)} is {_show_switch(value)} and not exactly true, so it counts as false, as "
        f"in azure-native."
        for switch, value in values
        if value.strip() and value not in {"true", "false"}
    )


def _show_switch(value: str) -> str:
    """Return the value of a switch, unless it may be a secret in the wrong place."""
    return f"`{value}`" if value.strip().casefold() in _ALMOST else "something else"


def describe_unread(settings: Settings, *, azure_identity: bool) -> tuple[str, ...]:
    """Return a sentence for each variable of another tool that is set and not read.

    Args:
        settings: The settings.
        azure_identity: Whether the variables of azure-identity are read by this method.
    """
    return tuple(
        f"{name} is set and not read, as in azure-native: {instead}."
        for name, instead in _UNREAD.items()
        if settings.environ.get(name, "").strip() and not (azure_identity and name.startswith("AZURE_"))
    )


def describe_unknown(names: Iterable[str], project: str) -> str | None:
    """Return a sentence about the keys of a stack in our namespace that do not exist; None if there are none.

    Args:
        names: The keys of the stack's configuration, with their namespaces.
        project: The name of the project. Its own keys have it as their namespace.
    """
    known = {setting.key for setting in keys.ALL}
    unknown = sorted({name for name in names if name.startswith(f"{NAMESPACE}:")} - known)
    if not unknown or project == NAMESPACE:
        return None
    return (
        f"The stack's configuration has keys that do not exist: {', '.join(map(_suggest, unknown))}. Correct "
        f"or remove them. Nothing was sent."
    )


def _suggest(name: str) -> str:
    # A key of azure-native in our namespace is recognized too.
    existing = {_short(setting.key): setting.key for setting in keys.ALL}
    nearest = get_close_matches(_short(name), existing, n=1)
    return f"{name} (did you mean {existing[nearest[0]]}?)" if nearest else name


def _short(key: str) -> str:
    return key.partition(":")[2].casefold()

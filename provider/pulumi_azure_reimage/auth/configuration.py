"""Where ARM is and how to sign in there, read from the stack first and then from the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from ..arm.virtual_machine import DEFAULT_API_VERSION
from ..errors import ConfigurationError
from . import settings as keys
from .clouds import PUBLIC, ActiveCloud, CloudChoice, choose_cloud
from .method import TITLES, AzureCli, Method, OidcToken, choose_method, find_oddities
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#api-versioning: YYYY-MM-DD, with
# a -preview suffix for a preview.
# Without quotation marks in the stack's file, YAML reads a time, which Pulumi passes on as `2020-06-01
# 00:00:00 +0000 UTC` (seen with CLI 3.274.1).
_API_VERSION = re.compile(
    r"(?P<version>(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:-preview)?)(?: 00:00:00 \+0000 UTC|T00:00:00Z)?"
)

_WHOLE_NUMBER = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in.

    Attributes:
        method: The only method that is tried.
        auxiliary_tenant_ids: Further tenants for which the identity may get tokens.
        instance_discovery: Whether Entra is asked to confirm the authority.
        hint: What else may be wrong, in sentences to append to a failure message.
    """

    method: Method
    auxiliary_tenant_ids: tuple[str, ...] = ()
    instance_discovery: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the configuration is what it is, without the value of any setting.

    Attributes:
        found: The keys and variables that have a value.
        method: The method, and why it was chosen.
        cloud: Why the cloud was chosen.
        notes: Warnings about settings that do not work as they seem to.
    """

    found: tuple[str, ...] = ()
    method: str = ""
    cloud: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Azure:
    """The real Azure.

    Attributes:
        cloud: The cloud, or what describes it.
        sign_in: How to sign in there.
        subscription_id: The configured subscription, if any. The id of a VM names its own subscription.
        explanation: Why the configuration is what it is.
    """

    cloud: CloudChoice
    sign_in: SignIn
    subscription_id: str | None
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Simulated:
    """Simulated machines.

    Attributes:
        place: An inventory file of the embedded simulator, or the URL of a served one.
        time_scale: The factor for the waits that guard against late requests.
    """

    place: str
    time_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits for all machines of a stack.

    Attributes:
        most_reimages: How many machines one run may reimage; None if there is no limit.
        prevents_reimages: Whether none may be reimaged.
    """

    most_reimages: int | None = None
    prevents_reimages: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one provider.

    Attributes:
        where: Azure or the simulator.
        api_version: The api-version of the requests to Microsoft.Compute about VMs and their images.
        journal: The file to which each decision is appended; None if there is none.
        limits: The limits for all machines of the stack.
    """

    where: Azure | Simulated
    api_version: str = DEFAULT_API_VERSION
    journal: str | None = None
    limits: Limits = Limits()


def read_configuration(stack: Callable[[str], object], environ: Mapping[str, str]) -> Configuration:
    """Read the configuration.

    Args:
        stack: Looks up a namespaced key of the stack configuration, such as `azure-native:environment`.
        environ: The environment of the process.

    Raises:
        ConfigurationError: the configuration cannot work. The message names the settings, never their values.
    """
    settings = Settings(stack, environ)
    return Configuration(_where(settings), _api_version(settings), _journal(settings), _limits(settings))


def for_subscription(configuration: Configuration, subscription_id: str) -> Configuration:
    """Return the configuration for the VMs of a subscription.

    If neither a subscription nor a tenant is configured, the Azure CLI signs in with the account of that
    subscription, which may differ from the active account. Case is ignored when ids are compared.
    """
    where = configuration.where
    if not isinstance(where, Azure) or where.sign_in.method != AzureCli(None, None):
        return configuration
    method = AzureCli(None, subscription_id.lower(), of_the_vm=True)
    return replace(configuration, where=replace(where, sign_in=replace(where.sign_in, method=method)))


def _where(settings: Settings) -> Azure | Simulated:
    if settings.stack(keys.SIMULATOR.key) is None:
        return _azure(settings)
    place = settings.get(keys.SIMULATOR)
    if not place:
        raise ConfigurationError(
            "azure-reimage:simulator is empty. Set it to an inventory file, or remove it to use Azure. "
            "Nothing was sent."
        )
    return Simulated(place, _time_scale(settings))


def _journal(settings: Settings) -> str | None:
    if settings.stack(keys.JOURNAL.key) is None:
        return None
    file = settings.get(keys.JOURNAL)
    if not file:
        raise ConfigurationError(
            "azure-reimage:journal is empty. Set it to a file, or remove it to keep no journal. "
            "Nothing was sent."
        )
    return file


def _api_version(settings: Settings) -> str:
    text = settings.get(keys.API_VERSION)
    if settings.source(keys.API_VERSION) is None:
        return DEFAULT_API_VERSION
    found = _API_VERSION.fullmatch(text)
    if found is None or not _is_day(found["day"]):
        raise ConfigurationError(
            "azure-reimage:apiVersion must be an api-version of Microsoft.Compute, such as 2024-07-01 or "
            "2024-07-01-preview. Nothing was sent."
        )
    return found["version"]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _limits(settings: Settings) -> Limits:
    most = settings.get(keys.MAX_REIMAGES)
    if settings.stack(keys.MAX_REIMAGES.key) is not None and not _WHOLE_NUMBER.fullmatch(most):
        raise ConfigurationError(
            f"{keys.MAX_REIMAGES.key} must be a whole number, such as 10, and not {most!r}. Remove it to "
            f"have no limit. Nothing was sent."
        )
    prevents = settings.get(keys.PREVENT_REIMAGE)
    if prevents not in ("true", "false", ""):
        raise ConfigurationError(
            f"{keys.PREVENT_REIMAGE.key} must be true or false, and not {prevents!r}. Nothing was sent."
        )
    return Limits(int(most) if most else None, prevents == "true")


def _time_scale(settings: Settings) -> float:
    text = settings.get(keys.SIMULATOR_TIME_SCALE) or "1"
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 <= scale <= 1:
        raise ConfigurationError(
            "azure-reimage:simulatorTimeScale must be a number from 0 to 1. Nothing was sent."
        )
    return scale


def _azure(settings: Settings) -> Azure:
    method, because = choose_method(settings)
    cloud, cloud_because = choose_cloud(
        settings, default=ActiveCloud() if isinstance(method, AzureCli) else PUBLIC
    )
    return Azure(
        cloud=cloud,
        sign_in=SignIn(
            method,
            settings.get_list(keys.AUXILIARY_TENANT_IDS),
            instance_discovery=not settings.is_on(keys.DISABLE_INSTANCE_DISCOVERY),
            hint=" ".join(find_oddities(settings, method)),
        ),
        subscription_id=settings.get(keys.SUBSCRIPTION_ID) or None,
        explanation=Explanation(
            settings.sources(),
            f"{TITLES[type(method)]}, because {because}",
            cloud_because,
            tuple(_notes(settings, method)),
        ),
    )


def _notes(settings: Settings, method: Method) -> list[str]:
    notes = [oddity.removesuffix(".") for oddity in find_oddities(settings, method)]
    if isinstance(method, OidcToken):
        notes.append(
            f"{settings.source(keys.OIDC_TOKEN)} cannot be renewed, so no new sign-in succeeds after it "
            f"expires, usually in a few minutes. A token file or a request URL has no such limit"
        )
    return notes

"""Where ARM is and how to sign in there, from stack configuration first, then the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from . import settings as keys
from .clouds import PUBLIC, ActiveCloud, CloudChoice, chosen_cloud
from .method import TITLES, AzureCli, Method, OidcToken, chosen_method
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_API_VERSION = "2024-07-01"

# A value of another spelling is not true, as for azure-native.
_SWITCHES = (
    keys.USE_DEFAULT,
    keys.USE_OIDC,
    keys.USE_AKS,
    keys.USE_MSI,
    keys.DISABLE_INSTANCE_DISCOVERY,
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in.

    Attributes:
        method: The one way that is tried.
        auxiliary_tenant_ids: Further tenants that the identity may get tokens of.
        instance_discovery: Whether Entra is asked if the authority is one of its own.
    """

    method: Method
    auxiliary_tenant_ids: tuple[str, ...] = ()
    instance_discovery: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the configuration is what it is; no value of a setting is in it.

    Attributes:
        found: The keys and variables that have a value.
        method: The method, and why it was chosen.
        cloud: Why the cloud was chosen.
        notes: What may surprise.
    """

    found: tuple[str, ...] = ()
    method: str = ""
    cloud: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Azure:
    """The real Azure.

    Attributes:
        cloud: The cloud, or how to find it out.
        sign_in: How to sign in there.
        subscription_id: The subscription that is configured, if one is. The id of a VM names its own one.
        explanation: Why it is so.
    """

    cloud: CloudChoice
    sign_in: SignIn
    subscription_id: str | None
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Simulated:
    """Simulated machines: an inventory file of the embedded simulator, or the URL of a served one."""

    place: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one provider.

    Attributes:
        where: Azure, or a simulator instead of it.
        api_version: The api-version of every request.
    """

    where: Azure | Simulated
    api_version: str = DEFAULT_API_VERSION


def read_configuration(stack: Callable[[str], object], environ: Mapping[str, str]) -> Configuration:
    """Read the configuration.

    Args:
        stack: Looks up a namespaced key of the stack configuration, such as `azure-native:environment`.
        environ: The environment of the process.

    Raises:
        ConfigurationError: the configuration cannot work; the message says what is missing, and no value.
    """
    settings = Settings(stack, environ)
    if stack(keys.SIMULATOR.key) is None:
        return Configuration(_azure(settings))
    place = settings.text(keys.SIMULATOR)
    if not place:
        raise ConfigurationError(
            "azure-reimage:simulator is empty: name an inventory file, or remove it to use Azure; "
            "nothing was sent."
        )
    return Configuration(Simulated(place))


def _azure(settings: Settings) -> Azure:
    method, why = chosen_method(settings)
    cloud, why_cloud = chosen_cloud(
        settings, otherwise=ActiveCloud() if isinstance(method, AzureCli) else PUBLIC
    )
    return Azure(
        cloud=cloud,
        sign_in=SignIn(
            method,
            settings.texts(keys.AUXILIARY_TENANT_IDS),
            instance_discovery=not settings.is_true(keys.DISABLE_INSTANCE_DISCOVERY),
        ),
        subscription_id=settings.text(keys.SUBSCRIPTION_ID) or None,
        explanation=Explanation(
            settings.sources(),
            f"{TITLES[type(method)]}, because {why}",
            why_cloud,
            tuple(_notes(settings, method)),
        ),
    )


def _notes(settings: Settings, method: Method) -> list[str]:
    notes = [
        f"{settings.source(switch)} is neither true nor false, so it counts as false"
        for switch in _SWITCHES
        if settings.text(switch) not in {"", "true", "false"}
    ]
    if isinstance(method, OidcToken):
        notes.append(
            f"{settings.source(keys.OIDC_TOKEN)} cannot be renewed: after its life, usually some minutes, "
            f"no new sign-in succeeds; a token file or a request URL has no such end"
        )
    return notes

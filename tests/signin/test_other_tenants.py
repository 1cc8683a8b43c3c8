"""Tokens for the auxiliary tenants: the credential of each method may get these tokens, and no others."""

import pytest
from azure.core.exceptions import ClientAuthenticationError

from pulumi_azure_reimage.auth.clouds import PUBLIC
from pulumi_azure_reimage.auth.configuration import SignIn
from pulumi_azure_reimage.auth.credentials import create_credential
from pulumi_azure_reimage.auth.method import (
    Application,
    AzureCli,
    ClientCertificate,
    ClientSecret,
    Default,
    Method,
    OidcToken,
)
from tests.signin.entra import CLIENT, SECRET, TENANT
from tests.signin.test_methods import certificate
from tests.signin.world import World

APPLICATION = Application(TENANT, CLIENT)
OTHER, FOREIGN = "other-tenant", "foreign-tenant"
KINDS = ["secret", "certificate", "oidc", "cli", "default"]


def method(kind: str, world: World, monkeypatch: pytest.MonkeyPatch) -> Method:
    """Return a method that has all it needs."""
    match kind:
        case "secret":
            return ClientSecret(APPLICATION, SECRET)
        case "certificate":
            return ClientCertificate(
                APPLICATION, certificate(world.folder, "pem")["clientCertificatePath"], ""
            )
        case "oidc":
            return OidcToken(APPLICATION, world.issuer.assertion())
        case "cli":
            world.az_signed_in()
            return AzureCli(TENANT, None)
        case _:
            for name, value in (("CLIENT_ID", CLIENT), ("TENANT_ID", TENANT), ("CLIENT_SECRET", SECRET)):
                monkeypatch.setenv(f"AZURE_{name}", value)
            return Default(None)


def tenants_asked(world: World) -> set[str]:
    """Return the tenants of all sign-in attempts, at Entra or with the Azure CLI."""
    at_entra = {request.path.split("/")[1] for request in world.internet.log if request.method == "POST"}
    return at_entra | {asked.split("--tenant ")[-1].split()[0] for asked in world.az_asked}


@pytest.mark.parametrize("kind", KINDS)
def test_an_auxiliary_tenant_is_one_for_which_a_token_is_requested(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """azure-native does the same: `AdditionallyAllowedTenants: authConf.auxTenants`."""
    credential = create_credential(SignIn(method(kind, world, monkeypatch), (OTHER,)), PUBLIC)

    if kind == "cli":
        credential.get_token(PUBLIC.scope, tenant_id=OTHER)
    else:
        # This Entra has one tenant, and answers that every other does not exist.
        with pytest.raises(ClientAuthenticationError, match="AADSTS90002"):
            credential.get_token(PUBLIC.scope, tenant_id=OTHER)

    assert OTHER in tenants_asked(world)


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_tenant_ever_gets_the_credential(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Any server that answers a request can name a tenant."""
    credential = create_credential(SignIn(method(kind, world, monkeypatch), (OTHER,)), PUBLIC)

    with pytest.raises(ClientAuthenticationError, match="not configured to acquire tokens"):
        credential.get_token(PUBLIC.scope, tenant_id=FOREIGN)

    assert FOREIGN not in tenants_asked(world)

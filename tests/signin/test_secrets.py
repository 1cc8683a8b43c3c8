"""The bearer token of a job is in no error, even if the issuer quotes it."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from pulumi_azure_reimage.arm.transport import NoAnswerError
from pulumi_azure_reimage.auth import oidc
from pulumi_azure_reimage.auth.clouds import PUBLIC
from pulumi_azure_reimage.auth.configuration import SignIn
from pulumi_azure_reimage.auth.credentials import azure_token_source
from pulumi_azure_reimage.auth.http_exchange import exchange
from pulumi_azure_reimage.auth.method import Application, AzureDevOps, OidcRequest
from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.redact import MASK
from tests.signin.entra import CLIENT, TENANT
from tests.signin.internet import Response
from tests.signin.world import World

# This is not a JSON Web Token, so the patterns of tokens do not match it.
BEARER = "job+bearer/of the-runner%41"
APPLICATION = Application(TENANT, CLIENT)
GITHUB = OidcRequest(APPLICATION, "https://runner.actions.example/oidc?keep=this", BEARER, "api://x")
AZURE_DEVOPS = AzureDevOps(APPLICATION, "https://dev.azure.com/o/p/_apis/oidctoken", BEARER, "connection")
REQUESTS: dict[str, tuple[str, Callable[[], str]]] = {
    "github": ("runner.actions.example", oidc.from_request(GITHUB)),
    "azure devops": ("dev.azure.com", oidc.from_azure_devops(AZURE_DEVOPS)),
}


def encoded_twice(text: str) -> str:
    """Encode a text as a gateway does when it quotes another gateway."""
    return quote(quote(text, safe=""), safe="")


def escaped_twice(text: str) -> str:
    """Escape a text as JSON inside JSON."""
    return json.dumps(json.dumps(text))


@pytest.mark.parametrize("issuer", REQUESTS)
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429])
@pytest.mark.parametrize("spell", [str, quote, encoded_twice, escaped_twice])
def test_an_issuer_that_quotes_the_bearer_of_the_job(
    world: World, issuer: str, status: int, spell: Callable[[str], str]
) -> None:
    """The error has the rest of its words."""
    host, request = REQUESTS[issuer]
    world.internet.hosts[host] = lambda _: Response(
        status, f"not authorized: {spell(BEARER)} is bad".encode()
    )

    with pytest.raises(ConfigurationError) as caught:
        request()

    assert f"was answered with HTTP {status}: not authorized: " in str(caught.value)
    assert MASK in str(caught.value)
    assert "runner%" not in str(caught.value)
    assert "bearer" not in str(caught.value)


@pytest.mark.parametrize("secrets", [(BEARER,), (f"{BEARER}\n",)])
def test_a_bearer_that_is_not_a_valid_header_is_not_quoted_by_the_library(
    world: World, secrets: tuple[str, ...]
) -> None:
    """An example is one that was read with its newline: h11 quotes the header that it refuses."""
    headers = {"Authorization": f"Bearer {BEARER}\n"}

    with pytest.raises(NoAnswerError) as caught:
        exchange("GET", "https://runner.actions.example/", params={}, headers=headers, secrets=secrets)

    assert "Illegal header value" in str(caught.value)
    assert "runner" not in str(caught.value)
    assert world.internet.log == []


def test_the_last_redaction_knows_the_bearer_too(world: World) -> None:
    """It masks what the layers below it leave in."""
    tokens = azure_token_source(SignIn(GITHUB), PUBLIC)
    world.internet.hosts["runner.actions.example"] = lambda _: Response(body={"value": "assertion"})
    body = {"error": "invalid_client", "error_description": f"AADSTS1: {quote(BEARER)} is bad."}
    world.internet.hosts["login.microsoftonline.com"] = lambda _: Response(401, body)

    with pytest.raises(ConfigurationError) as caught:
        tokens.token()

    assert f"AADSTS1: {MASK} is bad" in str(caught.value)

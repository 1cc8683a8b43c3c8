"""Every method of signing in gets its own token and sends it to Azure Resource Manager."""

import base64
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate

from tests.signin.entra import CLIENT, SECRET, TENANT
from tests.signin.world import CLOUDS, World
from tests.unit.fakes import SUBSCRIPTION

APPLICATION = {"tenantId": TENANT, "clientId": CLIENT}
GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://runner.actions.example/oidc?keep=this",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer-of-the-job",
}
AZURE_DEVOPS = {
    "SYSTEM_OIDCREQUESTURI": "https://dev.azure.com/o/p/_apis/oidctoken",
    "SYSTEM_ACCESSTOKEN": "system",
    "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID": "connection",
}
PASSWORD = b"pa55word-of-the-file"


def certificate(folder: Path, kind: str) -> dict[str, str]:
    """Write a certificate with its key, and return the settings that name it."""
    made = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("client", key_type=trustme.KeyType.RSA)
    file = folder / f"client.{kind}"
    if kind == "pem":
        file.write_bytes(made.private_key_and_cert_chain_pem.bytes())
        return {"clientCertificatePath": str(file)}
    key: Any = load_pem_private_key(made.private_key_pem.bytes(), None)
    cert = load_pem_x509_certificate(made.cert_chain_pems[0].bytes())
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(b"client", key, cert, None, BestAvailableEncryption(PASSWORD))
    )
    return {"clientCertificatePath": str(file), "clientCertificatePassword": PASSWORD.decode()}


def reads(world: World, stack: dict[str, object], environ: dict[str, str] | None = None) -> dict[str, str]:
    """Read the VM, and return the request for the token that was used."""
    assert world.target(stack, environ).look().disk.os_disk_id

    (token,) = world.tokens_at_arm()
    return world.entra.issued[token]


def test_a_client_secret(world: World) -> None:
    """It goes to Entra unchanged, once."""
    asked = reads(world, {**APPLICATION, "clientSecret": SECRET})

    assert asked["host"] == "login.microsoftonline.com"
    assert asked["tenant"] == TENANT
    assert asked["client_id"] == CLIENT
    assert asked["client_secret"] == SECRET
    assert "https://management.azure.com/.default" in asked["scope"]
    # Continuous Access Evaluation: the client says that it can answer a claims challenge.
    assert "cp1" in asked["claims"].lower()


@pytest.mark.parametrize("kind", ["pem", "pfx"])
def test_a_client_certificate(world: World, kind: str) -> None:
    """PEM has no password, and PFX has one. Only a signature is sent."""
    asked = reads(world, {**APPLICATION, **certificate(world.folder, kind)})

    header = asked["client_assertion"].partition(".")[0]
    assert b"x5t" in base64.urlsafe_b64decode(header + "==")
    assert "client_secret" not in asked


def test_an_oidc_token(world: World) -> None:
    """It goes to Entra unchanged."""
    asked = reads(world, {**APPLICATION, "useOidc": "true", "oidcToken": world.issuer.assertion()})

    assert asked["client_assertion"] == "assertion-1"
    assert asked["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def test_an_oidc_token_file(world: World) -> None:
    """The trailing newline is left out."""
    file = world.folder / "token"
    world.issuer.write(file)

    asked = reads(world, {**APPLICATION, "useOidc": "true", "oidcTokenFilePath": str(file)})

    assert asked["client_assertion"] == "assertion-1"


@pytest.mark.parametrize("audience", [None, "api://mine"])
def test_github_actions(world: World, audience: str | None) -> None:
    """The job's variables are enough, and the address keeps its own parameters."""
    variables = {
        **GITHUB,
        "ARM_USE_OIDC": "true",
        "ARM_TENANT_ID": TENANT,
        "ARM_CLIENT_ID": CLIENT,
        **({"ARM_OIDC_AUDIENCE": audience} if audience else {}),
    }

    asked = reads(world, {}, variables)

    (request,) = [request for request in world.internet.log if request.host == "runner.actions.example"]
    assert request.query == {"keep": "this", "audience": audience or "api://AzureADTokenExchange"}
    assert asked["client_assertion"] == "assertion-1"


def test_azure_devops(world: World) -> None:
    """It needs the pipeline's variables and the service connection."""
    asked = reads(world, {**APPLICATION, "useOidc": "true"}, AZURE_DEVOPS)

    (request,) = [request for request in world.internet.log if request.host == "dev.azure.com"]
    assert request.headers["x-tfs-fedauthredirect"] == "Suppress"
    assert asked["client_assertion"] == "assertion-1"


def test_aks_workload_identity(world: World) -> None:
    """It needs what AKS sets in a pod, and the setting that selects it."""
    file = world.folder / "token"
    world.issuer.write(file)
    pod = {"AZURE_FEDERATED_TOKEN_FILE": str(file), "AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT}

    asked = reads(world, {}, {**pod, "ARM_USE_AKS_WORKLOAD_IDENTITY": "true"})

    assert asked["client_assertion"] == "assertion-1"


@pytest.mark.parametrize("client", [None, CLIENT])
def test_a_managed_identity(world: World, client: str | None) -> None:
    """It is the system-assigned identity, or the one with the client id."""
    asked = reads(world, {"useMsi": "true", **({"clientId": client} if client else {})})

    assert asked["host"] == "169.254.169.254"
    assert asked["resource"] == "https://management.azure.com"
    assert asked.get("client_id") == client


def test_the_azure_cli(world: World) -> None:
    """It is the account that is signed in for the subscription of the VM, in its active cloud."""
    world.az_signed_in()

    asked = reads(world, {})

    assert asked["host"] == "az"
    subscription = SUBSCRIPTION.rpartition("/")[2]
    assert world.az_asked[0] == f"account show --subscription {subscription} --output json"
    assert "--resource https://management.azure.com" in world.az_asked[1]
    assert f"--subscription {subscription}" in world.az_asked[1]


def test_the_azure_cli_with_a_subscription_and_a_tenant(world: World) -> None:
    """It accepts one of the two for a token, and the subscription knows its tenant."""
    world.az_signed_in()

    reads(world, {"subscriptionId": "sub", "tenantId": TENANT})

    assert world.az_asked[0] == "account show --subscription sub --output json"
    assert "--subscription sub" in world.az_asked[1]
    assert "--tenant" not in world.az_asked[1]


def test_the_default_credential(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads the variables of azure-identity, and is used only if it is configured."""
    variables = {"AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_SECRET": SECRET}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    asked = reads(world, {"useDefaultAzureCredential": "true"})

    assert asked["client_secret"] == SECRET


def test_the_default_credential_in_aks_signs_in_to_the_configured_tenant(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That tenant has precedence over the pod's, as in azure-native."""
    file = world.folder / "token"
    file.write_text(world.issuer.assertion())
    # The webhook of AKS sets all four, and azure-identity 1.20 looks for the last one.
    pod = {
        "AZURE_FEDERATED_TOKEN_FILE": str(file),
        "AZURE_CLIENT_ID": CLIENT,
        "AZURE_TENANT_ID": "another",
        "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
    }
    for name, value in pod.items():
        monkeypatch.setenv(name, value)

    asked = reads(world, {"useDefaultAzureCredential": "true", "tenantId": TENANT})

    assert asked["client_assertion"] == "assertion-1"


@pytest.mark.parametrize("cloud", ["public", "china", "usgovernment"])
def test_each_cloud_has_its_authority_its_audience_and_its_endpoint(world: World, cloud: str) -> None:
    """The token for one cloud never goes to another."""
    authority, endpoint = CLOUDS[cloud]

    asked = reads(world, {**APPLICATION, "clientSecret": SECRET}, {"ARM_ENVIRONMENT": cloud})

    assert asked["host"] == authority
    assert asked["scope"].split()[0] == f"https://{endpoint}/.default"
    assert {request.host for request in world.internet.log} <= {authority, endpoint, CLOUDS["public"][0]}


CUSTOM = {
    "activeDirectoryAuthorityHost": f"https://{CLOUDS['custom'][0]}/",
    "resourceManagerAudience": "https://audience/x",
    "resourceManagerEndpoint": f"https://{CLOUDS['custom'][1]}/",
}


@pytest.mark.parametrize("cloud", [CUSTOM, {"metadataHost": CLOUDS["custom"][1]}], ids=["triple", "metadata"])
def test_a_custom_cloud(world: World, cloud: dict[str, object]) -> None:
    """Its three addresses are given, or the host that knows them. Entra is not asked about its authority."""
    stack = {**APPLICATION, **cloud, "clientSecret": SECRET, "disableInstanceDiscovery": "true"}

    asked = reads(world, stack)

    assert asked["host"] == CLOUDS["custom"][0]
    assert asked["scope"].split()[0] == "https://audience/x/.default"
    assert {request.host for request in world.internet.log} == set(CLOUDS["custom"])


def test_a_cloud_that_only_the_azure_cli_knows(world: World) -> None:
    """An example is a registered Azure Stack Hub."""
    world.az_signed_in("MyStack")
    authority, endpoint = CLOUDS["custom"]
    addresses = {
        "activeDirectory": f"https://{authority}/",
        "activeDirectoryResourceId": "https://audience/x",
        "resourceManager": f"https://{endpoint}/",
    }
    world.az("cloud show", {"name": "MyStack", "endpoints": addresses})

    reads(world, {})

    assert world.az_asked[1] == "cloud show --name MyStack --output json"
    assert "--resource https://audience/x" in world.az_asked[2]
    assert {request.host for request in world.internet.log} == {endpoint}


def test_nothing_is_contacted_before_it_is_needed(world: World) -> None:
    """This holds when a configuration is read, and when a preview requires one that works."""
    world.az_signed_in()

    for stack in ({**APPLICATION, "clientSecret": SECRET}, {"useMsi": "true"}, {}, {"metadataHost": "x"}):
        world.session(stack).require_configuration()

    assert world.internet.log == []
    assert world.az_asked == []


def test_the_azure_cli_is_asked_once_for_many_requests(world: World) -> None:
    """Each start of it takes a second, and azure-identity would start it for each request."""
    world.az_signed_in()
    target = world.target({})

    for _ in range(3):
        target.look()

    assert len(world.tokens_at_arm()) == 3
    assert len(world.az_asked) == 2


def test_the_azure_cli_in_the_configured_cloud(world: World) -> None:
    """The two clouds are the same."""
    world.az_signed_in("AzureCloud")

    assert reads(world, {"environment": "public"})["host"] == "az"


def test_the_api_version_of_the_stack_is_that_of_the_requests(world: World) -> None:
    """An Azure Stack Hub needs this. Here it is behind its metadata endpoint."""
    stack = {**APPLICATION, "metadataHost": CLOUDS["custom"][1], "disableInstanceDiscovery": "true"}

    reads(world, {**stack, "clientSecret": SECRET, "azure-reimage:apiVersion": "2020-06-01"})

    sent = [request for request in world.internet.log if "/virtualMachines/" in request.path]
    assert [request.query["api-version"] for request in sent] == ["2020-06-01"]

"""Configuration: if azure-native works in a stack, its settings are enough for this package."""

import json
import re

import pytest

from pulumi_azure_reimage.arm.virtual_machine import DEFAULT_API_VERSION
from pulumi_azure_reimage.auth import settings as keys
from pulumi_azure_reimage.auth.clouds import CHINA, PUBLIC, US_GOVERNMENT, ActiveCloud, Cloud, MetadataCloud
from pulumi_azure_reimage.auth.configuration import (
    Azure,
    Configuration,
    Limits,
    SignIn,
    Simulated,
    read_configuration,
)
from pulumi_azure_reimage.auth.method import (
    Application,
    AzureCli,
    AzureDevOps,
    ClientCertificate,
    ClientSecret,
    Default,
    ManagedIdentity,
    Method,
    OidcRequest,
    OidcToken,
    OidcTokenFile,
    WorkloadIdentity,
    secrets_of,
)
from pulumi_azure_reimage.auth.settings import ALL, Setting
from pulumi_azure_reimage.errors import ConfigurationError

TENANT = "22222222-2222-2222-2222-222222222222"
CLIENT = "33333333-3333-3333-3333-333333333333"
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
APPLICATION = Application(TENANT, CLIENT)
SECRET = "hunter2-hunter2"  # noqa: S105 - a value that no message may contain.

# https://github.com/pulumi/pulumi-azure-native, provider/pkg/provider/auth_azidentity.go: readAuthConfig.
AZURE_NATIVE = {
    "subscriptionId": ("ARM_SUBSCRIPTION_ID",),
    "tenantId": ("ARM_TENANT_ID",),
    "clientId": ("ARM_CLIENT_ID",),
    "clientSecret": ("ARM_CLIENT_SECRET",),
    "clientCertificatePath": ("ARM_CLIENT_CERTIFICATE_PATH",),
    "clientCertificatePassword": ("ARM_CLIENT_CERTIFICATE_PASSWORD",),
    "useOidc": ("ARM_USE_OIDC",),
    "oidcToken": ("ARM_OIDC_TOKEN",),
    "oidcTokenFilePath": ("ARM_OIDC_TOKEN_FILE_PATH",),
    "oidcRequestToken": ("ACTIONS_ID_TOKEN_REQUEST_TOKEN",),
    "oidcRequestUrl": ("ACTIONS_ID_TOKEN_REQUEST_URL",),
    "oidcAudience": ("ARM_OIDC_AUDIENCE",),
    "useMsi": ("ARM_USE_MSI",),
    "useDefaultAzureCredential": ("ARM_USE_DEFAULT_AZURE_CREDENTIAL",),
    "environment": ("ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"),
    "metadataHost": ("ARM_METADATA_HOSTNAME",),
    "activeDirectoryAuthorityHost": ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST",),
    "resourceManagerAudience": ("ARM_RESOURCE_MANAGER_AUDIENCE",),
    "resourceManagerEndpoint": ("ARM_RESOURCE_MANAGER_ENDPOINT",),
    "disableInstanceDiscovery": ("ARM_DISABLE_INSTANCE_DISCOVERY",),
    "auxiliaryTenantIds": ("ARM_AUXILIARY_TENANT_IDS",),
}

_ID = {"tenantId": TENANT, "clientId": CLIENT}
_REQUEST = {"oidcRequestUrl": "https://token.example/?x=1", "oidcRequestToken": SECRET}
METHODS: list[tuple[dict[str, str], Method]] = [
    ({}, AzureCli(None, None)),
    ({"tenantId": TENANT, "subscriptionId": SUBSCRIPTION}, AzureCli(TENANT, SUBSCRIPTION)),
    ({**_ID, "clientSecret": SECRET}, ClientSecret(APPLICATION, SECRET)),
    ({**_ID, "clientCertificatePath": "c.pem"}, ClientCertificate(APPLICATION, "c.pem", "")),
    (
        {**_ID, "clientCertificatePath": "c.pfx", "clientCertificatePassword": SECRET},
        ClientCertificate(APPLICATION, "c.pfx", SECRET),
    ),
    ({**_ID, "useOidc": "true", "oidcToken": SECRET}, OidcToken(APPLICATION, SECRET)),
    ({**_ID, "useOidc": "true", "oidcTokenFilePath": "t"}, OidcTokenFile(APPLICATION, "t")),
    (
        {**_ID, "useOidc": "true", **_REQUEST},
        OidcRequest(APPLICATION, "https://token.example/?x=1", SECRET, "api://AzureADTokenExchange"),
    ),
    (
        {**_ID, "useOidc": "true", **_REQUEST, "oidcAudience": "api://mine"},
        OidcRequest(APPLICATION, "https://token.example/?x=1", SECRET, "api://mine"),
    ),
    ({"useMsi": "true"}, ManagedIdentity(None)),
    ({"useMsi": "true", "clientId": CLIENT}, ManagedIdentity(CLIENT)),
    ({"useDefaultAzureCredential": "true"}, Default(None)),
    ({"useDefaultAzureCredential": "true", "tenantId": TENANT}, Default(TENANT)),
]


def from_stack(settings: dict[str, str]) -> Azure:
    """Read the configuration of a stack that has these settings, under azure-native's names."""
    return azure({f"azure-native:{name}": value for name, value in settings.items()}, {})


def from_environment(settings: dict[str, str]) -> Azure:
    """Read the configuration from the same settings in the environment."""
    return azure({}, {AZURE_NATIVE[name][0]: value for name, value in settings.items()})


def azure(stack: dict[str, object] | dict[str, str], environ: dict[str, str]) -> Azure:
    """Read a configuration of real Azure."""
    where = read_configuration(stack.get, environ).where
    assert isinstance(where, Azure)
    return where


def test_every_key_and_variable_of_azure_native_is_ours() -> None:
    """The names are the same. Our additional settings are in our namespace."""
    ours = {setting.key: setting.variables for setting in ALL if setting.key.startswith("azure-native:")}
    # The variables that AKS sets come after those of azure-native.
    ours["azure-native:tenantId"] = ours["azure-native:tenantId"][:1]
    ours["azure-native:clientId"] = ours["azure-native:clientId"][:1]

    assert ours == {f"azure-native:{name}": variables for name, variables in AZURE_NATIVE.items()}


@pytest.mark.parametrize(("settings", "method"), METHODS)
def test_a_method_is_chosen_from_the_stack_as_from_the_environment(
    settings: dict[str, str], method: Method
) -> None:
    """Each row of azure-native's table is read by key and by variable."""
    assert from_stack(settings).sign_in.method == method
    assert from_environment(settings).sign_in.method == method


@pytest.mark.parametrize("name", AZURE_NATIVE)
def test_a_key_of_the_stack_hides_its_variable(name: str) -> None:
    """An empty key does too, as in azure-native, so a stack can undo what a pipeline sets for all stacks."""
    key, variable = f"azure-native:{name}", AZURE_NATIVE[name][0]

    hidden = azure({key: ""}, {variable: "whatever"})

    assert hidden == azure({key: ""}, {})
    assert variable not in hidden.explanation.found


ORDER = ["useDefaultAzureCredential", "clientCertificatePath", "clientSecret", "useOidc", "useMsi"]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_one_method_comes_before_another_in_azure_natives_order(first: int) -> None:
    """The order: default, certificate, secret, OIDC, managed identity, or the Azure CLI if nothing is set."""
    everything = {**_ID, **dict.fromkeys(ORDER[first:], "true"), "oidcToken": SECRET}
    expected = [Default, ClientCertificate, ClientSecret, OidcToken, ManagedIdentity][first]

    assert isinstance(from_stack(everything).sign_in.method, expected)


def test_the_first_of_several_oidc_tokens_is_used() -> None:
    """The order is token, file, request URL."""
    everything = {**_ID, "useOidc": "true", **_REQUEST, "oidcTokenFilePath": "t", "oidcToken": SECRET}
    without_token = {name: value for name, value in everything.items() if name != "oidcToken"}

    assert isinstance(from_stack(everything).sign_in.method, OidcToken)
    assert isinstance(from_stack(without_token).sign_in.method, OidcTokenFile)


AKS = {
    "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/token",
    "AZURE_CLIENT_ID": CLIENT,
    "AZURE_TENANT_ID": TENANT,
}
ADO = {
    "SYSTEM_OIDCREQUESTURI": "https://dev.azure.com/x/oidctoken",
    "SYSTEM_ACCESSTOKEN": SECRET,
    "ARM_TENANT_ID": TENANT,
    "ARM_CLIENT_ID": CLIENT,
}


@pytest.mark.parametrize("switch", ["ARM_USE_OIDC", "ARM_USE_AKS_WORKLOAD_IDENTITY"])
def test_a_pod_in_aks_needs_only_what_aks_sets(switch: str) -> None:
    """The provider azurerm does the same. azure-native itself would use DefaultAzureCredential."""
    method = azure({}, {**AKS, switch: "true"}).sign_in.method

    assert method == WorkloadIdentity(APPLICATION, "/var/run/secrets/token")


@pytest.mark.parametrize(
    "variable",
    [
        "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    ],
)
def test_a_pipeline_of_azure_devops_needs_its_service_connection(variable: str) -> None:
    """The names are those of azapi, azurerm and the AzureCLI task."""
    method = azure({}, {**ADO, "ARM_USE_OIDC": "true", variable: "connection"}).sign_in.method

    assert method == AzureDevOps(APPLICATION, "https://dev.azure.com/x/oidctoken", SECRET, "connection")


@pytest.mark.parametrize(
    ("stack", "environ", "missing"),
    [
        ({"clientSecret": SECRET}, {}, ["azure-native:tenantId or ARM_TENANT_ID", "azure-native:clientId"]),
        ({"clientSecret": SECRET, "tenantId": TENANT}, {}, ["azure-native:clientId or ARM_CLIENT_ID"]),
        ({"clientCertificatePath": "c"}, {}, ["azure-native:tenantId", "azure-native:clientId"]),
        ({"useOidc": "true", "oidcToken": SECRET}, {}, ["azure-native:tenantId", "azure-native:clientId"]),
        ({"useOidc": "true", **_ID}, {}, ["azure-native:oidcToken", "id-token: write", "SYSTEM_ACCESSTOKEN"]),
        (
            {"useOidc": "true", **_ID, "oidcRequestUrl": "https://x"},
            {},
            ["azure-native:oidcRequestToken or ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
        ),
        (
            {"useOidc": "true", **_ID, "oidcRequestToken": SECRET},
            {},
            ["azure-native:oidcRequestUrl or ACTIONS_ID_TOKEN_REQUEST_URL"],
        ),
        (
            {},
            {
                **ADO,
                "ARM_USE_OIDC": "true",
                "SYSTEM_ACCESSTOKEN": "",
                "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID": "x",
            },
            ["SYSTEM_ACCESSTOKEN: $(System.AccessToken)"],
        ),
        (
            {},
            {**AKS, "ARM_USE_AKS_WORKLOAD_IDENTITY": "true", "AZURE_FEDERATED_TOKEN_FILE": ""},
            ["AZURE_FEDERATED_TOKEN_FILE"],
        ),
        ({}, {"ARM_USE_AKS_WORKLOAD_IDENTITY": "true"}, ["azure-native:tenantId or ARM_TENANT_ID or AZURE"]),
    ],
)
def test_what_is_missing_is_named_with_what_was_found(
    stack: dict[str, str], environ: dict[str, str], missing: list[str]
) -> None:
    """No other method is tried, and no value is shown."""
    settings = {f"azure-native:{name}": value for name, value in stack.items()}

    with pytest.raises(ConfigurationError) as caught:
        read_configuration(settings.get, environ)

    text = str(caught.value)
    assert [name for name in missing if name not in text] == []
    assert SECRET not in text
    assert TENANT not in text
    assert "is chosen, because " in text
    assert "because None" not in text
    assert text.endswith("Nothing was sent.")
    for name in settings:
        assert name in text.partition("Found: ")[2]


def test_a_password_keeps_its_spaces_and_an_id_does_not() -> None:
    """A pasted id often ends with a newline."""
    settings = {
        "tenantId": f"{TENANT}\n",
        "clientId": f" {CLIENT}",
        "clientCertificatePath": "c.pfx\n",
        "clientCertificatePassword": f" {SECRET} ",
    }

    assert from_stack(settings).sign_in.method == ClientCertificate(APPLICATION, "c.pfx", f" {SECRET} ")
    settings = {**_ID, "clientSecret": f" {SECRET} "}
    assert from_stack(settings).sign_in.method == ClientSecret(APPLICATION, f" {SECRET} ")


# Settings that are not secret although their names sound so: where a secret is, or whether there is one.
_NO_SECRET = re.compile("_(path|url)$")


def test_a_setting_with_the_name_of_a_secret_is_kept_as_one() -> None:
    """Pulumi encrypts it in the state."""
    named = {
        setting.argument
        for setting in keys.ALL
        if re.search("secret|password|token", setting.argument) and not _NO_SECRET.search(setting.argument)
    }

    assert {setting.argument for setting in keys.ALL if setting.secret} == named


@pytest.mark.parametrize(
    ("key", "argument"),
    [
        ("azure-native:clientId", "client_id"),
        ("azure-reimage:useAksWorkloadIdentity", "use_aks_workload_identity"),
    ],
)
def test_an_argument_is_its_key_in_the_spelling_of_python(key: str, argument: str) -> None:
    """The namespace is not part of the argument."""
    assert Setting(key).argument == argument


def test_a_pipeline_of_azure_devops_without_a_service_connection_may_run_in_aks() -> None:
    """Every job of a pipeline has a request URL, even one that runs in a pod."""
    environ = {**AKS, "ARM_USE_OIDC": "true", "SYSTEM_OIDCREQUESTURI": ADO["SYSTEM_OIDCREQUESTURI"]}

    assert isinstance(azure({}, environ).sign_in.method, WorkloadIdentity)


def test_no_method_needs_a_subscription() -> None:
    """The id of the VM has it. azure-native needs one for all methods except the Azure CLI."""
    assert all(from_stack(settings) for settings, _ in METHODS)
    assert from_stack({"subscriptionId": SUBSCRIPTION}).subscription_id == SUBSCRIPTION


@pytest.mark.parametrize("value", [True, "true"])
def test_an_explicit_provider_has_values_of_their_own_types(value: object) -> None:
    """The values arrive as JSON."""
    stack: dict[str, object] = {
        "azure-native:useMsi": value,
        "azure-native:disableInstanceDiscovery": value,
        "azure-native:auxiliaryTenantIds": ["a", "b"],
    }

    assert azure(stack, {}).sign_in == SignIn(ManagedIdentity(None), ("a", "b"), instance_discovery=False)


@pytest.mark.parametrize(
    "text", ["a", '{"a": 1}', "[1]", '[""]', "[", "3"], ids=["word", "map", "number", "empty", "cut", "3"]
)
def test_auxiliary_tenants_are_a_json_array(text: str) -> None:
    """azure-native reads them in the same way."""
    assert from_stack({"auxiliaryTenantIds": json.dumps(["a"])}).sign_in.auxiliary_tenant_ids == ("a",)
    with pytest.raises(ConfigurationError, match=r"^ARM_AUXILIARY_TENANT_IDS must be a JSON array"):
        from_environment({"auxiliaryTenantIds": text})


@pytest.mark.parametrize("settings", [{"tenantId": "a b"}, {"auxiliaryTenantIds": '["a/b"]'}])
def test_a_tenant_that_cannot_be_one_is_refused(settings: dict[str, str]) -> None:
    """azure-identity would refuse it only when the first token is needed."""
    with pytest.raises(ConfigurationError, match="A tenant id has letters, digits, dots and hyphens only"):
        from_stack(settings)


@pytest.mark.parametrize(
    "settings",
    [
        {**_ID, "useOidc": "true", "oidcRequestToken": SECRET, "oidcRequestUrl": "token.example"},
        {**_ID, "useOidc": "true", "oidcRequestToken": SECRET, "oidcRequestUrl": "https://[::1"},
        {**_ID, "useOidc": "true", "oidcRequestToken": SECRET, "oidcRequestUrl": "http://token.example"},
        {**_ID, "useOidc": "true", "oidcRequestToken": SECRET, "oidcRequestUrl": "http://127.0.0.1.example"},
        {**_ID, "useOidc": "true", "oidcRequestToken": SECRET, "oidcRequestUrl": "ftp://127.0.0.1"},
    ],
)
def test_a_request_url_to_which_no_token_may_go_is_refused(settings: dict[str, str]) -> None:
    """It is refused immediately, because a token that is sent there can be used to sign in."""
    with pytest.raises(ConfigurationError, match="azure-native:oidcRequestUrl must be a URL"):
        from_stack(settings)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]"])
def test_a_request_url_of_this_machine_needs_no_tls(host: str) -> None:
    """A pipeline's agent may serve the URL."""
    settings = {**_ID, "useOidc": "true", "oidcRequestToken": SECRET, "oidcRequestUrl": f"http://{host}/x"}

    assert isinstance(from_stack(settings).sign_in.method, OidcRequest)


@pytest.mark.parametrize(("settings", "method"), METHODS)
def test_no_secret_is_in_the_text_form_of_a_configuration(settings: dict[str, str], method: Method) -> None:
    """That text may end up in a traceback or a log."""
    where = from_stack(settings)

    assert SECRET not in repr(where)
    assert SECRET not in repr(method)
    assert (SECRET in settings.values()) == (SECRET in secrets_of(method))


def test_the_explanation_names_what_was_found_and_why_it_was_chosen() -> None:
    """It does not show any value."""
    explanation = azure(
        {
            "azure-native:useOidc": "true",
            "azure-native:oidcToken": SECRET,
            "azure-native:environment": "china",
        },
        {"ARM_TENANT_ID": TENANT, "ARM_CLIENT_ID": CLIENT},
    ).explanation

    assert set(explanation.found) == {
        "ARM_TENANT_ID",
        "ARM_CLIENT_ID",
        "azure-native:useOidc",
        "azure-native:oidcToken",
        "azure-native:environment",
    }
    assert (
        explanation.method
        == "OIDC token, because azure-native:useOidc is true and azure-native:oidcToken is set"
    )
    assert explanation.cloud == "azure-native:environment names it"
    assert "cannot be renewed" in explanation.notes[0]


@pytest.mark.parametrize(
    ("settings", "method"),
    [
        ({**_ID, "clientSecret": SECRET}, "client secret, because azure-native:clientSecret is set"),
        ({"useMsi": "true"}, "managed identity, because azure-native:useMsi is true"),
        ({}, "Azure CLI, because no setting chooses another method"),
    ],
)
def test_the_explanation_names_the_setting_that_chose(settings: dict[str, str], method: str) -> None:
    """A user who expected another method then sees the reason."""
    assert from_stack(settings).explanation.method == method


def test_the_explanation_says_that_the_pipeline_chose() -> None:
    """It does not name only the setting."""
    environ = {**ADO, "ARM_USE_OIDC": "true", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID": "connection"}

    explained = azure({}, environ).explanation.method

    assert explained == "OIDC of Azure DevOps, because ARM_USE_OIDC is true in a pipeline of Azure DevOps"


@pytest.mark.parametrize(
    ("settings", "cloud"),
    [({}, "the Azure CLI is signed in to it"), ({"useMsi": "true"}, "no other is set")],
)
def test_the_explanation_says_where_the_cloud_comes_from(settings: dict[str, str], cloud: str) -> None:
    """Only the Azure CLI has its own cloud."""
    assert from_stack(settings).explanation.cloud == cloud


def test_without_a_setting_the_azure_cli_signs_in_to_its_own_cloud() -> None:
    """On a laptop, nothing needs to be configured."""
    settings: dict[str, str] = {}

    configuration = read_configuration(settings.get, {})

    assert configuration.api_version == DEFAULT_API_VERSION == "2024-07-01"
    assert from_stack({}).cloud == ActiveCloud()
    assert from_stack({"useMsi": "true"}).cloud == PUBLIC


@pytest.mark.parametrize(
    ("name", "cloud"),
    [
        ("public", PUBLIC),
        ("AzureCloud", PUBLIC),
        ("china", CHINA),
        ("AzureChinaCloud", CHINA),
        ("azurechina", CHINA),
        ("usgov", US_GOVERNMENT),
        ("USGovernment", US_GOVERNMENT),
        ("azureusgovernment", US_GOVERNMENT),
        ("AzureUSGovernmentCloud", US_GOVERNMENT),
        ("usgovernmentl4", US_GOVERNMENT),
    ],
)
def test_a_cloud_is_named_as_for_azure_native(name: str, cloud: Cloud) -> None:
    """The key or either variable names it, and case does not matter."""
    assert from_stack({"environment": name}).cloud == cloud
    assert azure({}, {"ARM_ENVIRONMENT": name, "AZURE_ENVIRONMENT": "nonsense"}).cloud == cloud
    assert azure({}, {"AZURE_ENVIRONMENT": name}).cloud == cloud


def test_an_unknown_cloud_is_refused() -> None:
    """azure-native does the same since version 3. Older versions used the public cloud."""
    with pytest.raises(ConfigurationError, match="ARM_ENVIRONMENT names an unknown cloud"):
        azure({}, {"ARM_ENVIRONMENT": "moon"})


@pytest.mark.parametrize("cloud", [PUBLIC, CHINA, US_GOVERNMENT])
def test_a_token_is_meant_for_the_endpoint_that_gets_it(cloud: Cloud) -> None:
    """The token's audience is the endpoint."""
    assert cloud.scope == f"{cloud.endpoint}/.default"


CUSTOM = {
    "activeDirectoryAuthorityHost": "https://login.local.azurestack.external/adfs/",
    "resourceManagerAudience": "https://management.adfs.azurestack.local/6a8f",
    "resourceManagerEndpoint": "https://management.local.azurestack.external/",
}


def test_a_custom_cloud_has_authority_audience_and_endpoint() -> None:
    """All three together take precedence over the name of a cloud."""
    cloud = Cloud(
        "https://management.local.azurestack.external",
        "https://login.local.azurestack.external/adfs",
        "https://management.adfs.azurestack.local/6a8f",
    )

    assert from_stack({**CUSTOM, "environment": "china"}).cloud == cloud
    assert from_environment(CUSTOM).cloud == cloud


@pytest.mark.parametrize("name", CUSTOM)
def test_an_incomplete_custom_cloud_is_refused(name: str) -> None:
    """azure-native would use the public cloud."""
    with pytest.raises(ConfigurationError, match="Missing: ") as caught:
        from_stack({other: value for other, value in CUSTOM.items() if other != name})

    assert f"azure-native:{name} or {AZURE_NATIVE[name][0]}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resourceManagerEndpoint", "http://management.example"),
        ("resourceManagerEndpoint", "management.example"),
        ("resourceManagerEndpoint", "https://user:hunter2@management.example"),
        ("resourceManagerEndpoint", "https://management.example/path"),
        ("resourceManagerEndpoint", "https://management.example/?x=1"),
        ("resourceManagerEndpoint", "https://[::1"),
        ("activeDirectoryAuthorityHost", "http://login.example"),
    ],
)
def test_an_address_to_which_no_secret_may_go_is_refused(name: str, value: str) -> None:
    """Only https and a bare host are accepted. The message does not repeat the value."""
    with pytest.raises(
        ConfigurationError, match=f"azure-native:{name} must have the form https://host"
    ) as caught:
        from_stack({**CUSTOM, name: value})

    assert "example" not in str(caught.value)


@pytest.mark.parametrize("host", ["https://metadata.example/", "metadata.example"])
def test_a_metadata_host_comes_before_every_other_cloud(host: str) -> None:
    """It is queried over https before the first request."""
    settings = {**CUSTOM, "environment": "china", "metadataHost": host}

    assert from_stack(settings).cloud == MetadataCloud("metadata.example")
    assert from_environment(settings).cloud == MetadataCloud("metadata.example")


@pytest.mark.parametrize("host", ["http://metadata.example", "a/b", "user@host", "-"])
def test_a_malformed_metadata_host_is_refused(host: str) -> None:
    """The metadata host decides where secrets go."""
    with pytest.raises(ConfigurationError, match="azure-native:metadataHost must be the name of a host"):
        from_stack({"metadataHost": host})


def test_the_simulator_is_named_by_the_stack() -> None:
    """Only the stack can name it. No other setting is read then."""
    settings = {"azure-reimage:simulator": "machines.toml", "azure-native:useOidc": "true"}

    configuration = read_configuration(settings.get, {})

    assert configuration == Configuration(Simulated("machines.toml"))


@pytest.mark.parametrize(("text", "scale"), [(None, 1.0), ("0", 0.0), ("0.5", 0.5), (" 1 ", 1.0)])
def test_the_waits_on_a_simulator_can_be_shorter(text: str | None, scale: float) -> None:
    """Without that setting, they are as long as on Azure."""
    settings = {"azure-reimage:simulator": "machines.toml", "azure-reimage:simulatorTimeScale": text}

    assert read_configuration(settings.get, {}).where == Simulated("machines.toml", scale)


@pytest.mark.parametrize("text", ["1.1", "2", "-0.1", "nan", "fast"])
def test_the_waits_on_a_simulator_cannot_be_longer(text: str) -> None:
    """A test that waits longer than on Azure would be a mistake."""
    settings = {"azure-reimage:simulator": "machines.toml", "azure-reimage:simulatorTimeScale": text}

    with pytest.raises(ConfigurationError, match=r"must be a number from 0 to 1\. Nothing was sent"):
        read_configuration(settings.get, {})


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({}, Limits()),
        ({"maxReimagesPerRun": "10"}, Limits(10)),
        ({"maxReimagesPerRun": "0"}, Limits(0)),
        ({"preventReimage": "true"}, Limits(prevents_reimages=True)),
        ({"preventReimage": "false"}, Limits()),
    ],
)
def test_the_stack_limits_what_one_run_may_reimage(settings: dict[str, str], limits: Limits) -> None:
    """A limit of zero is a limit, too. It differs from no limit."""
    stack = {f"azure-reimage:{name}": value for name, value in settings.items()}

    assert read_configuration(stack.get, {}).limits == limits


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        *(
            ("maxReimagesPerRun", text, "must be a whole number")
            for text in ("", " ", "ten", "-1", "1.5", "1e3")
        ),
        *(("preventReimage", text, "must be true or false") for text in ("True", "yes", "1", "0")),
    ],
)
def test_a_malformed_limit_is_refused(name: str, text: str, said: str) -> None:
    """It must not count as no limit."""
    settings = {f"azure-reimage:{name}": text}

    with pytest.raises(ConfigurationError, match=f"^azure-reimage:{name} {said}.*Nothing was sent"):
        read_configuration(settings.get, {})


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_simulator_is_refused(text: str) -> None:
    """It must not mean real Azure in one place and the simulator in another."""
    settings = {"azure-reimage:simulator": text}

    with pytest.raises(ConfigurationError, match=r"azure-reimage:simulator is empty.*Nothing was sent"):
        read_configuration(settings.get, {})


@pytest.mark.parametrize("simulated", [True, False])
def test_the_journal_is_named_by_the_stack(*, simulated: bool) -> None:
    """This works for Azure and for the simulator. Whether the file can be written is checked elsewhere."""
    settings = {"azure-reimage:journal": " reimages.jsonl "}
    if simulated:
        settings["azure-reimage:simulator"] = "machines.toml"

    assert read_configuration(settings.get, {}).journal == "reimages.jsonl"


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_journal_is_refused(text: str) -> None:
    """A user who sets the journal relies on it."""
    settings = {"azure-reimage:journal": text}

    with pytest.raises(ConfigurationError, match=r"azure-reimage:journal is empty.*Nothing was sent"):
        read_configuration(settings.get, {})

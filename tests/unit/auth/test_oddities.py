"""Settings that look effective and are not. Failures name them, or they are refused."""

from collections.abc import Sequence

import pytest

from pulumi_azure_reimage.auth.cloud_discovery import resolve_cloud
from pulumi_azure_reimage.auth.clouds import PUBLIC
from pulumi_azure_reimage.auth.configuration import Azure, read_configuration
from pulumi_azure_reimage.auth.credentials import azure_token_source
from pulumi_azure_reimage.auth.method import AzureCli, ManagedIdentity, OidcToken
from pulumi_azure_reimage.auth.oddities import describe_unknown
from pulumi_azure_reimage.auth.settings import ALL
from pulumi_azure_reimage.errors import ConfigurationError

SWITCHES = [
    "ARM_USE_OIDC",
    "ARM_USE_MSI",
    "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
    "ARM_USE_AKS_WORKLOAD_IDENTITY",
    "ARM_DISABLE_INSTANCE_DISCOVERY",
]
# The sign-in variables of azurerm that azure-native does not read.
AZURERM_ONLY = {
    "ARM_OIDC_REQUEST_TOKEN": "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ARM_OIDC_REQUEST_URL": "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ARM_CLIENT_ID_FILE_PATH": "ARM_CLIENT_ID",
    "ARM_CLIENT_SECRET_FILE_PATH": "ARM_CLIENT_SECRET",
    "ARM_CLIENT_CERTIFICATE": "ARM_CLIENT_CERTIFICATE_PATH",
    "ARM_MSI_ENDPOINT": "ARM_USE_MSI",
    "ARM_USE_CLI": "the Azure CLI is used if nothing else is configured",
}
AZURE_IDENTITY_ONLY = {
    "AZURE_CLIENT_ID": "ARM_CLIENT_ID",
    "AZURE_TENANT_ID": "ARM_TENANT_ID",
    "AZURE_CLIENT_SECRET": "ARM_CLIENT_SECRET",
}


def azure(environ: dict[str, str]) -> Azure:
    """Return what the environment alone configures."""
    settings: dict[str, object] = {}
    where = read_configuration(settings.get, environ).where
    assert isinstance(where, Azure)
    return where


def no_azure_cli(_: Sequence[str]) -> object:
    """Fail like the Azure CLI on a machine without one."""
    raise ConfigurationError("There is no `az` on PATH.")


def failure_without_azure_cli(environ: dict[str, str]) -> str:
    """Return the error if only the Azure CLI is left, and there is none."""
    with pytest.raises(ConfigurationError) as caught:
        resolve_cloud(azure(environ), no_azure_cli)
    return str(caught.value)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("value", ["1", "True", "TRUE", "yes", "on", " true", "true ", "true\n"])
def test_what_is_not_exactly_true_is_false_as_in_azure_native_and_is_named(switch: str, value: str) -> None:
    """The exact text counts in azure-native, and the two must not sign in as different identities."""
    said = f"{switch} is `{value}` and not exactly true, so it counts as false, as in azure-native"

    where = azure({switch: value})

    assert isinstance(where.sign_in.method, AzureCli)
    assert where.sign_in.instance_discovery
    assert where.explanation.notes == (said,)
    assert failure_without_azure_cli({switch: value}) == f"There is no `az` on PATH. {said}."


def test_a_value_that_may_be_a_secret_is_not_shown() -> None:
    """A user may have mixed up two variables."""
    text = failure_without_azure_cli({"ARM_USE_OIDC": "hunter2-hunter2"})

    assert "ARM_USE_OIDC is something else and not exactly true" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("value", ["false", "", " "])
def test_a_switch_that_is_off_is_not_named(value: str) -> None:
    """There is nothing odd about such a switch."""
    assert azure({"ARM_USE_OIDC": value}).explanation.notes == ()
    assert failure_without_azure_cli({"ARM_USE_OIDC": value}) == "There is no `az` on PATH."


@pytest.mark.parametrize(("name", "instead"), [*AZURERM_ONLY.items(), *AZURE_IDENTITY_ONLY.items()])
def test_a_variable_of_another_tool_is_named_and_what_is_read_instead(name: str, instead: str) -> None:
    """The message has both names, and never the value."""
    text = failure_without_azure_cli({name: "hunter2-hunter2"})

    assert f"{name} is set and not read, as in azure-native: " in text
    assert instead in text.partition(name)[2]
    assert "hunter2" not in text


def test_oidc_with_the_variables_of_azurerm_names_them_as_not_read() -> None:
    """Users on GitLab set them: https://github.com/pulumi/pulumi-azure-native/issues/2609."""
    environ = {
        "ARM_USE_OIDC": "true",
        "ARM_TENANT_ID": "tenant",
        "ARM_CLIENT_ID": "client",
        "ARM_OIDC_REQUEST_TOKEN": "hunter2-hunter2",
        "ARM_OIDC_REQUEST_URL": "https://gitlab.example",
    }

    with pytest.raises(ConfigurationError) as caught:
        azure(environ)

    text = str(caught.value)
    assert "Found: ARM_TENANT_ID, ARM_CLIENT_ID, ARM_USE_OIDC. " in text
    assert "ARM_OIDC_REQUEST_TOKEN is set and not read, as in azure-native: set azure-native:oidcReq" in text
    assert "ARM_OIDC_REQUEST_URL is set and not read" in text
    assert "hunter2" not in text
    assert "gitlab" not in text
    assert text.endswith(" Nothing was sent.")


def test_what_a_pod_in_aks_sets_is_read_by_its_own_method() -> None:
    """DefaultAzureCredential reads it, too."""
    pod = {"AZURE_FEDERATED_TOKEN_FILE": "/token", "AZURE_CLIENT_ID": "client", "AZURE_TENANT_ID": "tenant"}

    for switch in ("ARM_USE_AKS_WORKLOAD_IDENTITY", "ARM_USE_DEFAULT_AZURE_CREDENTIAL"):
        assert azure({**pod, switch: "true"}).explanation.notes == ()
    assert len(azure({**pod, "ARM_USE_MSI": "true"}).explanation.notes) == 2
    assert isinstance(azure({**pod, "ARM_USE_MSI": "true"}).sign_in.method, ManagedIdentity)


def test_a_token_that_was_printed_with_a_line_end_is_read_without_it() -> None:
    """A header or an assertion cannot contain one."""
    environ = {
        "ARM_USE_OIDC": "true",
        "ARM_TENANT_ID": "t",
        "ARM_CLIENT_ID": "c",
        "ARM_OIDC_TOKEN": "abc.def\r\n",
    }

    method = azure(environ).sign_in.method

    assert isinstance(method, OidcToken)
    assert method.token == "abc.def"  # noqa: S105 - not a secret.


def test_a_token_source_says_what_is_odd_after_its_own_failure(tmp_path: object) -> None:
    """Here, a managed identity does not exist on a machine that was meant to use OIDC."""
    where = azure(
        {
            "ARM_USE_OIDC": "1",
            "ARM_CLIENT_CERTIFICATE_PATH": f"{tmp_path}/absent",
            "ARM_TENANT_ID": "t",
            "ARM_CLIENT_ID": "c",
        }
    )

    with pytest.raises(
        ConfigurationError, match=r"absent.*\. ARM_USE_OIDC is `1` and not exactly true.*azure-native\.$"
    ):
        azure_token_source(where.sign_in, PUBLIC).token()


OURS = [setting.key for setting in ALL if setting.key.startswith("azure-reimage:")]


@pytest.mark.parametrize("key", OURS)
def test_every_key_of_ours_is_known_and_is_the_nearest_to_itself(key: str) -> None:
    """It is found in another case, or with an extra letter."""
    assert describe_unknown([key], "project") is None
    assert f"did you mean {key}?" in (describe_unknown([f"{key}s"], "project") or "")


def test_a_key_of_azure_native_in_our_namespace_is_found_in_its_own() -> None:
    """Our keys and those of azure-native are in the same file."""
    said = describe_unknown(["azure-reimage:clientSecret"], "project") or ""

    assert "did you mean azure-native:clientSecret?" in said


def test_all_unknown_keys_are_named_at_once() -> None:
    """This includes keys that resemble no known key."""
    said = describe_unknown(
        ["azure-reimage:b-b-b", "azure-reimage:Journal", "azure-reimage:b-b-b"], "project"
    )

    assert said is not None
    assert "azure-reimage:Journal (did you mean azure-reimage:journal?), azure-reimage:b-b-b. " in said


def test_keys_of_other_namespaces_are_left_alone() -> None:
    """So are those of a project with our name, whose own keys are in our namespace."""
    others = ["azure-native:oidcTokn", "azure-reimage-quickstart:release", "azure-reimageX:simulatr"]

    assert describe_unknown(others, "project") is None
    assert describe_unknown(["azure-reimage:release"], "azure-reimage") is None

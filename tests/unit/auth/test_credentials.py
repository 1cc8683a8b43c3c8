"""Tokens: every request gets one, and no sign-in error escapes or shows a secret."""

from pathlib import Path

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.identity import CredentialUnavailableError, DefaultAzureCredential

from pulumi_azure_reimage.arm.tokens import PlaceholderTokenSource, SignInInterruptedError
from pulumi_azure_reimage.auth.clouds import PUBLIC as CLOUD
from pulumi_azure_reimage.auth.configuration import SignIn
from pulumi_azure_reimage.auth.credentials import azure_token_source, create_credential, require_files
from pulumi_azure_reimage.auth.method import (
    Application,
    AzureCli,
    ClientCertificate,
    ClientSecret,
    Default,
    Method,
    OidcTokenFile,
    WorkloadIdentity,
)
from pulumi_azure_reimage.auth.oidc import IssuerUnreachableError
from pulumi_azure_reimage.auth.token_source import AzureTokenSource
from pulumi_azure_reimage.errors import ConfigurationError

from ..fakes import START, FakeClock

APPLICATION = Application("tenant", "client")


class FakeCredential:
    """A credential that records how it was called, and raises a given error."""

    def __init__(self, failure: Exception | None = None, expires_on: float = 0.0) -> None:
        self.asked: list[tuple[tuple[str, ...], str | None, bool]] = []
        self._failure = failure
        self._expires_on = int(expires_on)

    def get_token(
        self, *scopes: str, claims: str | None = None, enable_cae: bool = False, **_: object
    ) -> AccessToken:
        """Return a numbered token."""
        self.asked.append((scopes, claims, enable_cae))
        if self._failure is not None:
            raise self._failure
        return AccessToken(f"token-{len(self.asked)}", self._expires_on)


def test_a_token_is_used_until_five_minutes_before_its_end(clock: FakeClock) -> None:
    """Otherwise the Azure CLI would start a process for each poll. A challenge always gets a new token."""
    credential = FakeCredential(expires_on=START.timestamp() + 3600)
    tokens = AzureTokenSource(lambda: credential, CLOUD.scope, clock=clock)

    first, second = tokens.token(), tokens.token()
    clock.elapsed = 3299.0
    third = tokens.token()
    challenged = tokens.replace("token-1", claims="{}")
    clock.elapsed = 3301.0
    late = tokens.token()

    assert [first, second, third, challenged, late] == ["token-1"] * 3 + ["token-2", "token-3"]


def test_a_token_that_is_about_to_end_is_requested_each_time() -> None:
    """azure-identity decides when there is a new one, so a long wait outlives a token."""
    credential = FakeCredential()
    tokens = AzureTokenSource(lambda: credential, CLOUD.scope)

    got = [tokens.token(), tokens.token(), tokens.replace("token-2", claims='{"access_token":{}}')]

    assert got == ["token-1", "token-2", "token-3"]
    assert credential.asked == [
        (("https://management.azure.com/.default",), None, True),
        (("https://management.azure.com/.default",), None, True),
        (("https://management.azure.com/.default",), '{"access_token":{}}', True),
    ]


def test_a_credential_is_made_once_and_only_when_it_is_needed() -> None:
    """A preview that sends nothing to ARM does not sign in."""
    made: list[FakeCredential] = []

    def make() -> FakeCredential:
        made.append(FakeCredential())
        return made[-1]

    tokens = AzureTokenSource(make, CLOUD.scope)
    before = len(made)
    tokens.token()
    tokens.token()

    assert (before, len(made)) == (0, 1)


def test_a_token_that_was_refused_is_not_given_again() -> None:
    """A new credential has an empty cache."""
    made: list[FakeCredential] = []

    def make() -> FakeCredential:
        made.append(FakeCredential())
        return made[-1]

    tokens = AzureTokenSource(make, CLOUD.scope)
    tokens.replace(tokens.token())

    assert [len(credential.asked) for credential in made] == [1, 1]


FAILURES = [
    pytest.param(CredentialUnavailableError("Please run az login."), id="unavailable"),
    pytest.param(ClientAuthenticationError("AADSTS700024: expired"), id="refused"),
    pytest.param(AzureError("odd"), id="any other of Azure's"),
    pytest.param(ValueError("Failed to deserialize certificate"), id="bad setting"),
    pytest.param(FileNotFoundError(2, "No such file or directory", "/var/run/token"), id="no file"),
    pytest.param(PermissionError(13, "Permission denied"), id="no permission"),
    pytest.param(TimeoutError(), id="no words"),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_no_error_of_signing_in_escapes(failure: Exception) -> None:
    """The error is ours and one line long, and azure-identity's error is its cause."""
    tokens = AzureTokenSource(lambda: FakeCredential(failure), CLOUD.scope)

    with pytest.raises(ConfigurationError, match=r"^Could not sign in to Azure: .*[\w\'\"]\.$") as caught:
        tokens.token()

    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(
    "failure",
    [
        ServiceRequestError("Failed to resolve login.microsoftonline.com"),
        ServiceResponseError("Connection aborted."),
        IssuerUnreachableError("The OIDC token request to x failed"),
    ],
)
def test_a_sign_in_without_an_answer_may_be_tried_again(failure: Exception) -> None:
    """Such a failure does not show that the settings are wrong."""
    tokens = AzureTokenSource(lambda: FakeCredential(failure), CLOUD.scope)

    with pytest.raises(SignInInterruptedError, match=r"^Could not sign in to Azure: .*\w\.$"):
        tokens.token()


@pytest.mark.parametrize("failure", FAILURES)
def test_no_error_of_making_a_credential_escapes(failure: Exception) -> None:
    """Making one reads environment variables and files."""

    def make() -> FakeCredential:
        raise failure

    with pytest.raises(ConfigurationError, match=r"^Could not sign in to Azure: "):
        AzureTokenSource(make, CLOUD.scope).token()


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("client_secret=hunter2hunter2", id="form"),
        pytest.param('"client_assertion": "hunter2hunter2"', id="JSON"),
        pytest.param("Authorization: Bearer hunter2hunter2", id="header"),
        pytest.param("eyJhbGciOiJSUzI1NiJ9.hunter2hunter2.hunter2hunter2", id="token"),
        pytest.param("https://login.example/token?code=hunter2hunter2", id="URL"),
    ],
)
def test_no_secret_is_in_the_message(secret: str) -> None:
    """No secret that a library or a server quotes is shown."""
    failure = ClientAuthenticationError(f"It failed:\n  {secret}\r\nTry again.")
    tokens = AzureTokenSource(lambda: FakeCredential(failure), CLOUD.scope)

    with pytest.raises(ConfigurationError) as caught:
        tokens.token()

    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "Try again." in str(caught.value)


def test_a_long_message_is_cut() -> None:
    """DefaultAzureCredential reports what each of its methods answered."""
    failure = ClientAuthenticationError("It failed. " * 1000)
    tokens = AzureTokenSource(lambda: FakeCredential(failure), CLOUD.scope)

    with pytest.raises(ConfigurationError) as caught:
        tokens.token()

    assert len(str(caught.value)) < 1100


def test_a_configured_secret_is_masked_everywhere() -> None:
    """This includes sentences that match no pattern."""
    failure = ClientAuthenticationError("The value hunter2hunter2 is not right.")
    tokens = AzureTokenSource(lambda: FakeCredential(failure), CLOUD.scope, ("hunter2hunter2",))

    with pytest.raises(ConfigurationError, match=r"The value \[secret\] is not right\.$"):
        tokens.token()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("AADSTS7000215: Invalid client secret provided.", "use the secret's value, not its id."),
        ("AADSTS700024: Client assertion is not within its valid time range.", "a token file"),
        ("AADSTS700211: No matching federated identity record found", "matches the issuer."),
        ("AADSTS70021: No matching federated identity record found", "issuer, subject and audience."),
        ("AADSTS50076: strange", "AADSTS50076: strange."),
    ],
)
def test_a_known_code_of_entra_comes_with_advice(said: str, advice: str) -> None:
    """The advice follows Entra's own message."""
    tokens = AzureTokenSource(lambda: FakeCredential(ClientAuthenticationError(said)), CLOUD.scope)

    with pytest.raises(ConfigurationError) as caught:
        tokens.token()

    assert said.rstrip(".") in str(caught.value)
    assert str(caught.value).endswith(advice) or advice in str(caught.value)


def test_an_assertion_that_fails_says_so_in_its_own_words() -> None:
    """The error is already ours, and becomes one sentence about signing in."""
    tokens = AzureTokenSource(lambda: FakeCredential(ConfigurationError("The token file x is empty.")), "s")

    with pytest.raises(
        ConfigurationError, match=r"^Could not sign in to Azure: The token file x is empty\.$"
    ):
        tokens.token()


def test_the_default_is_azures_own_chain_only_when_it_is_asked_for() -> None:
    """Making it does not sign in."""
    assert isinstance(create_credential(SignIn(Default("tenant")), CLOUD), DefaultAzureCredential)
    assert isinstance(azure_token_source(SignIn(Default(None)), CLOUD), AzureTokenSource)


@pytest.mark.parametrize(
    ("method", "subscription", "tenant"),
    [
        (AzureCli("tenant", "subscription"), "subscription", ""),
        (AzureCli("tenant", None), None, "tenant"),
        (AzureCli(None, None), None, ""),
    ],
)
def test_the_azure_cli_is_given_a_subscription_or_a_tenant(
    method: AzureCli, subscription: str | None, tenant: str
) -> None:
    """The Azure CLI accepts only one of them."""
    made = create_credential(SignIn(method), CLOUD)

    assert (made.subscription, made.tenant_id) == (subscription, tenant)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "method",
    [
        ClientCertificate(APPLICATION, "absent.pem", ""),
        OidcTokenFile(APPLICATION, "absent.token"),
        WorkloadIdentity(APPLICATION, "absent.token"),
    ],
)
def test_a_missing_file_is_reported_before_it_is_needed(method: Method) -> None:
    """The preview reports it."""
    with pytest.raises(ConfigurationError, match=r"cannot be read: absent\..*Nothing was sent\.$"):
        require_files(method)


def test_a_folder_is_not_a_file_to_sign_in_with(tmp_path: Path) -> None:
    """This happens in a pod whose volume is mounted one level too high."""
    with pytest.raises(ConfigurationError, match=r"cannot be read: "):
        require_files(WorkloadIdentity(APPLICATION, str(tmp_path)))


def test_an_existing_file_is_not_read_yet(tmp_path: Path) -> None:
    """Its content may have changed by the time it is used."""
    file = tmp_path / "token"
    file.touch()

    require_files(OidcTokenFile(APPLICATION, str(file)))
    require_files(ClientSecret(APPLICATION, "secret"))


def test_the_simulator_gets_no_real_token() -> None:
    """There is no sign-in, and a challenge changes nothing."""
    tokens = PlaceholderTokenSource()
    first = tokens.token()

    assert tokens.replace(first) == tokens.replace(first, claims="{}") == first
    assert first == "placeholder-for-the-simulator"

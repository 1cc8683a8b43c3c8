"""Signing in over a misconfigured network: nothing is sent, and the error says what is wrong."""

from pathlib import Path

import pytest
from azure.identity import ClientSecretCredential

from pulumi_azure_reimage.auth.token_source import AzureTokenSource
from pulumi_azure_reimage.errors import ConfigurationError

from .server import FaultServer
from .tls import Authority

_ID = "11111111-1111-1111-1111-111111111111"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "invalid path: .*authority.pem"), ("", "no certificate"), ("certificate", "no certificate")],
    ids=["absent", "empty", "not PEM"],
)
def test_certificates_that_azure_identity_cannot_read_are_an_error_of_the_configuration(
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: str | None,
    words: str,
) -> None:
    """azure-identity reads its own variable for them, because it uses the library requests."""
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with FaultServer(tls=authority.server("localhost")) as server:

        def credential() -> ClientSecretCredential:
            return ClientSecretCredential(
                _ID,
                _ID,
                "secret",
                authority=server.url,
                disable_instance_discovery=True,
                retry_total=0,
            )

        tokens = AzureTokenSource(credential, "scope/.default")
        with pytest.raises(ConfigurationError, match=f"Could not sign in to Azure: .*{words}"):
            tokens.token()

        assert server.requests == []

"""The certificates that the environment names. The proxies are in test_deadline.py."""

import os
from pathlib import Path

import certifi
import pytest

from pulumi_azure_reimage.arm.network_settings import trusted_certificates
from pulumi_azure_reimage.errors import ConfigurationError


@pytest.fixture(autouse=True)
def no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the certificates that the environment of the tests names."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


def make(path: Path, state: str) -> Path:
    """Make a file, or something that must not be in its place, and return its path."""
    match state:
        case "a folder":
            path.mkdir()
        case "empty" | "a file":
            path.touch()
        case "not PEM":
            path.write_text("certificate")
        case _:
            pass
    return path


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("SSL_CERT_FILE", "absent", "No such file or directory"),
        ("SSL_CERT_FILE", "a folder", "."),
        ("SSL_CERT_FILE", "empty", "no certificate or crl found"),
        ("SSL_CERT_FILE", "not PEM", "no certificate or crl found"),
        ("SSL_CERT_DIR", "absent", "there is no such folder"),
        ("SSL_CERT_DIR", "a file", "there is no such folder"),
    ],
)
def test_certificates_that_cannot_be_read_are_an_error_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, state: str, reason: str
) -> None:
    """The error names the variable and the fault, and nothing is sent."""
    monkeypatch.setenv(name, str(make(tmp_path / "authority.pem", state)))

    with pytest.raises(
        ConfigurationError,
        match=rf"that {name} names cannot be read: .*{reason}.*unset it\. Nothing was sent\.$",
    ):
        trusted_certificates()


def test_certificates_of_the_environment_are_trusted_and_no_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are in a file or a folder. If no variable is set, or it is empty, those of certifi are trusted."""
    own = trusted_certificates().get_ca_certs()
    monkeypatch.setenv("SSL_CERT_FILE", "")
    assert trusted_certificates().get_ca_certs() == own
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'none'}{os.pathsep}{tmp_path}")
    assert trusted_certificates().get_ca_certs() == []
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert trusted_certificates().get_ca_certs() == own

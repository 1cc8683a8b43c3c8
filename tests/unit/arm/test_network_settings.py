"""Certificates and proxies that the environment names: those that cannot be used are errors of ours."""

import pytest

from pulumi_azure_reimage.arm.network_settings import Proxies, trusted_certificates
from pulumi_azure_reimage.arm.transport import scheme_and_host
from pulumi_azure_reimage.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_are_not_there_are_an_error_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """With the variable that names them, because nothing was sent."""
    monkeypatch.setenv(name, "/nowhere/ca.pem")

    with pytest.raises(ConfigurationError, match=rf"{name} names cannot be read: .*Nothing was sent\.$"):
        trusted_certificates()


def test_without_a_variable_the_usual_certificates_are_trusted() -> None:
    """Those of the library."""
    assert trusted_certificates().verify_mode.name == "CERT_REQUIRED"


@pytest.mark.parametrize(
    ("proxy", "host"),
    [("http://proxy.example:65535", "proxy.example"), ("proxy.example:1", "proxy.example"), ("", None)],
)
def test_a_proxy_is_found(monkeypatch: pytest.MonkeyPatch, proxy: str, host: str | None) -> None:
    """With every port that there is; an empty variable names none."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    found = Proxies().find("https", "management.azure.com")

    assert (found and found.host) == host


@pytest.mark.parametrize(
    "proxy", ["http://proxy.example:65536", "http://proxy.example:0", "socks5://p:1", "http://:80"]
)
def test_a_proxy_that_cannot_be_used_is_an_error_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """Nothing is sent past it."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(
        ConfigurationError, match=r"The proxy for https .* cannot be used: .*Nothing was sent"
    ):
        Proxies().find("https", "management.azure.com")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://management.azure.com:443/x", ("https", "management.azure.com")),
        ("http://user@localhost", ("http", "localhost")),
        ("/subscriptions", ("", "")),
        ("https://host:port", ("", "")),
    ],
)
def test_a_url_is_split_as_the_library_splits_it(url: str, parts: tuple[str, str]) -> None:
    """A pattern of ours could find another host than the one that gets the token."""
    assert scheme_and_host(url) == parts

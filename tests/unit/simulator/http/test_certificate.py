"""A certificate that is made when it is needed, as the standard library's strict clients see it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509

from pulumi_azure_reimage.arm.transport import http_client
from pulumi_azure_reimage.simulator import serve
from pulumi_azure_reimage.simulator.http.certificate import LOOPBACK_NAMES, make_certificate

from ..client import API_VERSION, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import World

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def test_a_certificate_names_the_hosts_and_lives_three_months() -> None:
    """Names are DNS names, and addresses are IP addresses."""
    made = make_certificate((*LOOPBACK_NAMES, "machine.example"), NOW)
    leaf = x509.load_pem_x509_certificate(made.chain_and_key.encode())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert names.get_values_for_type(x509.DNSName) == ["localhost", "machine.example"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert leaf.not_valid_after_utc == NOW + timedelta(days=90)
    assert "PRIVATE KEY" in made.chain_and_key
    assert "PRIVATE KEY" not in made.authority


def test_two_servers_have_different_authorities() -> None:
    """Each key signs for one server only, and is never stored."""
    one, two = make_certificate(LOOPBACK_NAMES, NOW), make_certificate(LOOPBACK_NAMES, NOW)

    assert one.authority != two.authority


@pytest.mark.usefixtures("socket_enabled")
def test_a_client_that_trusts_the_authority_reimages(world: World) -> None:
    """It uses each name of this machine. Links and the admin API use TLS too."""
    with serve(world.simulator, tls=True) as server:
        assert server.authority is not None
        trust = ssl.create_default_context(cadata=server.authority)
        trust.verify_flags |= ssl.VERIFY_X509_STRICT  # This is the default since Python 3.13.
        vm = world.simulator.machine("kept").id
        with httpx.Client(headers=TOKEN, verify=trust) as client:
            accepted = client.post(f"https://localhost:{server.port}{vm}/reimage?{API_VERSION}")
            status = client.get(accepted.headers["azure-asyncoperation"])
            authority = client.get(f"{server.url}/_simulator/ca.pem")

    assert status.json()["status"] == "InProgress"
    assert authority.text == server.authority
    assert server.config == {"azure-reimage:simulator": f"https://127.0.0.1:{server.port}"}


@pytest.mark.usefixtures("socket_enabled")
def test_the_provider_trusts_the_authority_in_ssl_cert_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a stack can use a simulator that is served over TLS."""
    with serve(world.simulator, tls=True) as server:
        assert server.authority is not None
        authority = tmp_path / "machines.ca.pem"
        authority.write_text(server.authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        with http_client() as client:
            health = client.get(f"{server.url}/_simulator/health")

    assert health.json()["status"] == "ok"


@pytest.mark.usefixtures("socket_enabled")
def test_a_client_that_does_not_trust_it_gets_nothing(world: World) -> None:
    """Only its users trust it."""
    with (
        serve(world.simulator, tls=True) as server,
        httpx.Client() as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get(f"{server.url}/_simulator/health")

    assert world.simulator.requests() == []

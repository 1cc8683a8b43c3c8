"""A simulator that is served: ARM, the admin API and the page at one address."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import httpx
import pytest

from pulumi_azure_reimage.simulator import serve
from pulumi_azure_reimage.simulator.serving import ServeOptions, make_server

from .client import API_VERSION, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from .client import World

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_arm_and_the_admin_api_share_an_address(world: World) -> None:
    """They even share a connection."""
    vm = world.simulator.machine("kept").id
    with serve(world.simulator) as server, httpx.Client(base_url=server.url, headers=TOKEN) as client:
        accepted = client.post(f"{vm}/reimage?{API_VERSION}")
        client.post("/_simulator/advance", json={"seconds": 75})
        status = client.get(accepted.headers["azure-asyncoperation"])
        page = client.get("/_simulator", follow_redirects=True)

    assert status.json()["status"] == "Succeeded"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.startswith("<!DOCTYPE html>")


def test_an_address_that_others_reach_has_no_admin_api(world: World) -> None:
    """ARM is answered there anyway."""
    everywhere = "0.0.0.0"  # noqa: S104 - the case.
    with serve(world.simulator, host=everywhere) as server, httpx.Client(headers=TOKEN) as client:
        url = f"http://127.0.0.1:{server.port}"
        refused = client.post(f"{url}/_simulator/reset")
        vm = client.get(f"{url}{world.simulator.machine('kept').id}?{API_VERSION}")

    assert (refused.status_code, vm.status_code) == (403, 200)


def test_a_certificate_that_is_made_leaves_no_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL reads it from a temporary file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    server, running = make_server(world.simulator, ServeOptions(tls=True))
    server.server_close()

    assert running.url.startswith("https://127.0.0.1:")
    assert sorted(tmp_path.iterdir()) == before

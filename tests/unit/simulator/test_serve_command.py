"""The command `serve`: what it prints, and its ways of serving."""

from __future__ import annotations

import io
import json
import ssl
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from pulumi_azure_reimage.simulator.command_line import main

from .client import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def inventory(tmp_path: Path) -> str:
    """Return the path of an inventory of one machine."""
    path = tmp_path / "machines.toml"
    path.write_text('[[machine]]\nname = "web"\n')
    return str(path)


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Serve an inventory in another process."""
    command = [sys.executable, "-m", "pulumi_azure_reimage.simulator", "serve", *arguments]
    with subprocess.Popen(  # noqa: S603 - our own command.
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    """Read this many lines of its output."""
    assert process.stdout is not None
    return [process.stdout.readline().rstrip() for _ in range(count)]


def refused(*arguments: str) -> str:
    """Run a command that fails and return what it complained about."""
    out, err = io.StringIO(), io.StringIO()
    assert (main(arguments, out, err), out.getvalue()) == (1, "")
    return err.getvalue()


def test_it_prints_where_the_page_is(tmp_path: Path, inventory: str) -> None:
    """The address is below its URL."""
    with served(tmp_path, inventory) as process:
        url, page = lines(process, 2)
        health = httpx.get(f"{url}/_simulator/health")

    assert page == f"page and admin API: {url}/_simulator/"
    assert health.json()["machines"] == 1


def test_it_makes_a_certificate_and_gives_its_authority_to_clients(tmp_path: Path, inventory: str) -> None:
    """The authority is in a file beside the inventory, and the path is printed."""
    with served(tmp_path, inventory, "--tls") as process:
        url, _, where, _, begin = lines(process, 5)
        authority = tmp_path / "machines.ca.pem"
        trust = ssl.create_default_context(cafile=authority)
        with httpx.Client(verify=trust) as client:
            health = client.get(f"{url}/_simulator/health")

    assert url.startswith("https://127.0.0.1:")
    assert where == f"CA certificate, which clients must trust: {authority}"
    assert begin == "-----BEGIN CERTIFICATE-----"
    assert health.json()["status"] == "ok"


def test_it_can_announce_itself_in_json(tmp_path: Path) -> None:
    """It runs in memory, without an inventory. The authority's file is where the option says."""
    arguments = ("--in-memory", "--tls", "--ca-file", "ours.pem", "--json")
    with served(tmp_path, *arguments) as process:
        document = json.loads("".join(lines(process, 6)))

    assert document["page"] == f"{document['url']}/_simulator/"
    assert Path(document["authorityFile"]).read_text() == document["authority"]
    assert [file.name for file in tmp_path.iterdir()] == ["ours.pem"]


def test_it_serves_from_memory_what_a_seed_repeats(tmp_path: Path, inventory: str) -> None:
    """No state file is left."""
    disks = []
    for _ in range(2):
        with served(tmp_path, inventory, "--in-memory", "--seed", "7") as process:
            (url,) = lines(process, 1)
            (machine,) = httpx.get(f"{url}/_simulator/machines").json()["machines"]
            disks.append(machine["osDisk"]["name"])

    assert disks[0] == disks[1]
    assert [file.name for file in tmp_path.iterdir()] == ["machines.toml"]


@pytest.mark.parametrize(("options", "status"), [((), 200), (("--listed-api-versions",), 400)])
def test_it_can_refuse_api_versions_that_are_not_listed(
    tmp_path: Path, options: tuple[str, ...], status: int
) -> None:
    """By default, each is answered."""
    path = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Compute/virtualMachines"
    with served(tmp_path, "--in-memory", *options) as process:
        url, *_ = lines(process, 1)
        answer = httpx.get(f"{url}{path}?api-version=2026-04-01", headers=TOKEN)

    assert answer.status_code == status
    assert ("NoRegisteredProviderFound" in answer.text) == bool(options)


def test_it_writes_an_access_log_to_stderr(tmp_path: Path, inventory: str) -> None:
    """Each request has a line."""
    with served(tmp_path, inventory, "--access-log") as process:
        (url,) = lines(process, 1)
        httpx.get(f"{url}/_simulator/health")
        assert process.stderr is not None
        line = process.stderr.readline()

    assert " GET /_simulator/health -> 200 " in line


def test_it_needs_machines_from_somewhere() -> None:
    """They come from a file, or are in memory."""
    assert refused("serve") == "error: serve needs an INVENTORY, or --in-memory\n"


@pytest.mark.parametrize(("option", "needed"), [("--key", "--certificate"), ("--ca-file", "--tls")])
def test_an_option_that_would_have_no_effect_is_refused(option: str, needed: str) -> None:
    """A user who gives it expects HTTPS."""
    assert refused("serve", "--in-memory", option, "x.pem") == f"error: {option} needs {needed}\n"


def test_an_authority_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """The report is one line, before anything is served."""
    place = tmp_path / "missing" / "ca.pem"

    assert refused("serve", "--in-memory", "--tls", "--ca-file", str(place)) == (
        f"error: {place}: the CA certificate cannot be written: No such file or directory\n"
    )


def test_a_certificate_is_made_or_named(inventory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It cannot be both."""
    with pytest.raises(SystemExit, match="2"):
        main(["serve", inventory, "--tls", "--certificate", "x.pem"], io.StringIO(), io.StringIO())

    assert "--certificate: not allowed with argument --tls" in capsys.readouterr().err

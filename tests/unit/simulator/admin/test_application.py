"""The addresses and methods of the admin API, who may use it, and the form of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import Request
from pulumi_azure_reimage.simulator.admin.application import Application
from pulumi_azure_reimage.simulator.admin.commands import READS, WRITES

from .conftest import HOST, Admin

if TYPE_CHECKING:
    from ..client import World

FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html,*/*"}


def test_a_form_of_a_browser_leads_back_to_the_page(admin: Admin, world: World) -> None:
    """The page sends it without JavaScript. An empty field counts as absent."""
    answer = admin.send("POST", "add", b"name=web&os_disk=Delete&location=", FORM)

    assert (answer.status, answer.headers["location"], answer.body) == (303, "/_simulator/", b"")
    assert world.simulator.machine("web").spec.location == "westus"


def test_a_form_of_a_program_gets_json(admin: Admin) -> None:
    """An example is `curl -d`."""
    answer = admin.send("POST", "advance", b"seconds=1.5", {**FORM, "accept": "*/*"})

    assert answer.json()["time"].startswith("2024-08-26T07:15:57.8")


def test_a_mistake_in_a_form_is_shown_on_the_page(admin: Admin) -> None:
    """The page has the status of the mistake."""
    answer = admin.send("POST", "remove", b"name=<b>nobody", FORM)

    assert answer.status == 404
    assert b'role="alert">no machine is called &quot;&lt;b&gt;nobody&quot;' in answer.body


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b"5", b"\xff", b"[" * 100_000, b'"text"', b'{"seed": "\\ud800"}']
)
def test_a_body_that_is_not_an_object_is_refused(admin: Admin, body: bytes) -> None:
    """The body can be anything else."""
    answer = admin.send("POST", "reset", body)

    assert answer.status == 400
    assert answer.json()["error"]["message"] == "The body must be a JSON object, or a form."


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "reset", 405, "/_simulator/reset answers POST, not GET."),
        ("DELETE", "script", 405, "/_simulator/script answers GET or POST, not DELETE."),
        ("POST", "health", 405, "/_simulator/health answers GET, not POST."),
        ("PUT", "", 405, "/_simulator/ answers GET, not PUT."),
        ("GET", "nothing", 404, "There is no /_simulator/nothing; there are: add, advance, change, disks, "),
        ("POST", "a/b", 404, "There is no /_simulator/a/b; there are: "),
        ("GET", "ca.pem", 404, "There is no /_simulator/ca.pem; there are: "),
        ("GET", "static/page.js", 404, "There is no /_simulator/static/page.js; "),
        ("GET", "health?verbose=1", 400, '"verbose" is not a key of this request; keys are: none'),
        ("GET", "requests?limit=-1", 400, '"limit" must be a whole number.'),
    ],
)
def test_an_address_or_a_method_that_is_wrong_is_reported(
    admin: Admin, method: str, path: str, status: int, sentence: str
) -> None:
    """The message says what exists instead."""
    answer = admin.send(method, path)

    assert (answer.status, answer.json()["error"]["message"][: len(sentence)]) == (status, sentence)


@pytest.mark.parametrize("command", WRITES)
def test_every_command_answers_with_json(admin: Admin, command: str) -> None:
    """So does a refusal."""
    answer = admin.send("POST", command)

    assert answer.status in {200, 400}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize("address", READS)
def test_every_read_answers_with_json_that_is_not_stored(admin: Admin, address: str) -> None:
    """It changes a moment later."""
    answer = admin.send("GET", address)

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "192.0.2.1", "localhost.evil.example"])
def test_a_host_that_is_not_this_machine_is_refused(admin: Admin, host: str) -> None:
    """Another site's name can be made to resolve to this machine."""
    answer = admin.application.handle(Request("GET", f"http://{host}/_simulator/requests"))

    assert (answer.status, answer.json()["error"]["code"]) == (403, "ForeignHost")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1.2.3:80", "[::1]:8080", "localhost:8080", "azure.localhost"]
)
def test_a_host_that_is_this_machine_is_answered(admin: Admin, host: str) -> None:
    """It is answered under each of its names."""
    assert admin.application.handle(Request("GET", f"http://{host}/_simulator/health")).status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8080"]
)
def test_a_page_of_another_site_changes_nothing(admin: Admin, world: World, origin: str) -> None:
    """A browser names the page that a form comes from."""
    world.simulator.remove("kept")
    answer = admin.send("POST", "reset", b"", {**FORM, "origin": origin})

    assert (answer.status, answer.json()["error"]["code"]) == (403, "ForeignOrigin")
    assert len(world.simulator.machines()) == 2
    assert admin.send("POST", "reset", b"", {"origin": HOST}).status == 200


def test_a_server_that_other_machines_reach_has_no_admin_api(world: World) -> None:
    """Its visitors cannot be told apart."""
    closed = Application(world.simulator, is_open=False)
    answer = closed.handle(Request("GET", f"{HOST}/_simulator/", {"accept": "text/html"}))

    assert (answer.status, answer.json()["error"]["code"]) == (403, "NotOnLoopback")


def test_the_page_may_run_its_own_script_only(admin: Admin) -> None:
    """Code in a name or a body could not run, even if it were not escaped."""
    policy = admin.send("GET", "").headers["content-security-policy"]

    assert "default-src 'none'; script-src 'self';" in policy
    assert "unsafe" not in policy


def test_the_certificate_of_the_authority_can_be_fetched(world: World) -> None:
    """Clients fetch it in order to trust it."""
    answer = Application(world.simulator, authority="PEM").handle(Request("GET", f"{HOST}/_simulator/ca.pem"))

    assert (answer.body, answer.headers["content-type"]) == (b"PEM", "application/x-pem-file; charset=utf-8")

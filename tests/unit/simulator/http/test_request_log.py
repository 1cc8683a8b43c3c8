"""The request log: what reached the simulator, without tokens, and masked when it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import Request

from ..client import API_VERSION, BASE, TOKEN, status_url

if TYPE_CHECKING:
    from ..client import World


def test_a_reimage_is_logged_with_what_was_sent(world: World) -> None:
    """The log has time, path, api-version, body, status and ids."""
    vm = world.simulator.machine("kept")
    headers = {**TOKEN, "x-ms-client-request-id": "client", "x-ms-correlation-request-id": "correlation"}
    world.send("POST", f"{vm.id}/reimage?{API_VERSION}", {"exactVersion": "1.0"}, headers)
    logged = world.simulator.reimage_requests("kept")

    assert [(post.method, post.path, post.status) for post in logged] == [("POST", f"{vm.id}/reimage", 202)]
    assert logged[0].time == world.now.time
    assert logged[0].api_version == "2024-07-01"
    assert logged[0].json() == {"exactVersion": "1.0"}
    assert (logged[0].client_request_id, logged[0].correlation_id) == ("client", "correlation")
    assert logged[0].has_authorization


def test_a_reimage_without_a_body_is_logged_as_such(world: World) -> None:
    """No body is not the same as an empty object."""
    world.reimage("kept")

    assert world.simulator.reimage_requests()[0].body == ""
    assert world.simulator.reimage_requests()[0].json() is None


def test_polls_are_logged_under_the_name_of_their_machine(world: World) -> None:
    """The operation knows its machine."""
    world.get(status_url(world.reimage("kept")))
    world.get(f"/nothing?{API_VERSION}")

    assert [request.name for request in world.simulator.requests()] == ["kept", "kept", None]


def test_posts_count_refused_reimages_too(world: World) -> None:
    """A second request counts, regardless of its answer."""
    world.reimage("kept")
    world.reimage("kept")
    world.reimage("local")

    assert [post.status for post in world.simulator.reimage_requests("kept")] == [202, 409]
    assert len(world.simulator.reimage_requests()) == 3


def test_no_token_is_ever_logged(world: World) -> None:
    """The log only says whether there was one."""
    vm = world.simulator.machine("kept").id
    world.send("GET", f"{vm}?{API_VERSION}", headers={"Authorization": "Bearer very-secret"})
    world.send("GET", f"{vm}?{API_VERSION}", headers={})

    assert [request.has_authorization for request in world.simulator.requests()] == [True, False]
    assert "very-secret" not in repr(world.simulator.requests())


def test_shown_bodies_have_no_secrets(world: World) -> None:
    """The log keeps them for tests, and masks them for people."""
    profile = {"adminPassword": "p4ssw0rd!", "customData": "dGVzdA=="}
    world.reimage("kept", {"exactVersion": "1.0", "osProfile": profile})
    logged = world.simulator.reimage_requests()[0]

    assert logged.json()["osProfile"] == profile
    assert logged.masked_body() == (
        '{"exactVersion": "1.0", "osProfile": {"adminPassword": "***", "customData": "***"}}'
    )
    assert "p4ssw0rd!" not in repr(logged)


def test_a_body_that_is_not_json_is_not_shown(world: World) -> None:
    """It might contain anything."""
    url = f"{BASE}{world.simulator.machine('kept').id}/reimage?{API_VERSION}"
    world.simulator.handle(Request("POST", url, TOKEN, b"p4ssw0rd!"))
    world.simulator.handle(Request("POST", url, TOKEN, b'[{"adminPassword": "p4ssw0rd!"}]'))
    world.reimage("kept")

    assert [post.masked_body() for post in world.simulator.reimage_requests()] == [
        "(9 characters that are not JSON)",
        '[{"adminPassword": "***"}]',
        "",
    ]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"\xff\x00\xfe", "(3 characters that are not JSON)"),
        (b"[" * 100_000, "(100000 characters that are not JSON)"),
        (b'{"a":' * 2_000 + b"1" + b"}" * 2_000, "(12001 characters that are not JSON)"),
        (b'"\\ud800"', '"\\ud800"'),
        (b'{"a": ' + b"9" * 5_000 + b"}", "(5007 characters that are not JSON)"),
        (b'\xef\xbb\xbf{"adminPassword": "x"}', "(23 characters that are not JSON)"),
    ],
    ids=["bytes", "depth", "depth of objects", "half of a surrogate pair", "a number", "a mark of the order"],
)
def test_a_body_that_cannot_be_shown_does_not_break_the_log(world: World, body: bytes, shown: str) -> None:
    """It is received and counted, whether it is refused or not."""
    url = f"{BASE}{world.simulator.machine('kept').id}/reimage?{API_VERSION}"
    answer = world.simulator.handle(Request("POST", url, TOKEN, body))

    assert answer.status in {202, 400}
    assert [post.masked_body() for post in world.simulator.reimage_requests()] == [shown]


TEXTS = {"half of a surrogate pair": "\ud800", "NUL": "\x00", "long": "x" * 1_000_000, "a quote": "'\"\\"}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_of_a_caller_in_process_breaks_the_log(world: World, text: str) -> None:
    """None of them passes a socket, but a Python program can send anything."""
    headers = {**TOKEN, "x-ms-client-request-id": text, "x-ms-correlation-request-id": text}
    answers = [
        world.simulator.handle(Request(f"GET{text}", f"{BASE}/{text}?api-version={text}", headers)),
        world.simulator.handle(Request("GET", f"http://[{text}", headers)),
    ]

    assert all(400 <= answer.status < 500 for answer in answers)
    assert [logged.status for logged in world.simulator.requests()] == [answer.status for answer in answers]

"""The page, as the server writes it: complete without JavaScript, and escaped."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from pulumi_azure_reimage.simulator import Request
from pulumi_azure_reimage.simulator.admin.commands import READS, WRITES
from pulumi_azure_reimage.simulator.admin.markup import Markup, joined, markup

if TYPE_CHECKING:
    from ..client import World
    from .conftest import Admin

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
_VOID = {"img", "input", "link", "meta", "option"}


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the elements that were not closed."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        if tag not in _VOID:
            assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of one kind."""
        return [attributes for found, attributes in self.found if found == tag]


def test_the_page_shows_machines_disks_faults_and_requests(admin: Admin, world: World) -> None:
    """It also shows what is running."""
    kept = world.simulator.machine("kept").os_disk_name
    world.reimage_to_the_end("kept")
    world.reimage("deleted")
    world.now.advance(30)
    world.simulator.change("local", lock="ReadOnly", failed=True)
    world.simulator.script("POST every: 503")
    page = admin.page()

    for machine in world.simulator.machines():
        assert f'<span class="name">{machine.name}</span>' in page
        assert machine.os_disk_name in page
    assert f"<code>{kept}</code>" in page
    assert "reimage: 40%, 45 s left" in page
    assert '<progress aria-label="Operation on deleted" max="1" value="0.40"></progress>' in page
    assert "ReadOnly lock" in page
    assert "OSProvisioningInternalError" in page
    assert "<code>POST every: 503</code>" in page
    assert page.count("virtualMachines/kept/reimage</code>") == 1


def test_an_operation_that_hangs_shows_progress_without_an_end(admin: Admin, world: World) -> None:
    """A browser draws it so if there is no value."""
    world.simulator.hang("kept")
    world.reimage("kept")

    assert 'max="1"></progress> <span class="detail">reimage: hangs until it is ended' in admin.page()


def test_an_empty_world_says_so(admin: Admin, world: World) -> None:
    """Each list says so."""
    for name in ("kept", "deleted", "local"):
        world.simulator.remove(name)
    page = admin.page()

    assert "There is no machine here." in page
    assert "No request was received." in page
    assert "No fault is pending." in page
    assert "0 machines." in page


def test_machines_are_filtered_by_a_part_of_their_name(admin: Admin) -> None:
    """The field keeps the text."""
    page = admin.page("?name=EL")

    assert '<span class="name">deleted</span>' in page
    assert '<span class="name">kept</span>' not in page
    assert 'name="name" value="EL"' in page
    assert "1 of 3 machines." in page


def test_a_fleet_is_shown_in_part(admin: Admin, world: World) -> None:
    """A page of thousands of rows would not be useful."""
    for number in range(120):
        world.simulator.add(f"web-{number}")

    assert "The first 100 of 120 machines. Filter by name" in admin.page("?name=web")


def test_every_control_has_a_label_and_every_button_a_name(admin: Admin) -> None:
    """People who use a screen reader need them."""
    page = Elements(admin.page())
    names = [button.get("aria-label") for button in page.of("button")]

    assert page.open == []
    assert page.of("html")[0]["lang"] == "en"
    assert len(page.of("label")) == len(
        [
            field
            for tag in ("input", "select", "textarea")
            for field in page.of(tag)
            if field.get("type") != "hidden"
        ]
    )
    assert names.count("Reimage: kept") == 1
    assert [form["method"] for form in page.of("form") if form["method"] not in {"post", "get"}] == []
    assert {form["action"] for form in page.of("form") if form["method"] == "post"} <= WRITES.keys()


def test_everything_is_escaped(admin: Admin, world: World) -> None:
    """Names, paths, bodies, faults, filters and mistakes can come from anyone who sends a request."""
    before = Elements(admin.page()).found
    world.reimage_to_the_end("kept", {"exactVersion": EVIL})
    world.send("POST", f"/subscriptions/{quote(EVIL, safe='')}/x?api-version=1", {EVIL: EVIL})
    world.send(EVIL, f"/{EVIL}")
    world.simulator.script(f'GET every: 500 "{EVIL.replace(chr(34), "")}"')
    answer = admin.send(
        "POST",
        "remove",
        f"name={quote(EVIL)}".encode(),
        {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"},
    )
    for text in (answer.body.decode(), admin.page(f"?name={quote(EVIL)}"), admin.page()):
        page = Elements(text)

        assert page.of("script") == Elements(admin.page()).of("script") == [{"src": "page.js", "defer": None}]
        assert page.of("img") == []
        assert [name for _, attributes in page.found for name in attributes if name.startswith("on")] == []
    assert len(before) > 50
    assert "&lt;script&gt;alert(1)" in admin.page()


def test_a_secret_that_was_sent_is_masked(admin: Admin, world: World) -> None:
    """It is masked everywhere in the log."""
    world.reimage("kept", {"osProfile": {"adminPassword": "p4ssw0rd!", "customData": "c2VjcmV0"}})
    page = admin.page()

    assert "p4ssw0rd!" not in page
    assert "c2VjcmV0" not in page
    assert "***" in page


def test_the_page_lists_the_admin_api(admin: Admin) -> None:
    """It lists every address."""
    page = admin.page()

    assert [name for name in READS if f"<code>GET /_simulator/{name}</code>" not in page] == []
    assert [name for name in WRITES if f"<code>POST /_simulator/{name}</code>" not in page] == []


def test_the_script_and_the_style_are_served(admin: Admin) -> None:
    """They come from the package."""
    script, style = admin.send("GET", "page.js"), admin.send("GET", "page.css")

    assert (script.status, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_the_page_has_one_address(admin: Admin) -> None:
    """The addresses in the page are relative to it."""
    answer = admin.application.handle(Request("GET", "http://127.0.0.1/_simulator"))

    assert (answer.status, answer.headers["location"]) == (308, "/_simulator/")


@pytest.mark.parametrize("value", [EVIL, 5, None, "{0}"])
def test_a_value_becomes_markup_only_if_it_is_markup(value: object) -> None:
    """Its type does not matter."""
    text = markup("<p>{}</p>", value)

    assert text.count("<") == 2
    assert joined([text, Markup("<hr>")]) == f"{text}\n<hr>"

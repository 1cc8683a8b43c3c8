"""The page of a served simulator, used as a person uses it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

from .webdriver import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_azure_reimage.simulator import Simulator
    from pulumi_azure_reimage.simulator.serving import ServedSimulator

TOKEN = {"authorization": "Bearer token"}
EVIL = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"


def test_a_reimage_is_started_and_the_clock_is_advanced_to_its_end(
    page: Browser, simulator: Simulator
) -> None:
    """The page shows its progress, the new disk and the old one, and is never loaded again."""
    old = simulator.machine("web").os_disk_name
    page.click('button[aria-label="Reimage: web"]')
    page.wait_for(lambda: "reimage: " in page.text("#machines"))
    running = page.text("#machines")
    page.type('form[action="advance"] input', "120")
    page.click('form[action="advance"] button')
    page.wait_for(lambda: "Succeeded" in page.text("#machines"))
    new = simulator.machine("web").os_disk_name

    assert "Updating" in running
    assert "s left" in running
    assert new in page.text("#machines")
    assert page.text("#disks") == old
    assert "202" in page.text("#requests")
    assert page.text("#message") == "Advance: done"
    assert page.run("return window.loaded") == 1


def test_the_next_reimage_is_made_to_fail(page: Browser, simulator: Simulator) -> None:
    """It fails with a chosen code, or by the button of a machine."""
    page.type('.forms form[action="fail"] input[name="name"]', "web")
    page.run("document.querySelector('select[name=code]').value = 'OSProvisioningTimedOut'")
    page.click('.forms form[action="fail"] button')
    page.wait_for(lambda: "OSProvisioningTimedOut" in page.text("#faults"))
    page.click('button[aria-label="Fail next: web"]')
    page.wait_for(lambda: "InternalExecutionError" in page.text("#faults"))
    page.click('button[aria-label="Reimage: web"]')
    page.wait_for(lambda: "Updating" in page.text("#machines"))
    page.click('button[aria-label="Finish now: web"]')
    page.wait_for(lambda: "Failed" in page.text("#machines"))

    assert "OSProvisioningTimedOut" in page.text("#machines")
    assert simulator.pending_script() == []  # Each fault counted the reimage, and the older one won.


def test_what_other_clients_do_is_seen_at_once(
    page: Browser, simulator: Simulator, served_azure_simulator: ServedSimulator
) -> None:
    """Requests, and machines that are added."""
    before = page.text("#requests")
    vm = simulator.add("other").id
    httpx.get(f"{served_azure_simulator.url}{vm}?api-version=2024-07-01", headers=TOKEN)
    page.wait_for(lambda: vm in page.text("#requests"))

    assert before == "No request was received."
    assert "other" in page.text("#machines")
    assert page.text("#shown") == "2 machines."


def test_a_reset_is_confirmed_and_carried_out(page: Browser, simulator: Simulator) -> None:
    """It forgets the machine that was added."""
    page.click('form[action="reset"] button')
    page.accept_dialog()
    page.wait_for(lambda: page.text("#machines") == "There is no machine here.")

    assert simulator.machines() == []
    assert page.text("#message") == "Reset: done"


def test_a_mistake_is_reported_beside_what_was_typed(page: Browser) -> None:
    """The message is the simulator's, and the form keeps its text."""
    page.type('form[action="script"] textarea', "POST web 500")
    page.click('form[action="script"] button')
    page.wait_for(lambda: page.text("#message") != "")

    assert page.text("#message").startswith("script line 'POST web 500': a line reads WHAT")
    assert page.run("return document.querySelector('textarea').value") == "POST web 500"
    assert page.run("return window.loaded") == 1


def test_a_machine_is_added(page: Browser, simulator: Simulator) -> None:
    """Its operating system and its kind of disk can be chosen."""
    page.type('form[action="add"] input', "worker")
    page.run("document.querySelector('select[name=os_type]').value = 'Windows'")
    page.click('form[action="add"] button')
    page.wait_for(lambda: "worker" in page.text("#machines"))

    assert simulator.machine("worker").spec.os_type == "Windows"


def test_updates_leave_focus_and_opened_details_alone(
    page: Browser, simulator: Simulator, served_azure_simulator: ServedSimulator
) -> None:
    """A person may be reading, or about to press a button."""
    url = f"{served_azure_simulator.url}{simulator.machine('web').id}/reimage?api-version=2024-07-01"
    httpx.post(url, headers=TOKEN, json={"exactVersion": "24.04.1"})
    page.wait_for(lambda: "Body" in page.text("#requests"))
    page.click("#requests summary")
    page.run("document.querySelector('[aria-label=\"Fail next: web\"]').focus()")
    first = page.text("#machines progress + .detail")
    page.wait_for(lambda: page.text("#machines progress + .detail") != first)
    httpx.get(f"{served_azure_simulator.url}/x?api-version=1", headers=TOKEN)
    page.wait_for(lambda: "/x" in page.text("#requests"))

    assert page.run("return document.activeElement.getAttribute('aria-label')") == "Fail next: web"
    assert '"exactVersion": "24.04.1"' in page.text("#requests details[open] pre")


@contextmanager
def served_elsewhere(port: str = "0") -> Iterator[str]:
    """Serve from a separate process, whose connections end with it."""
    command = [sys.executable, "-m", "pulumi_azure_reimage.simulator", "serve", "--in-memory", "--port", port]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours.
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def test_a_simulator_that_is_gone_is_reported(browser: Browser) -> None:
    """The message disappears when the simulator is back."""
    with served_elsewhere() as url:
        browser.open(f"{url}/_simulator/")
    browser.wait_for(lambda: browser.text("#message") == "The simulator does not answer.")
    with served_elsewhere(url.rpartition(":")[2]):
        browser.wait_for(lambda: browser.text("#message") == "")


def test_nothing_that_is_shown_can_run(
    page: Browser, simulator: Simulator, served_azure_simulator: ServedSimulator
) -> None:
    """Settings, paths, bodies, faults and filters may come from an attacker."""
    url = served_azure_simulator.url
    vm = simulator.machine("web").id
    httpx.post(f"{url}{vm}/reimage?api-version=2024-07-01", headers=TOKEN, json={"exactVersion": EVIL})
    simulator.advance(120)
    simulator.script('GET 99 web: 500 "<img src=x onerror=window.hacked=1>"')
    httpx.post(f"{url}/{quote(EVIL)}?api-version=1", headers=TOKEN, json={EVIL: EVIL})
    page.open(f"{url}/_simulator/?name={quote(EVIL)}")
    filtered = page.run("return window.hacked ?? 0")
    page.open(f"{url}/_simulator/")
    page.run("window.loaded = 1")
    httpx.get(f"{url}/news?api-version=1", headers=TOKEN)
    page.wait_for(lambda: "/news" in page.text("#requests"))

    assert EVIL in page.text("#machines")
    assert filtered == page.run("return window.hacked ?? 0") == 0
    assert page.run("return document.querySelectorAll('main img, main script').length") == 0


def test_the_page_works_without_javascript(
    chromedriver: str, simulator: Simulator, served_azure_simulator: ServedSimulator
) -> None:
    """Each button loads the page again."""
    with Browser.start(chromedriver, javascript=False) as plain:
        plain.open(f"{served_azure_simulator.url}/_simulator/")
        note = plain.text(".note")
        plain.click('button[aria-label="Reimage: web"]')
        plain.wait_for(lambda: "Updating" in plain.text("#machines"))
        plain.click('button[aria-label="Fail next: web"]')
        plain.wait_for(lambda: "fail InternalExecutionError" in plain.text("#faults"))
        plain.type('form[action="script"] textarea', "POST nobody: 500")
        plain.click('form[action="script"] button')
        plain.wait_for(lambda: 'no machine is called "nobody"' in plain.text(".error"))
        plain.click('form[action="reset"] button')
        plain.wait_for(lambda: plain.text("#machines") == "There is no machine here.")

    assert note.startswith("Without JavaScript")
    assert simulator.machines() == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(page: Browser, simulator: Simulator, width: int) -> None:
    """Not even long names and bodies."""
    simulator.add("a-machine-with-a-very-long-name-" + "x" * 30, lock="CanNotDelete", failed=True)
    simulator.script("POST every: drop after send", f'GET: 500 "{"x" * 300}"')
    page.click('button[aria-label="Reimage: web"]')
    page.resize(width, 900)
    page.wait_for(lambda: "cut" in page.text("#requests"))

    assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")


CONTRAST = """
const light = (rgb) => {
  const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const back = (element) => {
  for (; element; element = element.parentElement) {
    const colour = parse(getComputedStyle(element).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour.slice(0, 3);
  }
};
document.querySelectorAll('details').forEach((details) => { details.open = true; });
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const isSeen = walker.currentNode.textContent.trim() && element.checkVisibility();
  if (!isSeen || element.closest('noscript')) continue;
  const colours = [parse(getComputedStyle(element).color).slice(0, 3), back(element)];
  const [less, more] = colours.map(light).sort((a, b) => a - b);
  const ratio = (more + 0.05) / (less + 0.05);
  if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 80)}`);
}
return [found, getComputedStyle(document.body).backgroundColor];
"""


def test_text_stands_out_by_day_and_by_night(page: Browser, simulator: Simulator) -> None:
    """The contrast is at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    simulator.add("broken", failed=True, power="stopped", lock="ReadOnly")
    page.click('button[aria-label="Reimage: broken"]')
    page.wait_for(lambda: "broken" in page.text("#machines") and page.text("#message") != "")
    page.resize(1280, 900, scheme="light")
    day = page.run(CONTRAST)
    page.resize(1280, 900, scheme="dark")
    night = page.run(CONTRAST)

    assert (day[0], night[0]) == ([], [])
    assert day[1] != night[1]


def test_every_control_has_a_name_for_a_screen_reader(page: Browser) -> None:
    """The name is the one that the browser computes."""
    page.devtools("Accessibility.enable")
    tree = page.devtools("Accessibility.getFullAXTree")["nodes"]
    controls = [
        (node["role"]["value"], node["name"]["value"])
        for node in tree
        if not node["ignored"]
        and node["role"]["value"] in {"button", "textbox", "searchbox", "combobox", "spinbutton", "checkbox"}
    ]

    assert len(controls) > 10
    assert [control for control in controls if not control[1]] == []

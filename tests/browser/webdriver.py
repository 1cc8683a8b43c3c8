"""A browser, driven by W3C WebDriver: as much of the protocol as the tests of one page need.

The protocol is JSON over HTTP (https://www.w3.org/TR/webdriver2/), so this is smaller than a dependency on a
client library.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What the protocol calls a reference to an element.
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TRIES = 200
_PAUSE_SECONDS = 0.05
_NEVER = threading.Event()
# The errors of a command whose element, or whose whole page, has just been replaced.
_REPLACED = frozenset({"stale element reference", "unknown error", "javascript error"})


class ReplacedError(AssertionError):
    """The element is no longer on the page, or the page itself is gone."""


def find_chromedriver() -> str | None:
    """Return the driver's path, or None if it or the browser is missing."""
    return shutil.which("chromedriver") if shutil.which("chromium") else None


@dataclass(frozen=True, slots=True)
class Browser:
    """One window."""

    http: httpx.Client
    session: str

    @classmethod
    @contextmanager
    def start(cls, chromedriver: str, *, javascript: bool = True) -> Iterator[Self]:
        """Start a browser with an empty profile, and end it with the block."""
        command = [chromedriver, "--port=0"]
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver,  # noqa: S603 - ours.
        ):
            try:
                with httpx.Client(base_url=_address(driver), timeout=60, trust_env=False) as http:
                    session = _call(http, "POST", "/session", _capabilities(profile, javascript=javascript))
                    browser = cls(http, session["sessionId"])
                    try:
                        # The driver waits for an element that is not there yet.
                        browser.call("POST", "/timeouts", {"implicit": 10_000})
                        yield browser
                    finally:
                        browser.call("DELETE", "")  # The driver alone would leave the browser behind.
            finally:
                driver.terminate()

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON.
        """Send one command of the protocol."""
        return _call(self.http, method, f"/session/{self.session}{path}", body)

    def open(self, url: str) -> None:
        """Load a page."""
        self.call("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - JSON.
        """Run JavaScript in the page and return what it returns."""
        return self.call("POST", "/execute/sync", {"script": script, "args": arguments})

    def devtools(self, command: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON.
        """Send a command of Chromium's own protocol."""
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def click(self, selector: str) -> None:
        """Click what a CSS selector finds."""
        self._on(selector, "POST", "click", {})

    def type(self, selector: str, text: str) -> None:
        """Replace the text of a field."""
        self._on(selector, "POST", "clear", {})
        self._on(selector, "POST", "value", {"text": text})

    def text(self, selector: str) -> str:
        """Return the visible text."""
        found: str = self._on(selector, "GET", "text")
        return found

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; the page looks for news every second.

        Raises:
            AssertionError: It did not hold after many looks.
        """
        for _ in range(_TRIES):
            if condition():
                return
            _NEVER.wait(_PAUSE_SECONDS)
        raise AssertionError("the page never met the condition")

    def accept_dialog(self) -> None:
        """Confirm a dialog of the page."""
        self.call("POST", "/alert/accept", {})

    def resize(self, width: int, height: int, *, scheme: str = "light") -> None:
        """Show the page in so many pixels, with colours for day or night."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", features=features)

    def screenshot(self) -> bytes:
        """Return a PNG of the whole page."""
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def _on(self, selector: str, method: str, command: str, body: object = None) -> Any:  # noqa: ANN401 - JSON.
        """Send a command to an element, and repeat it once if the page has just replaced the element."""
        for _ in range(_TRIES):
            try:
                found = self.call("POST", "/element", {"using": "css selector", "value": selector})
                return self.call(method, f"/element/{found[_ELEMENT]}/{command}", body)
            except ReplacedError:
                _NEVER.wait(_PAUSE_SECONDS)
        raise AssertionError(f"{selector} never stayed long enough")


def _address(driver: subprocess.Popen[str]) -> str:
    """Read the driver's greeting up to the port that it chose."""
    assert driver.stdout is not None
    for line in driver.stdout:
        if found := re.search(r"started successfully on port (\d+)", line):
            return f"http://127.0.0.1:{found[1]}"
    raise AssertionError("chromedriver did not start")


def _capabilities(profile: str, *, javascript: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"args": [*_FLAGS, f"--user-data-dir={profile}"]}
    if not javascript:
        options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
    wanted = {"browserName": "chrome", "goog:chromeOptions": options, "unhandledPromptBehavior": "ignore"}
    return {"capabilities": {"alwaysMatch": wanted}}


def _call(http: httpx.Client, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON.
    answer = http.request(method, path, json=body) if body is not None else http.request(method, path)
    value = answer.json()["value"]
    if answer.is_error:
        kind = ReplacedError if value["error"] in _REPLACED else AssertionError
        raise kind(f"{method} {path}: {value['error']}: {value['message'].splitlines()[0]}")
    return value

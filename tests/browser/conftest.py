"""A real browser, and a served simulator for it to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from .webdriver import Browser, find_chromedriver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_azure_reimage.simulator import Simulator
    from pulumi_azure_reimage.simulator.serving import ServedSimulator


@pytest.fixture(scope="session")
def chromedriver() -> str:
    """Return the path of the driver, or skip."""
    found = find_chromedriver()
    if found is None:
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    return found


@pytest.fixture(scope="session")
def browser(chromedriver: str) -> Iterator[Browser]:
    """One browser for all tests; each loads its own page."""
    with Browser.start(chromedriver) as started:
        yield started


@pytest.fixture
def simulator(azure_simulator: Simulator) -> Simulator:
    """A machine whose reimage takes two minutes."""
    azure_simulator.set_operation_seconds(None, 120)
    azure_simulator.add("web")
    return azure_simulator


@pytest.fixture
def page(browser: Browser, simulator: Simulator, served_azure_simulator: ServedSimulator) -> Browser:
    """The page, at its usual width; `window.loaded` shows whether it was loaded again."""
    assert httpx.get(f"{served_azure_simulator.url}/_simulator/health").json()["machines"] == 1
    assert simulator.machines()
    browser.resize(1280, 900)
    browser.open(f"{served_azure_simulator.url}/_simulator/")
    browser.run("window.loaded = 1")
    return browser

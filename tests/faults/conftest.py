"""Makes scenes, and keeps the proxies of this machine out of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from pulumi_azure_reimage.arm.transport import DEFAULT_LIMITS, TimeLimits

from .scene import Scene, Way
from .tls import Authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return the certificate authority of this run."""
    return Authority()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the requests of a test away from any proxy that the environment names."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def stage(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Scene]]:
    """Return what makes a scene; it is closed with the test."""
    with ExitStack() as stack:

        def make(way: Way = Way.OPEN, limits: TimeLimits = DEFAULT_LIMITS) -> Scene:
            return stack.enter_context(Scene(authority, monkeypatch.setenv, way=way, limits=limits))

        yield make

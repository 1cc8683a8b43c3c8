"""A pytest plug-in: fixtures with a simulated Azure, each with its own state.

pytest finds it automatically if the package is installed. Under pytest-xdist, each worker has its own.

```python
def test_a_new_release_reimages_the_vm_once(azure_simulator):
    vm = azure_simulator.add("web", os_disk="Delete")
    stack.set_all_config({key: ConfigValue(value) for key, value in azure_simulator.config.items()})
    ...
    assert len(azure_simulator.reimage_requests("web")) == 1
```
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .serving import ServedSimulator
    from .simulator import Simulator

MARKER = "azure_simulator"
# Short enough for a test, and ARM's shortest Retry-After.
_INVENTORY: Mapping[str, Any] = {"operation_seconds": 0.1, "retry_after": 1}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**keys): keys at the top of the inventory behind the fixtures azure_simulator and "
        "module_azure_simulator, such as operation_seconds=5.0 or while_running='preempt'",
    )


@pytest.fixture(scope="session")
def azure_simulator_keys() -> Mapping[str, Any]:
    """Keys at the top of each inventory. Override this in a conftest.py. A marker takes precedence."""
    return {}


@pytest.fixture
def azure_simulator(
    request: pytest.FixtureRequest, tmp_path: Path, azure_simulator_keys: Mapping[str, Any]
) -> Iterator[Simulator]:
    """A simulated Azure without machines, for one test. Add some; `config` points a stack at it."""
    yield from _simulator(tmp_path / "azure-simulator", azure_simulator_keys, request)


@pytest.fixture(scope="module")
def module_azure_simulator(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    azure_simulator_keys: Mapping[str, Any],
) -> Iterator[Simulator]:
    """A simulated Azure that the tests of a module share. `reset` forgets what one of them did."""
    yield from _simulator(tmp_path_factory.mktemp("azure-simulator"), azure_simulator_keys, request)


@pytest.fixture(scope="session")
def session_azure_simulator(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    azure_simulator_keys: Mapping[str, Any],
) -> Iterator[Simulator]:
    """A simulated Azure that all tests share, under pytest-xdist those of one worker."""
    yield from _simulator(tmp_path_factory.mktemp("azure-simulator"), azure_simulator_keys, request)


@pytest.fixture
def served_azure_simulator(azure_simulator: Simulator) -> Iterator[ServedSimulator]:
    """The test's `azure_simulator` over HTTP, with its `url`, for clients that are not in Python."""
    from .serving import ServedSimulator, serve  # noqa: PLC0415 - pytest loads this file at every start.

    with serve(azure_simulator) as server:
        yield ServedSimulator(azure_simulator, server)


def _simulator(folder: Path, keys: Mapping[str, Any], request: pytest.FixtureRequest) -> Iterator[Simulator]:
    from .simulator import Simulator  # noqa: PLC0415 - pytest loads this file at every start.

    marked: dict[str, Any] = {}
    for marker in request.node.iter_markers(MARKER):
        marked = {**marker.kwargs, **marked}  # The marker nearest to the test comes first.
    folder.mkdir(exist_ok=True)
    inventory = folder / "machines.json"
    inventory.write_text(json.dumps({**_INVENTORY, **keys, **marked}), encoding="utf-8")
    with Simulator.open(inventory) as simulator:
        yield simulator

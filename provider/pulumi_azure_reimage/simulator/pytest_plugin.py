"""A pytest plug-in: the fixture `azure_simulator`, a simulated Azure for each test that uses it.

pytest finds it by itself where the package is installed.

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
    from collections.abc import Iterator
    from pathlib import Path

    from .simulator import Simulator

MARKER = "azure_simulator"
# Short enough for a test, and ARM's shortest Retry-After; 10 s is what clients wait without one.
_INVENTORY: dict[str, Any] = {"operation_seconds": 0.1, "retry_after": 1}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**keys): keys at the top of the inventory behind the fixture azure_simulator, "
        "such as operation_seconds=5.0 or while_running='preempt'",
    )


@pytest.fixture
def azure_simulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Simulator]:
    """A simulated Azure without machines: add some; `config` points a stack at it."""
    from .simulator import Simulator  # noqa: PLC0415 - pytest loads this file at every start.

    keys: dict[str, Any] = {}
    for marker in request.node.iter_markers(MARKER):
        keys = {**marker.kwargs, **keys}  # The marker that is nearest to the test comes first.
    folder = tmp_path / "azure-simulator"
    folder.mkdir()
    inventory = folder / "machines.json"
    inventory.write_text(json.dumps({**_INVENTORY, **keys}), encoding="utf-8")
    with Simulator.open(inventory) as simulator:
        yield simulator

"""A running simulator follows its inventory file. An edit is applied completely or not at all.

A file that is being written or has a mistake changes nothing, which is reported on stderr once.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from ..errors import InventoryError, ScriptError, UnknownMachineError
from ..inventory.inventory import Inventory
from ..inventory.inventory_file import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..inventory.inventory_file import Stamp
    from .records import Records
    from .state import State

# A file that has not changed for this long is completely written. This delays the one request that notices an
# edit.
_PAUSE_SECONDS = 0.05
_MOST_PAUSES = 40


def _pause() -> None:
    threading.Event().wait(_PAUSE_SECONDS)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


class InventoryFollower:
    """Holds the current inventory."""

    def __init__(
        self, inventory: Inventory, *, pause: Callable[[], None] = _pause, say: Callable[[str], None] = _say
    ) -> None:
        """Begin with an inventory that the state already has.

        Args:
            inventory: The inventory that was read. One that is not a file is not followed.
            pause: Waits while the file is being written.
            say: Shows a sentence to the user.
        """
        self.inventory = inventory
        self._seen = inventory.stamp
        self._pause = pause
        self._say = say
        self._lock = threading.Lock()

    def follow(self, state: State, synchronize: Callable[[Records, Inventory], None]) -> None:
        """Check whether the file was edited, and synchronize the state with it if so.

        Args:
            state: The state.
            synchronize: Synchronizes the records with an inventory.

        Raises:
            SimulatorError: The state file cannot be used.
        """
        if self._seen is None or stamp_of(self.inventory.path) == self._seen:
            return
        with self._lock:
            if stamp_of(self.inventory.path) != self._seen:
                self._take_up(state, synchronize)

    def _take_up(self, state: State, synchronize: Callable[[Records, Inventory], None]) -> None:
        before = self.inventory
        seen = self._wait_until_written()
        try:
            edited = Inventory.read(before.path)
            with state.transaction() as records:
                synchronize(records, edited)
                # Inside the transaction, so that no request sees the new inventory with the state of the old
                # one.
                self.inventory = edited
            seen = edited.stamp or seen
        except (InventoryError, ScriptError, UnknownMachineError) as error:
            self._say(f"warning: the inventory was edited, and what it said before is kept: {error}")
        except BaseException:
            self.inventory = before
            raise
        self._seen = seen

    def _wait_until_written(self) -> Stamp:
        """Wait until the file no longer changes, and return its stamp."""
        seen = stamp_of(self.inventory.path)
        for _ in range(_MOST_PAUSES):
            self._pause()
            now = stamp_of(self.inventory.path)
            if now == seen:
                break
            seen = now
        return seen

"""How the programs that declare components spell names, so that each gets texts in its own spelling.

A component that a program in another language declares passes its spelling to its children (`SPELLING`), and
a component in Python passes nothing. Texts are written for Python, and are respelled where they leave the
process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..inputs.parameters import TRIGGERS
from ..inputs.spelling import OTHERS, PYTHON, Spelling, respell
from ..json_reading import get
from .properties import SPELLING, component_urn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .engine_log import Log
    from .properties import Properties


class Callers:
    """The spelling of each component, by its URN."""

    def __init__(self) -> None:
        # Setting an item of a dict is atomic, so the host's threads need no lock.
        self._spellings: dict[str, Spelling] = {}
        self._keys: dict[str, frozenset[str]] = {}

    def note(self, props: Properties) -> None:
        """Remember how the component of a resource spells names, and the keys that the program has chosen."""
        urn = component_urn(props)
        self._spellings[urn] = OTHERS if props.get(SPELLING) == OTHERS else PYTHON
        triggers = get(props, TRIGGERS)
        keys = frozenset(_as_shown(triggers)) if isinstance(triggers, Mapping) else frozenset[str]()
        self._keys[urn] = self._keys.get(urn, frozenset()) | keys

    def respell(self, text: str, urn: str = "") -> str:
        """Return a text as a program spells it.

        Args:
            text: The text, in the spelling of Python.
            urn: The component that it is about. A text about the whole run is for the program of any of them.
        """
        if urn:
            return respell(text, self._spellings.get(urn, PYTHON), self._keys.get(urn, ()))
        spelling: Spelling = OTHERS if OTHERS in self._spellings.values() else PYTHON
        return respell(text, spelling, frozenset[str]().union(*self._keys.values()))


def _as_shown(triggers: Mapping[object, object]) -> Iterator[str]:
    """Yield the forms in which sentences name the key of a trigger."""
    for key in triggers:
        yield f"{TRIGGERS}.{key}"
        yield repr(key)


class RespellingLog:
    """The engine's log, in the spelling of the program that reads it."""

    def __init__(self, log: Log, callers: Callers) -> None:
        self._log, self._callers = log, callers

    def warn(self, message: str, urn: str = "") -> None:
        """Show a message that stays."""
        self._log.warn(self._callers.respell(message, urn), urn)

    def inform(self, message: str, urn: str = "") -> None:
        """Show a message that stays and needs no attention."""
        self._log.inform(self._callers.respell(message, urn), urn)

    def warn_once(self, message: str) -> None:
        """Show a message about the whole run, the first time that it is given."""
        self._log.warn_once(self._callers.respell(message))

    def progress(self, message: str, urn: str = "") -> None:
        """Show a message that the next one replaces."""
        self._log.progress(self._callers.respell(message, urn), urn)

    def is_heard(self) -> bool:
        """Report whether the engine answers at this moment."""
        return self._log.is_heard()

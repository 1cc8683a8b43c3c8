"""How our errors leave a provider: as one line, with outputs that the engine keeps, or as a pending wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..errors import ReimageError, UnreadableStateError
from ..redact import MASK, redact
from .engine_errors import KeepingError, PendingError, raise_clean, raise_keeping, raise_pending
from .properties import PROVIDER_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType


class OneLineErrors:
    """Turns an error of ours into one line, without secrets, causes and frames.

    The engine prints only our message if `engine_errors` finds the host's call. If not, the host prints the
    traceback of the exception and of its causes before our message.
    """

    def __init__(
        self,
        secrets: Callable[[], Iterable[str]] = tuple,
        if_unreadable: Callable[[], str] = str,
        respell: Callable[[str], str] = str,
    ) -> None:
        """Prepare for errors.

        Args:
            secrets: Returns what no message may show. It is called only if there is an error.
            if_unreadable: Returns what to do about a state that cannot be read.
            respell: Returns a text with names as the program spells them.
        """
        self._secrets = secrets
        self._if_unreadable = if_unreadable
        self._respell = respell

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _frames: TracebackType | None
    ) -> Literal[False]:
        """Raise the error that is shown."""
        match error:
            case KeepingError():
                outputs = {**error.outputs, PROVIDER_KEY: error.inputs.get(PROVIDER_KEY)}
                raise_keeping(self._redacted(error.error), error.id_, outputs, error.inputs)
            case PendingError():
                pending = self._redacted(error.error)
                error.warn(str(pending))
                raise_pending(pending)
            case UnreadableStateError():
                error.message = (
                    f"This version cannot read what is in state: {error.message}. Nothing was sent. "
                    f"{self._if_unreadable()}"
                )
                raise_clean(self._redacted(error))
            case ReimageError():
                raise_clean(self._redacted(error))
            case Exception():
                self._hide_secrets(error)
            case _:
                pass
        return False

    def _hide_secrets(self, error: BaseException | None) -> None:
        """Mask the secrets in the text of an error that is not ours, and in its causes. Its frames stay."""
        secrets = tuple(self._secrets())
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            shown = tuple(redact(arg, secrets) if isinstance(arg, str) else arg for arg in error.args)
            if any(isinstance(arg, str) and MASK in arg for arg in shown):
                error.args = shown
            error = error.__cause__ or error.__context__

    def _redacted(self, error: ReimageError) -> ReimageError:
        secrets = tuple(self._secrets())
        error.message = self._respell(redact(error.message, secrets))
        error.code = redact(error.code, secrets) if error.code else error.code
        return error

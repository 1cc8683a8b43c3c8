"""The input `timeout`: how long to wait, in seconds."""

from __future__ import annotations

import math
import re
from typing import Final

from ..errors import InvalidInputError
from .given import describe

DEFAULT_TIMEOUT: Final = 3600.0
"""In seconds. Azure stops provisioning after 40 minutes, and the rest is for its queue and for the disk."""

_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
# The durations of Go, as in Pulumi's own customTimeouts, without units below a second.
_DURATION = re.compile(rf"(?=[0-9])(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?")
_LARGEST = 1e300


def parse_timeout(value: object) -> float:
    """Return the timeout in seconds; `None` gives `DEFAULT_TIMEOUT`.

    Raises:
        InvalidInputError: It is neither a positive number nor a string such as `90s`, `45m`, `2h` or `1h30m`.
    """
    seconds = math.nan
    match value:
        case None:
            return DEFAULT_TIMEOUT
        case bool():
            pass
        case int() | float() if abs(value) < _LARGEST:
            seconds = float(value)
        case str() if parts := _DURATION.fullmatch(value):
            hours, minutes, rest = (float(part or 0) for part in parts.groups())
            seconds = hours * 3600 + minutes * 60 + rest
        case _:
            pass
    if not (math.isfinite(seconds) and seconds > 0):
        raise InvalidInputError(
            "timeout",
            f"timeout is {describe(value)}, and must be a positive number of seconds, or a string such as "
            f"'90s', '45m' or '1h30m'.",
        )
    return seconds

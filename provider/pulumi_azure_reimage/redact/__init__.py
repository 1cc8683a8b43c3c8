"""What may be shown: every text that came from outside passes `redact` before it becomes a message."""

from .text import LIMIT, MASK, redact

__all__ = ["LIMIT", "MASK", "redact"]

"""What may be shown: every text that came from outside passes `redact` before it becomes a message."""

from .logs import hide_operation_urls
from .text import LIMIT, MASK, redact

__all__ = ["LIMIT", "MASK", "hide_operation_urls", "redact"]

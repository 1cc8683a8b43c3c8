"""Redaction: every text from outside passes `redact` before it becomes part of a message."""

from .logs import hide_operation_urls
from .text import LIMIT, MASK, redact

__all__ = ["LIMIT", "MASK", "hide_operation_urls", "redact"]

"""Keeps operation URLs out of the logs of libraries, which print them if their logging is turned on.

An operation URL holds a signature. The libraries print no body and no header `Authorization`.
"""

from __future__ import annotations

import logging

from .text import OPERATION_URL, redact


def hide_operation_urls(*loggers: str) -> None:
    """Redact each record of some loggers that holds an operation URL. Other records are not changed.

    Args:
        loggers: Their names. A logger does not apply its filters to the records of its children.
    """
    for name in loggers:
        logging.getLogger(name).addFilter(_FILTER)  # Which a logger keeps once.


class _Filter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        shown = redact(record.getMessage())
        if OPERATION_URL in shown:
            record.msg, record.args = shown, None
        return True


_FILTER = _Filter()

"""Joining our texts and texts from outside, which may or may not end with a full stop."""

from __future__ import annotations

import re

# Azure may answer in the language of the account.
_MARKS = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 - full-width marks of other scripts.
_CLOSING = "\"'`)]”’»"  # noqa: RUF001 - quotation marks of other languages.
_DANGLING = re.compile(r"[\s.,;:]+$")
# What errors.py adds after the last sentence: a code, and ids for Azure support.
_REMARK = re.compile(r"[.!?…] \([^()]*\)$")


def join_sentences(*parts: str | None) -> str:
    """Return the parts as sentences. Each ends with one mark, and a space separates two of them.

    Args:
        parts: A text of one or more sentences each; one that is None or blank is left out.
    """
    return " ".join(filter(None, (_end(part) for part in parts if part)))


def as_clause(text: str) -> str:
    """Return a text without its full stop, as a part of a sentence, such as in brackets or before a comma."""
    text = text.strip()
    return text if text.endswith("...") else _DANGLING.sub("", text)


def _end(text: str) -> str:
    text = as_clause(text)
    bare = text.rstrip(_CLOSING)
    if not bare:
        return text
    return text if bare.endswith(_MARKS) or _REMARK.search(text) else f"{text}."

"""The generated parts of a document: each is between two comments, and the first comment names it.

<!-- rules: written by `make docs` -->
| when | ... |
<!-- /rules -->
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))

_BLOCK = re.compile(r"(<!-- ([\w-]+): written by `make docs` -->\n).*?(<!-- /\2 -->)", re.DOTALL)


def renew(text: str, tables: Mapping[str, Callable[[], str]]) -> str:
    """Return a document with each generated part brought up to date.

    Raises:
        KeyError: the document names a part that `tables` does not have.
    """
    return _BLOCK.sub(lambda block: f"{block[1]}\n{tables[block[2]]()}\n\n{block[3]}", text)


def names(text: str) -> list[str]:
    """Return the names of the generated parts of a document."""
    return [block[2] for block in _BLOCK.finditer(text)]


def markdown(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table as Markdown, without a trailing newline."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(_line(cells) for cells in lines)


def _line(cells: tuple[str, ...]) -> str:
    if all(cell == "---" for cell in cells):
        return f"|{'|'.join(cells)}|"
    # A bar ends a cell, even inside code.
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

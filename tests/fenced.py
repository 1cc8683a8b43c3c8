"""The fenced blocks of a document in Markdown."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

_FENCED = re.compile(r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A block.

    Attributes:
        line: The number of the line on which it begins.
        language: Its language, which is empty for output.
        text: What is in it, without indentation.
    """

    line: int
    language: str
    text: str


def blocks_of(document: str) -> Iterator[Block]:
    """Yield the blocks of a document, or of a section of one."""
    for found in _FENCED.finditer(document):
        line = document.count("\n", 0, found.start()) + 1
        yield Block(line, found["language"], textwrap.dedent(found["text"]))

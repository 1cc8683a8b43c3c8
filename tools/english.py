"""Find words that a native technical writer would not use here: `python -m tools.english`.

Each of them has come back more than once. `tools/english.toml` lists them, with what to write instead.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".toml")
TEXTS = {".d2", ".md", ".py", ".sh", ".toml", ".ts", ".yaml", ".yml", ".go"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word that should not come back.

    Attributes:
        pattern: A regular expression that finds it between two ends of words.
        better: What to write instead.
    """

    pattern: re.Pattern[str]
    better: str


def words(text: str) -> list[Word]:
    """Return the words of a list, which maps each pattern to a replacement."""
    listed: dict[str, str] = tomllib.loads(text)["words"]
    return [Word(re.compile(rf"\b(?:{word})\b", re.IGNORECASE), better) for word, better in listed.items()]


def find(text: str, listed: Iterable[Word]) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the word and its replacement for each listed word in a text.

    A phrase may be split across two lines, as in a docstring.
    """
    for word in listed:
        for found in word.pattern.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, " ".join(found[0].split()), word.better


def texts() -> list[Path]:
    """Return the files of the repository that people read, except those that others wrote."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    files = (Path(name) for name in listed)
    return [
        file
        for file in files
        if file.suffix in TEXTS
        and "recordings" not in file.parts
        and file.name not in {LIST.name, "test_english.py"}
    ]


def main() -> int:
    """Return 1 if a word is found."""
    listed = words(LIST.read_text(encoding="utf-8"))
    found = [
        f"{file}:{line}: {word} -> {better}"
        for file in texts()
        if (ROOT / file).exists()
        for line, word, better in find((ROOT / file).read_text(encoding="utf-8"), listed)
    ]
    for place in found:
        print(place, file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())

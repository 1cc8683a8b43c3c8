"""Draw the pictures of the documents: `make pictures`.

Each `docs/pictures/NAME.d2` is a text in the language D2 (https://d2lang.com), and `NAME.svg` is what its
program draws from it, for light and for dark. `make check` does not need D2, because each picture records
the text that it was made from.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from tools.go_tool import BuildError, GoTool, built

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
D2 = GoTool(
    name="d2",
    title="D2",
    module=Path(__file__).parent / "d2",
    package="oss.terrastruct.com/d2",
    source="oss.terrastruct.com/d2",
    version_variable="oss.terrastruct.com/d2/lib/version.Version",
    duration="a minute",
)
# D2's names for a theme with a light background and one with a dark background.
_THEMES = ("--theme", "0", "--dark-theme", "200")


def stale(folder: Path) -> list[str]:
    """Return the names of the texts whose picture is missing or was made from another text."""
    return [text.name for text in sorted(folder.glob("*.d2")) if _made_from(text) != _digest(text)]


def _made_from(text: Path) -> str | None:
    picture = text.with_suffix(".svg")
    found = (
        re.search(r"<!-- made from sha256 (\w+) -->", picture.read_text("utf-8"))
        if picture.exists()
        else None
    )
    return found[1] if found else None


def _digest(text: Path) -> str:
    return hashlib.sha256(text.read_bytes()).hexdigest()


def draw(text: Path, program: Path) -> None:
    """Draw the picture of a text.

    Raises:
        subprocess.CalledProcessError: D2 cannot read the text, and its output says why.
    """
    picture = text.with_suffix(".svg")
    files = [os.fspath(text), os.fspath(picture)]
    command = [os.fspath(program), "--layout", "dagre", *_THEMES, "--pad", "20", *files]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    drawn = picture.read_text("utf-8")
    picture.write_text(f"{drawn.rstrip()}\n<!-- made from sha256 {_digest(text)} -->\n", "utf-8")
    picture.chmod(0o644)


def main() -> int:
    """Return 1 if D2 cannot be built, or if `--check` finds a stale picture."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures")
    parser.add_argument("--check", action="store_true", help="draw nothing, and fail if a picture is stale")
    if parser.parse_args().check:
        changed = stale(PICTURES)
        for name in changed:
            print(f"docs/pictures/{name} was changed: run `make pictures`.", file=sys.stderr)
        return int(bool(changed))
    try:
        program = built(D2, os.environ)
    except BuildError as error:
        D2.say(str(error))
        return 1
    for text in sorted(PICTURES.glob("*.d2")):
        draw(text, program)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

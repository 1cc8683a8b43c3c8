"""Write the generated parts of the documents, or say with `--check` which are stale."""

from __future__ import annotations

import argparse
import sys

from .blocks import DOCUMENTS, renew
from .tables import TABLES


def main() -> int:
    """Return 1 if `--check` finds a stale part."""
    parser = argparse.ArgumentParser(prog="python -m tools.documents", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a part is stale")
    check = parser.parse_args().check
    stale = False
    for path in DOCUMENTS:
        old = path.read_text(encoding="utf-8")
        new = renew(old, TABLES)
        if new == old:
            continue
        stale = True
        if check:
            print(f"{path.name} is stale: run `make docs` and commit the result.", file=sys.stderr)
        else:
            path.write_text(new, encoding="utf-8")
            print(f"{path.name} is written.")
    return int(stale and check)


if __name__ == "__main__":
    raise SystemExit(main())

"""Measures what a fleet costs: `python -m bench`, from the root of the repository."""

from __future__ import annotations

from bench import command, imports, lost_answers, operations, preview

if __name__ == "__main__":
    raise SystemExit(command.run([imports.GROUP, preview.GROUP, operations.GROUP, lost_answers.GROUP]))

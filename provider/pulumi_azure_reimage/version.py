"""The version of this package.

A constant, because reading the metadata of a distribution would slow the start of every program.
"""

from __future__ import annotations

from typing import Final

# Also in pyproject.toml: tests/unit/test_wheel.py compares them.
VERSION: Final = "0.1.0"

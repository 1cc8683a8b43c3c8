"""Unit tests: one file per module, pure and instant, with no network."""

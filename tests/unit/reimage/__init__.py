"""Tests of the room `reimage`."""

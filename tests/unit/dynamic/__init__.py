"""Tests of the room `dynamic`."""

"""Tests of the room `arm`."""

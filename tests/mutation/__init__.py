"""Mutation runs: each part of a room is changed on purpose, and a unit test must fail."""

"""Faults, as the lines of a script describe them. Nothing here knows about machines."""

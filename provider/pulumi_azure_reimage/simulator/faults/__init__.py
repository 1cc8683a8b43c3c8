"""Faults: what a line of a script says. Nothing here knows machines."""

"""Tests of ARM's contract as the simulator reads it."""

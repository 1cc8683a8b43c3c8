"""Tests of what a served simulator answers under `/_simulator/`."""

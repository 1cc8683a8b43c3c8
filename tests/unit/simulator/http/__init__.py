"""Tests of the simulator's requests, server and transport."""

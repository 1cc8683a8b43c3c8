"""Tests of the simulator of Azure Resource Manager."""

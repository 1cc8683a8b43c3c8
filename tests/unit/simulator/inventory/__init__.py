"""Tests of the inventory file."""

"""Tests on the real Pulumi engine: the CLI, driven through the Automation API."""

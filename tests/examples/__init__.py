"""The example programs, run as they are."""

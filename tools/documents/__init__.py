"""Writes the parts of the documents that the code has already: `make docs`."""

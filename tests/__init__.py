"""The tests of the package, and of the programs around it."""

"""The inputs that programs write, parsed once into values."""

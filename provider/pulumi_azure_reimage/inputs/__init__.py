"""What programs write, parsed once into values."""

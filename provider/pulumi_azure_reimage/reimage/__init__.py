"""The story of one reimage: decide, send, wait; and what is said about each."""

"""HTTP: messages, and the ways by which they come in. Nothing here knows Azure."""

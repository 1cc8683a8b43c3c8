"""HTTP: messages, and how they arrive. Nothing here knows about Azure."""

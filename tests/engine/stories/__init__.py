"""Stories of what happens to a reimage, replayed on the real Pulumi engine with real kills."""

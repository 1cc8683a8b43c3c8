"""The page of a served simulator, clicked through in a real browser."""

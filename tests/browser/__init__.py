"""The page of a served simulator, used in a real browser."""

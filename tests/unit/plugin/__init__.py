"""The plugin for other languages, without an engine."""

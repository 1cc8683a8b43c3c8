"""The fault table: what the client does when ARM, or the network in between, fails in any known way."""

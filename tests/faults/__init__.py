"""The fault table: what the client does when ARM, or what lies between, fails in every known way."""

"""Signing in with the real azure-identity, to a fake Microsoft Entra on this machine."""

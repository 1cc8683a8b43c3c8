"""Signing in with the real azure-identity, to a Microsoft Entra that stands on this machine."""

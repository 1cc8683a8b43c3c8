"""Pulumi's side: it only translates between Pulumi's dynamic providers and the core."""

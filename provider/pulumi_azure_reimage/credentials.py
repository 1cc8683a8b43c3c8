"""Tokens for ARM, from azure-identity."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from .errors import ConfigurationError
from .redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

    from .config import Cloud


class Tokens(Protocol):
    """Where the bearer token of a request comes from."""

    def token(self, *, claims: str | None = None) -> str:
        """Return a token; `claims` answers a challenge of Continuous Access Evaluation.

        Raises:
            ConfigurationError: signing in failed.
        """

    def forget(self) -> None:
        """Drop what is cached: ARM refused the token it was last given."""


class PlaceholderTokens:
    """A token for the simulator, which wants to see one and checks nothing. No sign-in happens."""

    def token(self, *, claims: str | None = None) -> str:  # noqa: ARG002 - the protocol's signature.
        """Return the placeholder."""
        return "placeholder-for-the-simulator"

    def forget(self) -> None:
        """Do nothing."""


class AzureTokens:
    """Tokens of an azure-identity credential, which caches and renews them itself."""

    def __init__(self, make_credential: Callable[[], TokenCredential], scope: str) -> None:
        self._make_credential = make_credential
        self._scope = scope
        self._credential: TokenCredential | None = None
        self._lock = Lock()

    def token(self, *, claims: str | None = None) -> str:
        """Return a token for ARM.

        Raises:
            ConfigurationError: signing in failed; the message is azure-identity's own, redacted.
        """
        # Lazy: azure-identity takes half a second to import, and a preview without a request needs none.
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as said above.

        try:
            with self._lock:
                if self._credential is None:
                    self._credential = self._make_credential()
                credential = self._credential
            # enable_cae: ARM may then revoke the token at once, and says so by a claims challenge.
            return credential.get_token(self._scope, claims=claims, enable_cae=True).token
        # Settings that cannot be used are a ValueError, files that cannot be read an OSError.
        except (AzureError, OSError, ValueError) as error:
            reason = redact(str(error), limit=1000).rstrip(".") or type(error).__name__
            raise ConfigurationError(f"Could not sign in to Azure: {reason}.") from error

    def forget(self) -> None:
        """Start over with a new credential, whose cache is empty."""
        with self._lock:
            self._credential = None


def default_tokens(cloud: Cloud) -> AzureTokens:
    """Return tokens of `default_credential`; no sign-in happens before the first one is needed."""
    return AzureTokens(partial(default_credential, cloud), cloud.scope)


def default_credential(cloud: Cloud) -> TokenCredential:
    """Return azure-identity's DefaultAzureCredential, which tries what it finds.

    Environment variables, workload identity, managed identity, the Azure CLI and others:
    https://learn.microsoft.com/python/api/azure-identity/azure.identity.defaultazurecredential
    """
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - lazy, see AzureTokens.token.

    # azure-core waits 300 s for each, and tries again; a server that hangs would hold up a run for an hour.
    return DefaultAzureCredential(authority=cloud.authority, connection_timeout=10, read_timeout=30)

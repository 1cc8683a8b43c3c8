"""One sign-in for all threads: a token of azure-identity, used until shortly before it expires.

azure-identity is neither imported nor contacted before a token is needed.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from ..arm.tokens import SignInInterruptedError
from ..clock import SystemClock
from ..errors import ConfigurationError
from ..redact import redact
from ..sentences import join_sentences
from . import oidc

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken, TokenCredential

    from ..clock import Clock

# azure-identity logs Entra's messages without redaction, and Python prints the warnings of a logger that has
# no handler. The same text is in our error, redacted.
for _name in ("azure", "msal"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

# azure-core renews tokens the same time before they expire.
_REFRESH_SECONDS = 300.0


class AzureTokenSource:
    """Tokens of an azure-identity credential, each used until shortly before it expires.

    azure-identity caches most tokens, but runs the Azure CLI again for every request. Threads that need a
    token at the same time share one sign-in, and its failure too.
    """

    def __init__(  # noqa: PLR0913 - each comes from another place.
        self,
        make_credential: Callable[[], TokenCredential],
        scope: str,
        secrets: tuple[str, ...] = (),
        *,
        method: str = "",
        hint: str = "",
        clock: Clock | None = None,
    ) -> None:
        """Store the arguments. The first token signs in.

        Args:
            make_credential: Creates the credential.
            scope: The scope of the tokens.
            secrets: Texts that no message may contain.
            method: The name of the method, for messages.
            hint: What else may be wrong, in sentences to append to a failure message.
            clock: The clock that decides when a token has expired.
        """
        self._make_credential = make_credential
        self._scope = scope
        self._secrets = secrets
        self._failure = "Could not sign in to Azure" + (f" ({method})" if method else "")
        self._hint = f" {hint}" if hint else ""
        self._clock = clock or SystemClock()
        self._credential: TokenCredential | None = None
        self._cached: AccessToken | None = None
        self._attempts = 0
        self._error: ConfigurationError | SignInInterruptedError | None = None
        self._lock = Lock()

    def token(self) -> str:
        """Return a token for ARM.

        Raises:
            ConfigurationError: signing in failed; the message is azure-identity's own, redacted.
            SignInInterruptedError: the sign-in got no answer.
        """
        seen = self._attempts
        with self._lock:
            if self._cached is None or self._cached.expires_on < self._soon():
                self._cached = self._sign_in(seen)
            return self._cached.token

    def replace(self, refused: str, *, claims: str | None = None) -> str:
        """Return a token other than the refused one. The first thread that calls this signs in for all.

        Without claims, a new credential signs in, because the cache of the old one holds the refused token.

        Raises:
            ConfigurationError: signing in failed; the message is azure-identity's own, redacted.
            SignInInterruptedError: the sign-in got no answer.
        """
        seen = self._attempts
        with self._lock:
            # The Azure CLI may return the refused token again. Then one thread has tried for all that wait.
            replaced = self._cached and (self._cached.token != refused or self._attempts > seen)
            if not self._cached or not replaced:
                if claims is None:
                    self._credential = None
                self._cached = None
                self._cached = self._sign_in(seen, claims)
            return self._cached.token

    def _soon(self) -> float:
        return self._clock.now().timestamp() + _REFRESH_SECONDS

    def _sign_in(self, seen: int, claims: str | None = None) -> AccessToken:
        """Sign in, unless another thread has failed to do so since `seen` attempts had ended."""
        if self._error is not None and self._attempts > seen:
            # A copy, because each thread adds its own traceback.
            raise type(self._error)(*self._error.args) from self._error
        self._error = None
        try:
            return self._request_token(claims)
        except (ConfigurationError, SignInInterruptedError) as error:
            self._error = error
            raise
        finally:
            self._attempts += 1

    def _request_token(self, claims: str | None) -> AccessToken:
        # Lazy: importing azure-identity takes half a second, and a preview without a request does not need
        # it.
        from azure.core.exceptions import (  # noqa: PLC0415 - see above.
            AzureError,
            ServiceRequestError,
            ServiceResponseError,
        )

        try:
            if self._credential is None:
                self._credential = self._make_credential()
            # enable_cae: ARM may then revoke the token at once, and announces that with a claims challenge.
            return self._credential.get_token(self._scope, claims=claims, enable_cae=True)
        except (ServiceRequestError, ServiceResponseError, oidc.IssuerUnreachableError) as error:
            raise SignInInterruptedError(join_sentences(f"{self._failure}: {self._reason(error)}")) from error
        except ConfigurationError as error:  # From an assertion.
            failure = f"{self._failure}: {self._reason(error)}"
            raise ConfigurationError(join_sentences(failure, self._hint)) from error
        # A setting that cannot be used is a ValueError, and a file that cannot be read an OSError.
        except (AzureError, OSError, ValueError) as error:
            reason = self._reason(error)
            failure = f"{self._failure}: {reason}"
            raise ConfigurationError(join_sentences(failure, _find_advice(reason), self._hint)) from error

    def _reason(self, error: Exception) -> str:
        return redact(str(error), self._secrets, limit=1000) or type(error).__name__


# https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_ADVICE = {
    "AADSTS7000215": "The application has no such client secret: use the secret's value, not its id.",
    "AADSTS7000222": "The client secret has expired: create a new one.",
    "AADSTS700016": "This tenant has no application with this client id.",
    "AADSTS700024": "The OIDC token has expired: use a token file or a request URL, which are renewed.",
    "AADSTS700027": "The certificate does not belong to the application.",
    "AADSTS70021": "No federated credential of the application matches the issuer, subject and audience.",
    "AADSTS700211": "No federated credential of the application matches the issuer.",
    "AADSTS700212": "No federated credential of the application matches the audience.",
    "AADSTS700213": "No federated credential of the application matches the subject.",
    "AADSTS90002": "This tenant does not exist in this cloud.",
}


def _find_advice(text: str) -> str:
    # The longest code first, because some codes are prefixes of others.
    for code in sorted(_ADVICE, key=len, reverse=True):
        if code in text:
            return f" {_ADVICE[code]}"
    return ""

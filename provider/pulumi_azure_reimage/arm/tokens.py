"""What a token source is; the sources themselves are in `auth/`."""

from __future__ import annotations

from typing import Protocol


class SignInInterruptedError(Exception):
    """The sign-in got no answer, so that another attempt may succeed; the text is fit for a message."""


class TokenSource(Protocol):
    """Where the bearer token of a request comes from."""

    def token(self, *, claims: str | None = None) -> str:
        """Return a token; `claims` answers a challenge of Continuous Access Evaluation.

        Raises:
            ConfigurationError: signing in failed.
            SignInInterruptedError: the sign-in got no answer.
        """

    def forget(self) -> None:
        """Drop the cached token, because ARM rejected it."""


class PlaceholderTokenSource:
    """A token for the simulator, which requires one and does not check it. No sign-in happens."""

    def token(self, *, claims: str | None = None) -> str:  # noqa: ARG002 - the protocol's signature.
        """Return the placeholder."""
        return "placeholder-for-the-simulator"

    def forget(self) -> None:
        """Do nothing."""

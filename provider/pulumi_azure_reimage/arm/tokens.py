"""The interface of a token source. The sources are in `auth/`."""

from __future__ import annotations

from typing import Protocol


class SignInInterruptedError(Exception):
    """The sign-in got no answer, so another attempt may succeed. The text can be shown in a message."""


class TokenSource(Protocol):
    """Where the bearer token of a request comes from."""

    def token(self) -> str:
        """Return a token.

        Raises:
            ConfigurationError: signing in failed.
            SignInInterruptedError: the sign-in got no answer.
        """

    def replace(self, refused: str, *, claims: str | None = None) -> str:
        """Return a token other than the one that ARM refused.

        Args:
            refused: The refused token. Threads that share it also share its successor.
            claims: The claims of a challenge of Continuous Access Evaluation.

        Raises:
            ConfigurationError: signing in failed.
            SignInInterruptedError: the sign-in got no answer.
        """


class PlaceholderTokenSource:
    """A token for the simulator, which requires one and does not check it. No sign-in happens."""

    def token(self) -> str:
        """Return the placeholder."""
        return "placeholder-for-the-simulator"

    def replace(self, refused: str, *, claims: str | None = None) -> str:  # noqa: ARG002 - the protocol's.
        """Return the placeholder again."""
        return self.token()

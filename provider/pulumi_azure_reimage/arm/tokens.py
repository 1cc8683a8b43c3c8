"""What a token source is; the sources themselves are in `auth/`."""

from __future__ import annotations

from typing import Protocol


class SignInInterruptedError(Exception):
    """The sign-in got no answer, so that another attempt may succeed; the text is fit for a message."""


class TokenSource(Protocol):
    """Where the bearer token of a request comes from."""

    def token(self) -> str:
        """Return a token.

        Raises:
            ConfigurationError: signing in failed.
            SignInInterruptedError: the sign-in got no answer.
        """

    def replace(self, refused: str, *, claims: str | None = None) -> str:
        """Return another token than the one that ARM has refused.

        Args:
            refused: The token that was refused. Threads that share it share its successor too.
            claims: What answers a challenge of Continuous Access Evaluation.

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

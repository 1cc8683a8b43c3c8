"""The edge to Pulumi's dynamic provider host: what both providers do with inputs and errors."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import ConfigureRequest, ResourceProvider

from ..errors import ReimageError
from ..redact import redact
from .engine_log import engine_log
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Values arrive as plain JSON, unknown ones as fresh objects of a type of Pulumi's own.
Properties = dict[str, Any]

PROVIDER_KEY = "__provider"


class SessionProvider(ResourceProvider):
    """A provider with a session.

    Pulumi pickles the provider object into state, so that a class may have no attributes of its own: the
    session is made in `configure`, which the provider host calls and the program does not.
    """

    # The pickled reference holds no secret; as a secret it would be encrypted anew at every save.
    serialize_as_secret_always = False

    session: Session

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack configuration; nothing is read or contacted before it is needed."""
        self.session = Session(req.config.get, os.environ, engine_log(sys.argv))


def is_unknown(value: object) -> bool:
    """Tell whether a preview does not know the value, or a part of it, yet."""
    return bool(pulumi.contains_unknowns(value))


@contextmanager
def one_line_errors(secrets: tuple[str, ...] = ()) -> Iterator[None]:
    """Let an error end in one line without our secrets and without its causes.

    The host prints the traceback of whatever is raised, and of its causes, in front of our message.
    """
    try:
        yield
    except ReimageError as error:
        # Another object: a context manager gives the one that it met its traceback back.
        plain = type(error).__new__(type(error), *error.args)
        vars(plain).update(vars(error), message=redact(error.message, secrets))
        raise plain from None


def known(value: object) -> str | None:
    """Return a text that is there and known, else None."""
    return value if isinstance(value, str) else None


def outputs(old: Mapping[str, object]) -> Properties:
    """Return outputs that stay as they are; the host adds its own key again."""
    return {key: value for key, value in old.items() if key != PROVIDER_KEY}

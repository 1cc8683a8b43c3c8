"""A request is always answered. An internal error of the simulator is HTTP 500, and never a lost answer."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from ..errors import SimulatorError
from .cut import ConnectionCutError
from .messages import Response, error_response

if TYPE_CHECKING:
    from .messages import Request, RequestHandler


def answer(handler: RequestHandler, request: Request) -> Response:
    """Let `handler` answer a request; 500 if it cannot.

    Raises:
        ConnectionCutError: A script breaks the connection.
    """
    try:
        return handler.handle(request)
    except ConnectionCutError:
        raise
    except SimulatorError as error:
        return _with_length(error_response(500, "SimulatorError", f"The simulator cannot answer: {error}"))
    except Exception:  # noqa: BLE001 - a lost answer would look like a fault that the user requested.
        return internal_error()


def internal_error() -> Response:
    """Return the answer if the simulator itself failed. The traceback goes to stderr."""
    traceback.print_exc()
    return _with_length(
        error_response(
            500,
            "InternalServerError",
            "The simulator made a mistake. The traceback is in its standard error output.",
        )
    )


def _with_length(response: Response) -> Response:
    length = {"content-length": str(len(response.body))}
    return Response(response.status, {**length, **response.headers}, response.body)

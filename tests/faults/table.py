"""The rows of the fault table, and what a case of one says.

`python -m tests.faults` counts which rows and cells have a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import pytest
from _pytest.mark import ParameterSet

from pulumi_azure_reimage.arm.lro import HeaderName
from pulumi_azure_reimage.arm.transport import DEFAULT_LIMITS, TimeLimits
from pulumi_azure_reimage.errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
    OutcomeUnknownError,
    ReimageError,
    RequestRejectedError,
)

from .scene import Scene, Way
from .server import Behaviour


class Row(Enum):
    """What can go wrong."""

    NO_CONNECTION = "no connection: refused, no address, no answer, proxy down"
    TLS = "certificate of an unknown authority or of another host"
    LOST = "hung up, reset or silent after the request; headers cut; not HTTP"
    BODY_CUT = "well-formed headers, then a body that is cut or does not match them"
    DRIP = "a byte at a time"
    TOO_LARGE = "a body without end, a compression bomb, endless headers"
    UNREADABLE = "HTML, empty, cut or other JSON, byte order mark, no status"
    REDIRECT = "a redirect, to another host or in a loop"
    FOREIGN_LINK = "a link to another host, over http, with user info, or relative"
    LINK_SPELLING = "a link without api-version, twice, or very long"
    CLAIMS = "401 with a claims challenge"
    UNAUTHORIZED = "401 without a claims challenge"
    NO_TOKEN = "signing in fails"  # noqa: S105 - a row, not a password.
    REFUSED = "400, 404, 405, 410, 412, 413, 415, 422"
    FORBIDDEN = "403"
    UNKNOWN_OPERATION = "404 for the operation"
    BUSY = "409: another operation is in progress"
    CONFLICT = "409 for another reason"
    REQUEST_TIMEOUT = "408"
    THROTTLED = "429"
    MUCH_LATER = "429, 409 or 503 with a Retry-After of an hour"
    SERVER_ERROR = "500, 502, 503, 504, with and without Retry-After"
    NO_LINK = "202 without a link, 1xx, 206, 299"
    FAILED = "the operation ended Failed"
    CANCELED = "the operation ended Canceled, such as after another one"
    STILL_RUNNING = "still running at the deadline"


ONLY_OF_POLLS = frozenset({Row.UNKNOWN_OPERATION, Row.FAILED, Row.CANCELED, Row.STILL_RUNNING})


class Outcome(Enum):
    """How the client interprets it. All but the good outcomes are errors."""

    ACCEPTED = "the reimage is running, and the URL to poll is known"
    NOT_SENT = "certainly not sent"
    REJECTED = "refused by ARM"
    UNKNOWN = "sent again only if the VM proves that it was not taken, and at most three times in all"
    SUCCEEDED = "the operation succeeded"
    RECONCILED = "the operation no longer shows how it ended, but the VM does"
    FAILED = "the operation failed"
    STILL_RUNNING = "kept for the next run"


ERRORS: Mapping[Outcome, tuple[type[ReimageError], tuple[str, ...]]] = {
    Outcome.NOT_SENT: (ConfigurationError, ("The reimage of web was not sent", "The disk was not touched")),
    Outcome.REJECTED: (RequestRejectedError, ("Azure refused to reimage web", "The disk was not touched.")),
    Outcome.UNKNOWN: (
        OutcomeUnknownError,
        ("The reimage of web may have started", "Nothing more was sent.", "change a trigger", "--replace"),
    ),
    Outcome.FAILED: (
        OperationFailedError,
        (
            "Azure ended the reimage of web with",
            "Data disks were not touched.",
            "next `pulumi up`",
            "--replace",
        ),
    ),
    Outcome.STILL_RUNNING: (OperationStillRunningError, ("next `pulumi up`", "sends nothing")),
}
"""The class of each error, and what its text always says: what is known about the disk, and what to do."""


@dataclass(frozen=True, slots=True)
class Case:
    """What the server does with each POST, or each poll, and how the client interprets it.

    Attributes:
        answers: In their order; the last one is repeated.
        asked: How many POSTs, or polls, reach the server; None if the time limit of each decides it. POSTs
            after a lost answer do not count.
        says: What the text says in addition to what every error of its kind says.
        timeout: How long the client may wait, in seconds.
        link: The stored link, if it is not the server's own; `{elsewhere}` is another server.
        header: Which of ARM's two contracts is used to poll the operation.
        tokens: How many tokens there are for POSTs, or polls, before signing in fails.
    """

    row: Row
    name: str
    answers: tuple[Behaviour, ...]
    outcome: Outcome
    asked: int | None = 1
    says: tuple[str, ...] = ()
    timeout: float = 3600.0
    way: Way = Way.OPEN
    limits: TimeLimits = DEFAULT_LIMITS
    link: str | None = None
    header: HeaderName = "Azure-AsyncOperation"
    tokens: int | None = None

    def play(self, scene: Scene, question: str) -> None:
        """Make the server answer a kind of request as the case says, and signing in fail when it says."""
        scene.arm.on(question, *self.answers)
        if self.tokens is not None:
            scene.tokens.failure = ConfigurationError("Could not sign in to Azure: AADSTS700024 (expired).")
            # A look at the machine comes before a POST.
            scene.tokens.fails_from = self.tokens + (2 if question == "POST" else 1)

    def assert_error(self, error: ReimageError) -> None:
        """Check that an error is the one in the case, and says what it must."""
        kind, words = ERRORS[self.outcome]
        assert type(error) is kind
        assert [word for word in (*words, *self.says) if word not in str(error)] == []

    @property
    def parameter(self) -> ParameterSet:
        """The case as a parameter of a test."""
        return pytest.param(self, id=f"{self.row.name.lower()}: {self.name}")

"""Errors, named by what is known about the disk.

```
ReimageError
├── InvalidInputError            refused here; nothing was sent
├── RefusedError                 the VM, its image, rights or a guard forbid it; nothing was sent
├── UnreadableStateError         state is not what this version wrote; nothing was guessed or sent
├── ConfigurationError           endpoint, credential or subscription cannot be used; nothing was sent
├── RequestRejectedError         ARM answered with an error; the reimage did not start
├── OutcomeUnknownError          the POST was sent and its outcome is not known; it is not sent again
├── OperationFailedError         started, and ended Failed or Canceled
└── OperationStillRunningError   started, and still running when we stopped waiting
```

Each text is one line that says everything. Pulumi prints that line alone, or, where dynamic/engine_errors.py
finds no call of its host, as the last line of a traceback.
"""

from __future__ import annotations

NOTHING_SENT = " Nothing was sent."
"""How the message of an error ends if no request was sent. A caller that says more about that removes it."""


class ReimageError(Exception):
    """Something prevented a reimage from being requested or from ending well.

    Attributes:
        message: What happened to the disk, and what to do next. Never holds a secret or an operation URL.
        code: ARM's error code, such as `OperationNotAllowed`.
        http_status: The HTTP status of ARM's answer.
        request_id: ARM's id of the request that it answered.
        correlation_id: ARM's correlation id, which Azure support asks for.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        """Return `message (code, HTTP 409, request 0c1..., correlation 1f3...)`, as far as known."""
        known = [
            self.code,
            f"HTTP {self.http_status}" if self.http_status else None,
            f"request {self.request_id}" if self.request_id else None,
            f"correlation {self.correlation_id}" if self.correlation_id else None,
        ]
        parts = ", ".join(part for part in known if part)
        return f"{self.message} ({parts})" if parts else self.message


class InvalidInputError(ReimageError):
    """An input was refused before anything was sent.

    Attributes:
        input_name: The input as the program spells it, such as `vm_id`.
    """

    def __init__(self, input_name: str, message: str) -> None:
        super().__init__(message)
        self.input_name = input_name


class RefusedError(ReimageError):
    """The VM, its image, the identity's rights or a guard forbid the reimage. Nothing was sent."""


class UnreadableStateError(ReimageError):
    """State is not what this version wrote. Nothing was guessed from it, and nothing was sent."""


class ConfigurationError(ReimageError):
    """The endpoint, the credential or the subscription cannot be used. Nothing was sent."""


class RequestRejectedError(ReimageError):
    """ARM did not accept the request, so the reimage did not start and the disk is as it was."""


class OutcomeUnknownError(ReimageError):
    """The reimage request was sent, and whether it started could not be determined."""


class OperationFailedError(ReimageError):
    """The operation started and ended badly. The OS disk may be half rebuilt.

    Attributes:
        status: `Failed` or `Canceled`, as ARM reports it.
        disk: What happened to the OS disk, as one word: `untouched`, `doubtful`, `unknown` or `rebuilt`.
    """

    def __init__(
        self,
        message: str,
        *,
        status: str,
        disk: str = "doubtful",
        code: str | None = None,
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(message, code=code, correlation_id=correlation_id)
        self.status = status
        self.disk = disk


class OperationStillRunningError(ReimageError):
    """The operation was still running when the wait ended. The next `pulumi up` resumes the wait."""

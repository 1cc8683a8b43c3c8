"""A dynamic resource that fails as its input says, in each form that the engine has for an error.

The dynamic host imports this module, so it sees the same class as the program.
"""

import sys
from typing import Any

from pulumi import Input, Output, ResourceOptions, dynamic

from pulumi_azure_reimage.dynamic.engine_errors import KeepingError, PendingError, can_keep_outputs
from pulumi_azure_reimage.dynamic.engine_log import engine_log
from pulumi_azure_reimage.dynamic.one_line_errors import OneLineErrors
from pulumi_azure_reimage.errors import RefusedError

MESSAGE = "The disk was not touched, and the key is hunter2."
SHOWN = "The disk was not touched, and the key is [secret]. (Conflict, HTTP 409)"
_SECRET = "hunter2"  # noqa: S105 - what no message may show.


class FailingProvider(dynamic.ResourceProvider):
    """Fails in the method that `told` names, or else counts the runs that continued after a failure."""

    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Fail if told to."""
        self._fail("check", news)
        return dynamic.CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Fail if told to. A failure that was kept is a change."""
        self._fail("diff", _news)
        return dynamic.DiffResult(changes=_olds["told"] != _news["told"] or _olds["progress"] != "ended")

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Fail if told to."""
        self._fail("create", props)
        return dynamic.CreateResult("failing", _ended(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Fail if told to, or else show what the last run kept."""
        self._fail("update", _news)
        return dynamic.UpdateResult({**_ended(_news), "found": _olds["progress"]})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Fail if told to."""
        self._fail("read", props)
        return dynamic.ReadResult(id_, props)

    def _fail(self, method: str, props: dict[str, Any]) -> None:
        told: str = props["told"]
        if not told.startswith(method):
            return
        with OneLineErrors(lambda: [_SECRET]):
            error = RefusedError(MESSAGE, code="Conflict", http_status=409)
            if told.endswith("pending"):
                raise PendingError(error, engine_log(sys.argv).warn)
            if told.endswith("keeping"):
                kept = {**_ended(props), "progress": f"half way, kept: {can_keep_outputs()}"}
                raise KeepingError(error, "failing", kept, props)
            raise error


def _ended(props: dict[str, Any]) -> dict[str, Any]:
    return {"told": props["told"], "progress": "ended", "found": "nothing", "ballast": props["ballast"]}


class Failing(dynamic.Resource, module="test", name="Failing"):
    """A resource that fails as its input says: `update`, `update, pending` or `update, keeping` and so on."""

    progress: Output[str]
    found: Output[str]

    def __init__(
        self,
        name: str,
        told: Input[str],
        ballast: Input[str] = "",
        opts: ResourceOptions | None = None,
    ) -> None:
        """Fail as `told` says. `ballast` adds its size to the state."""
        props = {"told": told, "ballast": ballast, "progress": None, "found": None}
        super().__init__(FailingProvider(), name, props, opts)

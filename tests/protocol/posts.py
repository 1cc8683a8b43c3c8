"""The POST of a reimage, which is answered or refused, loses its answer, or meets a kill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_azure_reimage.arm.client import NotSent
from pulumi_azure_reimage.arm.lro import Link, OutcomeUnknown, Rejected, RetryLater, Started, Succeeded

from .documents import RETRY_AFTER, operation_url, refusal
from .log import note
from .operations import arrive, end
from .violation import Broken, Killed, Violation
from .world import Post, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_azure_reimage.arm.client import RequestIds
    from pulumi_azure_reimage.arm.lro import PostStep

    from .stage import Stage
    from .world import Bounds

# This many seconds after it left, a POST is taken or gone: 2 s for an orphan that has passed its check, and
# the 60 s that ARM gives a resource provider (ARM RPC v1.0, "Client Request Timeout").
GONE_AFTER = 62.0


def connect(stage: Stage) -> None:
    """Choose whether the engine is killed while its host connects, which lives on (seen with CLI 3.259.0)."""
    if stage.world.bounds.kills and stage.choose(["on", "KILLED, the orphan connects"]) != "on":
        stage.gone = stage.quiet = True
        stage.left = stage.world


def send(stage: Stage, ids: RequestIds, body: Mapping[str, object] | None) -> PostStep | NotSent:
    """Choose what becomes of a POST."""
    stage.posts += 1
    post = _checked(stage, ids, body)
    how = stage.choose(_options(stage.world.bounds))
    if how not in {"KILLED before the POST", "not written in 2 s"}:
        note(stage, post.id, "Started")
    if how.startswith("KILLED"):
        _leave(stage, how, post)
        raise Killed
    if how == "the step breaks, a hook repeats it":
        stage.use("retries")
        _put_under_way(stage, post)
        raise Broken
    if how == "answered 200":
        stage.use("dones")
        return _answer_200(stage, post)
    if how != "answered":
        stage.use("faults")
        return _fault(stage, how, post)
    return _answer(stage, post)


def _options(bounds: Bounds) -> list[str]:
    options = ["answered"]
    if bounds.dones:
        options += ["answered 200"]
    if bounds.kills:
        # Seen with CLI 3.259.0: after kill -9 of the CLI, its host process lives on.
        options += ["KILLED before the POST", "KILLED, the orphan sends", "KILLED when Azure has taken it"]
    if bounds.retries:
        options += ["the step breaks, a hook repeats it"]
    if bounds.faults:
        # ARM RPC v1.0: a POST answered with 4xx is not taken. ARM answers 504 after its 60 s in any case.
        options += ["refused (4xx)", "not written in 2 s", "answer lost, not taken", "answer lost, taken"]
        options += ["answer lost, still under way"]
    return options


def _leave(stage: Stage, how: str, post: Post) -> None:
    """Do what becomes of the POST of a killed run."""
    if how == "KILLED, the orphan sends":
        _put_under_way(stage, post)
    if how == "KILLED when Azure has taken it":
        arrive(stage, post)


def _put_under_way(stage: Stage, post: Post) -> None:
    stage.change(flight=(*stage.world.flight, post))


def _fault(stage: Stage, how: str, post: Post) -> PostStep | NotSent:
    match how:
        case "refused (4xx)":
            note(stage, post.id, "Failed", 403)
            return Rejected(refusal(403, "AuthorizationFailed"))
        case "not written in 2 s":
            return NotSent("it could not be written within 2 s", final=True)
        case "answer lost, taken":
            arrive(stage, post)
        case "answer lost, still under way":
            _put_under_way(stage, post)
        case _:
            _lose(stage, post)
    return OutcomeUnknown("no answer came back")


def _lose(stage: Stage, post: Post) -> None:
    """Lose a POST on its way. The log records a timeout, or only that the request began."""
    if stage.world.readable and stage.choose(["ARM notes no end", "ARM notes a 504"]) == "ARM notes a 504":
        note(stage, post.id, "Failed", 504)


def _answer(stage: Stage, post: Post) -> PostStep:
    if not arrive(stage, post):
        return RetryLater(refusal(409, "AnotherOperationInProgress"), RETRY_AFTER)
    return Started(Link(operation_url(len(stage.world.ends)), "Azure-AsyncOperation"), RETRY_AFTER)


def _answer_200(stage: Stage, post: Post) -> PostStep:
    """End the operation before the answer (ARM RPC v1.0: 200 means that it is done)."""
    if not arrive(stage, post):
        return RetryLater(refusal(409, "AnotherOperationInProgress"), RETRY_AFTER)
    end(stage, "well")
    return Succeeded()


def _checked(stage: Stage, ids: RequestIds, body: Mapping[str, object] | None) -> Post:
    """Check the ids and the body of a send, and return the POST. Its ids begin with those of its request."""
    if stage.gone:
        raise Violation("nobody", "the host of a killed run sends")
    id_ = ids.client_request_id
    if id_ in stage.world.ids:
        raise Violation("ids", "an id is used for two sends")
    request, value = stage.decided.get(id_[:-12], (0, ""))
    if not request:
        raise Violation("ids", "the ids of a send do not begin with those of its request")
    if stage.guarded:
        raise Violation("guarded", "a POST although prevent_reimage is set")
    asked = (body or {}).get("exactVersion", version_of(value))
    if stage.wanted not in {"any", value} or asked != version_of(value):
        raise Violation("asked", f"a POST for {value} ({asked}), and the input is {stage.wanted}")
    stage.change(ids=(*stage.world.ids, id_))
    return Post(request, value, stage.world.elapsed + GONE_AFTER, id_)

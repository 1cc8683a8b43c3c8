"""What holds in every row of the fault table, on the wire and in every text."""

import re
from itertools import pairwise

from tests.unit.fakes import IDS
from tests.unit.reimage.steps import REQUEST_ID

from .behaviour import Answer
from .scene import SECRETS, Scene
from .server import Received

_IDS = ("x-ms-client-request-id", "x-ms-correlation-request-id")
# The part of a request's id that the ids of all its sends begin with.
_PREFIX = REQUEST_ID[:24]


def assert_the_wire(scene: Scene) -> None:
    """Check that nothing went elsewhere, and that each request carries a token and the right ids."""
    assert scene.elsewhere.connections == 0
    assert all(request.headers["authorization"].startswith("Bearer ") for request in scene.arm.requests)
    sends = {sent_ids(request) for request in scene.arm.requests if request.question == "POST"}
    # A poll has the ids of the request that it waits for.
    known = {(IDS.client_request_id, IDS.correlation_id), *sends}
    assert all(sent_ids(request) in known for request in scene.arm.requests)
    assert_each_send_has_ids_of_its_own(scene)


def assert_each_send_has_ids_of_its_own(scene: Scene) -> None:
    """Check that no id is used twice, except where another token follows a 401, which nothing processed.

    All ids begin with the id of the request, by which Azure's activity log is searched.
    """
    sends = [
        (sent_ids(request), behaviour)
        for request, behaviour in zip(scene.arm.requests, scene.arm.played, strict=True)
        if request.question == "POST"
    ]
    assert all(id_.startswith(_PREFIX) for ids, _ in sends for id_ in ids)
    followed = [
        ids == ids_before and isinstance(answer, Answer) and answer.status == 401
        for (ids_before, answer), (ids, _) in pairwise(sends)
    ]
    assert len({ids for ids, _ in sends}) == len(sends) - sum(followed)


def sent_ids(request: Received) -> tuple[str, str]:
    """Return the client request id and the correlation id of a request."""
    client, correlation = (request.headers[name] for name in _IDS)
    return client, correlation


def assert_no_secret(text: str) -> None:
    """Check that a text can be shown safely."""
    assert [secret for secret in SECRETS if secret in text] == []
    assert len(text) < 10_000


# Two full stops, a full stop after another mark, two blanks, a blank before a mark, or one of our sentences
# that follows something without a mark.
_UGLY = re.compile(
    r"(?<!\.)\.\.(?!\.)|[!?:;,]\.|  | [.,;:](?= |$)|"
    r"(?<![.!?\u2026:)'\"`/]) (?:Nothing |The next |The disk |The VM |Data disks |To reimage |Check |Run )"
)


def assert_sentences(*texts: str) -> None:
    """Check that each text consists of sentences, even around texts from others."""
    assert [(text, found.group()) for text in texts if (found := _UGLY.search(text))] == []

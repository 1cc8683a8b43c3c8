"""What holds in every row of the fault table, on the wire and in every text."""

from tests.unit.fakes import IDS

from .scene import SECRETS, Scene


def assert_the_wire(scene: Scene) -> None:
    """Check that nothing went elsewhere, and that all requests carry the same id and a token."""
    assert scene.elsewhere.connections == 0
    assert {request.headers["x-ms-client-request-id"] for request in scene.arm.requests} <= {
        IDS.client_request_id
    }
    assert all(request.headers["authorization"].startswith("Bearer ") for request in scene.arm.requests)


def assert_no_secret(text: str) -> None:
    """Check that a text may be shown."""
    assert [secret for secret in SECRETS if secret in text] == []
    assert len(text) < 10_000

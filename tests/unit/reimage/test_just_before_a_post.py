"""What is checked and recorded just before the first byte of a POST is written, and the fence behind it."""

from dataclasses import replace

import httpx
import pytest

from pulumi_azure_reimage.arm.client import ArmClient, NotSent
from pulumi_azure_reimage.arm.transport import ArmTransport, http_client
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.doubt import wait_for_fence
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS, LOOK_SECONDS, Run

from ..fakes import ENDPOINT, POST, Azure, accepted


class Announced(httpx.BaseTransport):
    """A transport that announces each request before it is written, as httpcore does."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, unless a listener stops it."""
        request.extensions["trace"]("http11.send_request_headers.started", {})
        return self._azure.http.handle_request(request)


def announced(azure: Azure, run: Run) -> VmContext:
    """Return the machine behind such a transport."""
    run.begin_update(azure.clock)
    transport = ArmTransport(ENDPOINT, azure.tokens, client=http_client(Announced(azure)))
    return replace(azure.context(), arm=ArmClient(transport, azure.clock, "2024-07-01"), run=run)


@pytest.mark.parametrize("seconds", [0.0, LOOK_SECONDS])
def test_a_post_is_noted_as_the_last_one_that_can_arrive(azure: Azure, seconds: float) -> None:
    """A fence of this host begins again with it."""
    context = announced(azure, Run())
    azure.script((POST, accepted()))
    looked_at = azure.clock.monotonic()
    azure.clock.elapsed += seconds

    assert not isinstance(context.post(None, looked_at), NotSent)
    assert context.last_moment == azure.clock.monotonic()


def test_a_post_on_an_old_look_is_not_written_and_may_be_sent_again(azure: Azure) -> None:
    """The next attempt looks again."""
    context = announced(azure, Run())
    looked_at = azure.clock.monotonic()
    azure.clock.elapsed += LOOK_SECONDS + 0.1

    assert context.post(None, looked_at) == NotSent("the connection was established too late", final=False)
    assert context.last_moment == looked_at


def test_a_post_without_an_engine_is_not_written_and_never_sent_again(azure: Azure) -> None:
    """Its outcome would not be saved."""
    context = announced(azure, Run(engine_is_gone=lambda: "the engine is gone"))

    assert context.post(None, azure.clock.monotonic()) == NotSent("the engine is gone", final=True)


@pytest.mark.parametrize("beginning", ["12345678-1234-1234", "x" * 35])
def test_the_ids_of_a_send_are_36_characters_and_never_the_same(azure: Azure, beginning: str) -> None:
    """They are as long as a GUID, which is the length that servers keep."""
    ids = [azure.context().for_send(beginning).ids for _ in range(2)]

    assert all(found.correlation_id.startswith(beginning) for found in ids)
    assert all(len(found.correlation_id) == 36 for found in ids)
    assert all(found.correlation_id == found.client_request_id for found in ids)
    assert ids[0] != ids[1] or len(beginning) == 35


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.005, 0.0])
def test_a_simulator_may_have_a_shorter_fence(azure: Azure, scale: float) -> None:
    """The whole fence passes, to the last fraction of a second, and the journal has its length."""
    kept: list[tuple[str, object]] = []
    context = replace(
        azure.context(),
        time_scale=scale,
        journal=lambda entry: kept.append((entry.event, entry.facts["seconds"])),
    )

    wait_for_fence(context)

    fence = pytest.approx(FENCE_SECONDS * scale)
    assert azure.clock.elapsed == fence
    assert kept == ([("fence", fence)] if scale else [])


def test_a_fence_that_has_passed_is_no_event(azure: Azure) -> None:
    """Otherwise the journal would report a wait that did not happen."""
    kept: list[object] = []
    run = Run()
    run.begin_update(azure.clock)
    context = replace(azure.context(), run=run, journal=kept.append)
    azure.clock.elapsed += FENCE_SECONDS + 1

    wait_for_fence(context)

    assert (kept, azure.clock.slept, azure.progress) == ([], [], [])

"""The VM that is to be reimaged: its time, and what is said when it cannot be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from pulumi_azure_reimage.errors import ConfigurationError, RequestRejectedError

from ..fakes import LOOK, POST, Reply, accepted, refused, vm_reply

if TYPE_CHECKING:
    from ..fakes import Azure


def test_it_is_called_by_its_name(azure: Azure) -> None:
    """Messages say `web`, not a line of slashes."""
    assert azure.context().name == "web"


@pytest.mark.parametrize(
    ("passed", "seconds", "slept"),
    [
        pytest.param(0.0, 10.0, 10.0, id="there is time"),
        pytest.param(55.0, 10.0, 5.0, id="not so much"),
        pytest.param(60.0, 10.0, 0.0, id="none"),
        pytest.param(99.0, 10.0, 0.0, id="long past"),
    ],
)
def test_a_pause_ends_at_the_deadline(azure: Azure, passed: float, seconds: float, slept: float) -> None:
    """Nobody sleeps past it."""
    context = azure.context(timeout=60.0)
    azure.clock.elapsed += passed

    context.pause(seconds)

    assert azure.clock.slept == [slept]
    assert context.remaining == min(60.0 - passed - slept, 60.0)


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        pytest.param(refused(404, "ResourceNotFound", "It was not found."), "Check vm_id", id="404"),
        pytest.param(
            refused(403, "AuthorizationFailed", "No."), "Microsoft.Compute/virtualMachines/read", id="403"
        ),
        pytest.param(refused(410, "Gone", "No."), "Cannot read VM web: No.", id="another"),
        pytest.param(Reply(200), "Cannot read VM web: Azure's answer is not a virtual machine", id="no VM"),
    ],
)
def test_a_vm_that_arm_does_not_show_is_a_rejection(azure: Azure, reply: Reply, sentence: str) -> None:
    """The message says what to do, and that nothing happened."""
    azure.script((LOOK, reply))

    with pytest.raises(RequestRejectedError) as caught:
        azure.context().look()

    assert sentence in caught.value.message
    assert caught.value.message.endswith("Nothing was sent; no disk was touched.")
    assert caught.value.http_status == reply.status


def test_a_vm_that_cannot_be_reached_is_a_matter_of_configuration(azure: Azure) -> None:
    """No answer, no rejection."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))

    with pytest.raises(ConfigurationError, match=r"no route.*Nothing was sent; no disk was touched\.$"):
        azure.context().look()


def test_signing_in_that_fails_says_that_nothing_was_sent(azure: Azure) -> None:
    """A user who reads it must know about the disk."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")

    with pytest.raises(ConfigurationError, match=r"expired\. Nothing was sent; no disk was touched\.$"):
        azure.context().look()


def test_signing_in_that_fails_at_the_post_says_so_too(azure: Azure) -> None:
    """The look before it may have had the last good token."""
    azure.script((LOOK, vm_reply()))
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")
    azure.tokens.fails_from = 2
    context = azure.context()
    context.look()

    with pytest.raises(
        ConfigurationError, match=r"of web was not sent: .*expired\. The disk was not touched"
    ):
        context.post(None)


def test_a_post_goes_to_this_vm(azure: Azure) -> None:
    """With its ids."""
    azure.script((POST, accepted()))

    azure.context().post({"tempDisk": True})

    assert azure.http.sent[0].headers["x-ms-client-request-id"] == azure.context().ids.client_request_id

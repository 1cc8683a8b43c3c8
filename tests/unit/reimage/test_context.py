"""The VM to reimage: its time limits, and the errors if it cannot be read."""

import httpx
import pytest

from pulumi_azure_reimage.errors import ConfigurationError, RequestRejectedError

from ..fakes import LOOK, POST, Azure, Reply, accepted, refused, vm_reply


def test_it_is_called_by_its_name(azure: Azure) -> None:
    """Messages say `web` and not a long id."""
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
    """No pause goes past it."""
    context = azure.context(timeout=60.0)
    azure.clock.elapsed += passed

    context.pause(seconds)

    assert azure.clock.slept == [slept]
    assert context.remaining == min(60.0 - passed - slept, 60.0)


@pytest.mark.parametrize(
    ("seen", "deadline", "looks", "slept"),
    [
        pytest.param(["done"], None, 1, [], id="at the first look"),
        pytest.param(["no", "no", "done"], None, 3, [10.0, 10.0], id="at a later one"),
        pytest.param(["no"] * 9, None, 4, [10.0, 10.0, 5.0], id="at the deadline with a last look"),
        pytest.param(["no"] * 9, 12.0, 3, [10.0, 2.0], id="at a deadline of its own"),
        pytest.param(["no", "no", "no", "no", "done"], 40.0, 5, [10.0] * 4, id="at a later one of its own"),
        pytest.param(["no"] * 9, -5.0, 1, [], id="past its deadline after one look"),
    ],
)
def test_waiting_ends_when_what_is_seen_is_accepted_or_the_time_is_up(
    azure: Azure, seen: list[str], deadline: float | None, looks: int, slept: list[float]
) -> None:
    """There is at least one look, the last one is returned, and no pause goes past the deadline."""
    context, left = azure.context(timeout=25.0), iter(seen)
    end = None if deadline is None else azure.clock.monotonic() + deadline

    last = context.wait_until(lambda: next(left), lambda word: word == "done", every=10.0, deadline=end)

    assert last == seen[looks - 1]
    assert list(left) == seen[looks:]
    assert azure.clock.slept == slept


def test_what_a_look_raises_ends_the_wait(azure: Azure) -> None:
    """The caller knows which errors pass, so a look that should be repeated returns instead of raising."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")
    context = azure.context()

    with pytest.raises(ConfigurationError, match="expired"):
        context.wait_until(context.read, lambda vm: vm.settled, every=10.0)

    assert azure.clock.slept == []


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        pytest.param(
            refused(404, "ResourceNotFound", "It was not found."),
            "Check `vm_id`. If the VM was deleted",
            id="404",
        ),
        pytest.param(
            refused(403, "AuthorizationFailed", "No."), "Microsoft.Compute/virtualMachines/read", id="403"
        ),
        pytest.param(
            refused(401, "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer."),
            "than that of the VM's subscription. Set `tenantId`.",
            id="401 of another tenant",
        ),
        pytest.param(
            refused(404, "SubscriptionNotFound", "It could not be found."),
            "Check the subscription in `vm_id`.",
            id="404 of a subscription",
        ),
        pytest.param(
            refused(404, "ResourceGroupNotFound", "It could not be found."),
            "Check the resource group in `vm_id`.",
            id="404 of a resource group",
        ),
        pytest.param(
            refused(403, "DenyAssignmentAuthorizationFailed", "No."),
            "A deny assignment forbids it",
            id="denied",
        ),
        pytest.param(refused(410, "Gone", "No."), "Cannot read VM web: No.", id="another"),
        pytest.param(Reply(200), "Cannot read VM web: Azure's answer could not be read: it is", id="no VM"),
    ],
)
def test_a_vm_that_arm_does_not_show_is_a_rejection(azure: Azure, reply: Reply, sentence: str) -> None:
    """The message says what to do and that nothing was sent."""
    azure.http.forever(LOOK, reply)

    with pytest.raises(RequestRejectedError) as caught:
        azure.context().look()

    assert sentence in caught.value.message
    assert caught.value.message.endswith("Nothing was sent; no disk was touched.")
    assert caught.value.http_status == reply.status


def test_a_vm_that_cannot_be_reached_is_a_matter_of_configuration(azure: Azure) -> None:
    """Without an answer there is no rejection."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))

    with pytest.raises(ConfigurationError, match=r"no route.*Nothing was sent; no disk was touched\.$"):
        azure.context().look()


def test_signing_in_that_fails_says_that_nothing_was_sent(azure: Azure) -> None:
    """A user who reads the error must learn about the disk."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")

    with pytest.raises(ConfigurationError, match=r"expired\. Nothing was sent; no disk was touched\.$"):
        azure.context().look()


def test_signing_in_that_fails_at_the_post_says_so_too(azure: Azure) -> None:
    """The look before the POST may have had the last valid token."""
    azure.script((LOOK, vm_reply()))
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")
    azure.tokens.fails_from = 2
    context = azure.context()
    context.look()

    with pytest.raises(
        ConfigurationError, match=r"of web was not sent: .*expired\. The disk was not touched"
    ):
        context.post(None, context.clock.monotonic())


def test_a_post_goes_to_this_vm(azure: Azure) -> None:
    """It has the ids of this context."""
    azure.script((POST, accepted()))

    context = azure.context()
    context.post({"tempDisk": True}, context.clock.monotonic())

    assert azure.http.sent[0].headers["x-ms-client-request-id"] == azure.context().ids.client_request_id

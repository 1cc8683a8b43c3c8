"""A known error of ARM is explained wherever it appears: in a look, a preview, the POST, a poll or a read."""

from collections.abc import Callable

import pytest

from pulumi_azure_reimage.arm.lro import DEFAULT_INTERVAL, Doubt, Inconclusive
from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.reimage.begin import request_baseline, request_reimage
from pulumi_azure_reimage.reimage.doubt import Undecided, watch_after_send
from pulumi_azure_reimage.reimage.preview import preview_reimage
from pulumi_azure_reimage.reimage.request import Request
from pulumi_azure_reimage.reimage.wait import wait_for_reimage

from ..fakes import LINK, LOOK, POLL, POST, Azure, desired, disk, refused, requested, vm_reply
from .steps import LOOK_BEFORE, decide_and_send

# The text is that of Azure/LogicAppsUX#9068, except for the tenants.
TENANT = refused(
    401,
    "InvalidAuthenticationTokenTenant",
    "The access token is from the wrong issuer 'https://sts.windows.net/1/'. It must match the tenant "
    "'https://sts.windows.net/2/' associated with this subscription.",
)
ADVICE = "The identity signed in to a different tenant than that of the VM's subscription. Set `tenantId`."
BASELINE = Request("r-1", "Baseline", (), "a host", LOOK_BEFORE)


def a_baseline(azure: Azure) -> str:
    """Fail at the look of a baseline."""
    azure.http.forever(LOOK, TENANT)
    return _raised(lambda: request_baseline(azure.context()))


def a_preview(azure: Azure) -> str:
    """Fail at the look of a preview."""
    azure.http.forever(LOOK, TENANT)
    return _raised(lambda: preview_reimage(azure.context(), desired(), disk()))


def a_decision(azure: Azure) -> str:
    """Fail at the look of a decision."""
    azure.http.forever(LOOK, TENANT)
    return _raised(lambda: request_reimage(azure.context(), desired(), BASELINE))


def the_post(azure: Azure) -> str:
    """Fail at the POST."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, TENANT)
    return _raised(lambda: decide_and_send(azure.context(), desired()))


def a_lost_answer(azure: Azure) -> str:
    """Fail at the looks after a lost answer."""
    azure.script((LOOK, vm_reply()))
    before = azure.context().read()
    azure.http.forever(LOOK, TENANT)
    found = watch_after_send(azure.context(), before, "x")
    assert isinstance(found, Undecided)
    return found.seen


def a_poll(azure: Azure) -> str:
    """Fail at a poll of the operation."""
    azure.http.forever(POLL, TENANT)
    return _raised(lambda: wait_for_reimage(azure.context(), requested()))


def a_last_poll(azure: Azure) -> str:
    """Fail at the poll at the deadline."""
    azure.http.forever(POLL, TENANT)
    return _raised(lambda: wait_for_reimage(azure.context(timeout=5.0), requested()))


def the_look_afterwards(azure: Azure) -> str:
    """Fail at the look after the operation has ended."""
    azure.http.forever(LOOK, TENANT)
    return _raised(lambda: wait_for_reimage(azure.context(), requested(link=None)))


def _raised(step: Callable[[], object]) -> str:
    with pytest.raises(ReimageError) as caught:
        step()
    return caught.value.message


PLACES = [
    a_baseline,
    a_preview,
    a_decision,
    the_post,
    a_lost_answer,
    a_poll,
    a_last_poll,
    the_look_afterwards,
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_an_error_that_is_known_is_explained(azure: Azure, place: Callable[[Azure], str]) -> None:
    """The error has ARM's own message and says what to do."""
    said = place(azure)

    assert "The access token is from the wrong issuer" in said
    assert ADVICE in said


def test_a_404_of_a_poll_is_about_the_operation_and_gets_no_advice_about_the_vm(azure: Azure) -> None:
    """ARM forgets operations, and then the VM is looked at."""
    azure.http.forever(POLL, refused(404, "NotFound", "No such operation."))

    step = azure.arm.poll(LINK, azure.context().ids)

    assert isinstance(step, Inconclusive)
    assert (step.doubt, step.answer) == (Doubt.GONE, None)
    assert step == Inconclusive(Doubt.GONE, "HTTP 404", DEFAULT_INTERVAL)


def test_a_vm_that_is_being_deleted_is_refused_when_it_is_gone(azure: Azure) -> None:
    """The update waits for the deletion, which can fail. The preview refuses immediately."""
    azure.script((LOOK, vm_reply(state="Deleting")), (LOOK, vm_reply(state="Deleting")))
    azure.http.forever(LOOK, refused(404, "ResourceNotFound", "It is not there."))

    said = _raised(lambda: request_reimage(azure.context(), desired(), BASELINE))

    assert "If the VM was deleted, remove its reimage from the program" in said
    assert azure.http.posts == 0


def test_a_vm_that_is_being_deleted_fails_the_preview(azure: Azure) -> None:
    """The error says what to do."""
    azure.http.forever(LOOK, vm_reply(state="Deleting"))

    said = _raised(lambda: preview_reimage(azure.context(), desired(), disk()))

    assert "The VM is being deleted. Remove it from the program, or create it again." in said

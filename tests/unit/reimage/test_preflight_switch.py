"""`preflight="warn"`: a rule about Azure only warns if a reimage is previewed, decided, sent or repeated."""

from collections.abc import Callable

import pytest

from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.inputs.parameters import DesiredReimage, Guards
from pulumi_azure_reimage.reimage.begin import request_reimage
from pulumi_azure_reimage.reimage.decide import Resolve
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.preview import preview_reimage, preview_repeat, preview_send
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.request import Request
from pulumi_azure_reimage.reimage.send import send_request
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from ..fakes import (
    LOOK,
    PERMISSIONS,
    POLL,
    POST,
    Azure,
    Reply,
    accepted,
    desired,
    disk,
    refused,
    succeeded,
    vm_reply,
)
from .steps import LOOK_BEFORE, decided, finish, taken

WARN = desired(guards=Guards(preflight="warn"))
GUARDED = desired(guards=Guards(preflight="warn", prevent_reimage=True))
DELETES = desired(guards=Guards(preflight="warn", require_delete_option="Delete"))
BUSY = refused(409, "OperationNotAllowed", "Another operation is in progress.")
READER = Reply(body={"value": [{"actions": ["*/read"]}]})
BASELINE = Request("r-1", "Baseline", (), "a host", LOOK_BEFORE)
FAILURE = Failure(Disk.UNTOUCHED, "It broke.", 1, LOOK_BEFORE)
OVERRULED = "With `preflight='warn'`, that is only a warning."
WAY_OUT = "set `preflight='warn'`"


def preview(azure: Azure, reimage: DesiredReimage) -> None:
    """Preview a change."""
    preview_reimage(azure.context(), reimage, disk())


def preview_doubt(azure: Azure, reimage: DesiredReimage) -> None:
    """Preview a request that an earlier run may have sent."""
    context = azure.context()
    preview_send(context, decided(context), reimage, Resolve(LOOK_BEFORE, unsure=False))


def preview_failure(azure: Azure, reimage: DesiredReimage) -> None:
    """Preview a repeat."""
    preview_repeat(azure.context(), reimage, FAILURE)


def decide(azure: Azure, reimage: DesiredReimage) -> None:
    """Decide as ReimageRequest does."""
    request_reimage(azure.context(), reimage, BASELINE)


def send(azure: Azure, reimage: DesiredReimage, *, is_fresh: bool) -> None:
    """Send as ReimageOperation does."""
    context = azure.context()
    context.run.begin_update(context.clock)
    last = None if is_fresh else Operation("r-0", "Taken", Record(disk(), ended_well=True))
    host = None if is_fresh else "another"
    taken(send_request(context, decided(context, host_id=host, earlier=not is_fresh), reimage, last))


def send_first(azure: Azure, reimage: DesiredReimage) -> None:
    """Send the reimage that `reimage_on_create` requests."""
    send(azure, reimage, is_fresh=True)


def resolve_doubt(azure: Azure, reimage: DesiredReimage) -> None:
    """Send the request of an earlier run, behind the fence."""
    send(azure, reimage, is_fresh=False)


def repeat(azure: Azure, reimage: DesiredReimage) -> None:
    """Send a failed reimage again, as ReimageResult does."""
    finish(azure, FAILURE, reimage=reimage)


SENDS = [send_first, resolve_doubt, repeat]
EVERYWHERE = [preview, preview_doubt, preview_failure, decide, *SENDS]
Step = Callable[[Azure, DesiredReimage], None]


@pytest.fixture(autouse=True)
def reader(azure: Azure) -> None:
    """Make the roles of the identity allow only reading."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(PERMISSIONS, READER)
    azure.http.forever(POST, accepted())
    azure.http.forever(POLL, succeeded())


@pytest.mark.parametrize("step", EVERYWHERE)
def test_a_rule_about_azure_only_warns(azure: Azure, step: Step) -> None:
    """Azure itself decides, so a wrong rule never blocks a user."""
    step(azure, WARN)

    said = [text for text in azure.warnings if OVERRULED in text]
    assert len(said) == 1
    assert "The identity may not perform" in said[0]
    assert azure.http.posts == (1 if step in SENDS else 0)


@pytest.mark.parametrize("step", EVERYWHERE)
@pytest.mark.parametrize("reimage", [GUARDED, DELETES], ids=["prevent_reimage", "require_delete_option"])
def test_a_guard_of_the_program_still_refuses(azure: Azure, step: Step, reimage: DesiredReimage) -> None:
    """A guard is the program's own demand, and assumes nothing about Azure."""
    with pytest.raises(ReimageError, match=r"prevent_reimage is true|require_delete_option is") as caught:
        step(azure, reimage)

    assert WAY_OUT not in caught.value.message
    assert azure.http.posts == 0


@pytest.mark.parametrize("step", EVERYWHERE)
def test_a_refusal_about_azure_names_the_way_out(azure: Azure, step: Step) -> None:
    """A user who knows that the rule is wrong can continue."""
    with pytest.raises(ReimageError, match="The identity may not perform") as caught:
        step(azure, desired())

    assert WAY_OUT in caught.value.message
    assert azure.http.posts == 0


def test_a_refusal_by_a_guard_and_by_a_rule_names_the_way_out_of_the_rule(azure: Azure) -> None:
    """The user must deal with both."""
    with pytest.raises(ReimageError) as caught:
        preview(azure, desired(guards=Guards(prevent_reimage=True)))

    assert "prevent_reimage is true." in caught.value.message
    assert WAY_OUT in caught.value.message


def test_what_is_overruled_is_said_once_however_often_the_rules_are_applied(azure: Azure) -> None:
    """After the wait for a busy VM, the rules are applied to it again."""
    azure.script((LOOK, vm_reply()), (POST, BUSY), (LOOK, vm_reply()), (POST, accepted()))

    send_first(azure, WARN)

    assert len([text for text in azure.warnings if OVERRULED in text]) == 1
    assert azure.http.posts == 2


def test_a_rule_that_only_warns_is_not_overruled(azure: Azure) -> None:
    """There is no refusal to overrule, so the send says nothing about it."""
    azure.http.forever(PERMISSIONS, Reply(body={"value": []}))

    send_first(azure, WARN)

    assert azure.warnings == []
    assert azure.http.posts == 1

"""The first step looks at the VM and decides. It sends nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pulumi_azure_reimage.errors import RefusedError, RequestRejectedError
from pulumi_azure_reimage.inputs.parameters import DesiredReimage, Guards
from pulumi_azure_reimage.reimage.begin import request_baseline, request_reimage, with_forecast
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.request import Kind, Request

from ..fakes import LOOK, PERMISSIONS, START, Azure, Reply, desired, disk, refused, vm_reply

LAST = Request("r-1", "Baseline", (), "a host", Look(disk(), ""))
UPDATING = vm_reply(state="Updating")


def test_a_baseline_needs_one_look(azure: Azure) -> None:
    """The look is kept, and nothing is sent."""
    azure.script((LOOK, vm_reply()))

    assert request_baseline(azure.context()).look.disk == disk()
    assert azure.http.posts == 0


def test_a_baseline_of_a_vm_that_does_not_exist_is_refused(azure: Azure) -> None:
    """Nothing is recorded."""
    azure.script((LOOK, refused(404, "ResourceNotFound", "It was not found.")))

    with pytest.raises(RequestRejectedError, match="Check `vm_id`"):
        request_baseline(azure.context())


@pytest.mark.parametrize("guarded", [True, False], ids=["a guard", "the preflight"])
def test_a_disk_that_others_replaced_bypasses_no_refusal(azure: Azure, *, guarded: bool) -> None:
    """Guards and preflight apply as for any other VM."""
    guards = Guards(prevent_reimage=guarded)
    if not guarded:
        azure.http.forever(PERMISSIONS, Reply(body={"value": [{"actions": ["*/read"]}]}))
    azure.script((LOOK, vm_reply("theirs")))

    with pytest.raises(RefusedError):
        request_reimage(azure.context(), desired(guards=guards), LAST)

    assert azure.http.posts == 0


@pytest.mark.parametrize("kind", ["Baseline", "Reimage"])
def test_a_vm_that_this_run_created_again_becomes_a_baseline(azure: Azure, kind: Kind) -> None:
    """Its disk is fresh already, and a message says so."""
    azure.script((LOOK, vm_reply("new", vm="vm-2", created=START)))

    request = request_reimage(azure.context(), desired(), replace(LAST, kind=kind))

    assert (request.kind, request.look.disk) == ("Baseline", disk("new", vm="vm-2"))
    assert "was created by this run, as the requested version" in azure.warnings[0]


@pytest.mark.parametrize(
    ("age", "reimage"),
    [
        pytest.param(timedelta(hours=2), desired(), id="before this run"),
        pytest.param(timedelta(0), desired(exact_version="2.0"), id="another version"),
        pytest.param(None, desired(), id="at an unknown time"),
    ],
)
def test_any_other_vm_that_was_created_again_is_reimaged(
    azure: Azure, age: timedelta | None, reimage: DesiredReimage
) -> None:
    """Its disk may be weeks old, so the reimage is still due."""
    azure.script((LOOK, vm_reply("new", vm="vm-2", created=None if age is None else START - age)))

    request = request_reimage(azure.context(), reimage, LAST)

    assert (request.kind, request.look.disk.vm_unique_id) == ("Reimage", "vm-2")


def test_a_busy_vm_is_guarded_as_it_is_when_it_has_settled(azure: Azure) -> None:
    """The other operation may have changed what a guard checks."""
    azure.script((LOOK, UPDATING), (LOOK, vm_reply(delete_option="Delete")))

    with pytest.raises(RefusedError, match="require_delete_option is Detach"):
        request_reimage(azure.context(), desired(guards=Guards(require_delete_option="Detach")), LAST)

    assert azure.http.posts == 0


def test_a_vm_that_is_current_is_reported_as_current(azure: Azure) -> None:
    """A user who expects a reimage must learn why there is none."""
    azure.script((LOOK, vm_reply()))
    reimage = desired(exact_version="1.0.0", guards=Guards(skip_if_current=True))

    assert request_reimage(azure.context(), reimage, LAST).kind == "Current"
    assert azure.warnings == ["VM web already runs image version 1.0.0, so it is not reimaged."]


FIRST = Request("r-1", "Reimage", (), "a host", Look(disk(), ""))


def test_a_first_request_keeps_why_it_would_be_refused_now(azure: Azure) -> None:
    """With the reason, no hook of the program runs for it."""
    azure.http.forever(LOOK, vm_reply())

    request = with_forecast(azure.context(), desired(guards=Guards(prevent_reimage=True)), FIRST)

    assert request.forecast is not None
    assert "prevent_reimage" in request.forecast
    assert replace(request, forecast=None) == FIRST


@pytest.mark.parametrize("request_", [FIRST, LAST], ids=["a reimage that may be sent", "a baseline"])
def test_any_other_first_request_stays_as_it_is(azure: Azure, request_: Request) -> None:
    """A baseline needs no forecast, so the VM is not read for it."""
    azure.http.forever(LOOK, vm_reply())

    assert with_forecast(azure.context(), desired(), request_) == request_
    assert bool(azure.http.sent) is (request_ is FIRST)

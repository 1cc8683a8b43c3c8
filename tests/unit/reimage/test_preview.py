"""The preview of a reimage says what the update would do, and refuses what the update would refuse."""

from dataclasses import replace

import httpx
import pytest

from pulumi_azure_reimage.arm.virtual_machine import DiskFacts
from pulumi_azure_reimage.errors import ConfigurationError, RefusedError, RequestRejectedError
from pulumi_azure_reimage.inputs.changes import failed
from pulumi_azure_reimage.inputs.parameters import Cause, DesiredReimage, Guards
from pulumi_azure_reimage.reimage.begin import request_reimage
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.preview import preview_reimage
from pulumi_azure_reimage.reimage.request import Request

from ..fakes import (
    LOCKS,
    LOOK,
    PERMISSIONS,
    START,
    SUBSCRIPTION,
    Azure,
    Question,
    Reply,
    desired,
    disk,
    refused,
    vm_reply,
)

BASELINE = Request("r-1", "Baseline", (), "a host", Look(disk(), ""))
UBUNTU = {"publisher": "Canonical", "offer": "ubuntu", "sku": "server", "exactVersion": "1.0.0"}
IMAGE = Question(
    "GET",
    f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westus/publishers/Canonical/artifacttypes/vmimage"
    "/offers/ubuntu/skus/server/versions/2.0",
)
MANAGED_IMAGE = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/images/i"
PROTECTED = Guards(prevent_reimage=True)
UNKNOWN = Cause("triggers.a", "triggers.a not known yet", certain=False)
READER = Reply(body={"value": [{"actions": ["*/read"]}]})


def ubuntu() -> Reply:
    """Return a VM with a marketplace image."""
    return created_from(UBUNTU)


def created_from(reference: dict[str, str]) -> Reply:
    """Return a VM with an `imageReference`."""
    reply = vm_reply()
    body = dict(reply.body)  # type: ignore[call-overload]
    properties = {**body["properties"], "storageProfile": {"osDisk": {}, "imageReference": reference}}
    return replace(reply, body={**body, "location": "westus", "properties": properties})


def preview(azure: Azure, reimage: DesiredReimage) -> None:
    """Preview a reimage of a VM that has only a baseline."""
    preview_reimage(azure.context(), reimage, BASELINE.look.disk, is_baseline=True)


def asked(azure: Azure) -> list[str]:
    """Return the last part of every requested path."""
    return [request.url.path.rpartition("/")[2] for request in azure.http.sent]


@pytest.mark.parametrize(
    ("reimage", "further"),
    [
        pytest.param(desired(), ["permissions", "locks"], id="without a version"),
        pytest.param(desired(exact_version="2.0"), ["permissions", "2.0"], id="with a version"),
        pytest.param(desired(failed("Failed", "x")), ["permissions"], id="again after a failure"),
    ],
)
def test_a_preview_reads_three_times_at_most_and_sends_nothing(
    azure: Azure, reimage: DesiredReimage, further: list[str]
) -> None:
    """It says what will be lost."""
    azure.http.forever(LOOK, ubuntu())
    azure.http.forever(IMAGE, Reply(body={"properties": {}}))

    preview(azure, reimage)

    assert asked(azure) == ["web", *further]
    assert azure.warnings[0].startswith("VM web will be reimaged: ")
    assert azure.http.posts == 0


@pytest.mark.parametrize(
    ("reference", "further", "words"),
    [
        pytest.param({"id": MANAGED_IMAGE}, ["permissions"], "is a managed image", id="a managed image"),
        pytest.param({}, ["permissions", "locks"], "the VM's OS disk has no image", id="no image"),
    ],
)
def test_a_version_of_an_image_without_versions_is_refused_without_a_read(
    azure: Azure, reference: dict[str, str], further: list[str], words: str
) -> None:
    """No message says that something could not be read."""
    azure.http.forever(LOOK, created_from(reference))

    with pytest.raises(RefusedError, match=words):
        preview(azure, desired(exact_version="2.0"))

    assert asked(azure) == ["web", *further]
    assert not any("could not be read" in said for said in azure.warnings)


def test_the_update_reads_the_vm_again_and_not_what_was_just_read(azure: Azure) -> None:
    """The diff of an update reads it just before."""
    azure.http.forever(LOOK, vm_reply())

    preview(azure, desired())
    request_reimage(azure.context(), desired(), BASELINE)
    azure.clock.elapsed += 61
    request_reimage(azure.context(), desired(), BASELINE)

    first = ["web", "permissions", "locks"]
    assert asked(azure) == [*first, "web", *first]


@pytest.mark.parametrize(
    ("now", "reimage", "words"),
    [
        pytest.param(
            vm_reply("new", vm="vm-2", created=START),
            desired(),
            "was created by this run. The update records a new baseline",
            id="new VM",
        ),
        pytest.param(
            vm_reply(),
            desired(exact_version="1.0.0", guards=Guards(skip_if_current=True)),
            "already runs image version 1.0.0 (skip_if_current), so it is not reimaged "
            "(triggers.image changed)",
            id="current",
        ),
    ],
)
def test_a_preview_says_that_nothing_will_be_sent(
    azure: Azure, now: Reply, reimage: DesiredReimage, words: str
) -> None:
    """No guard can refuse that."""
    azure.http.forever(LOOK, now)
    protected = replace(reimage, guards=replace(reimage.guards, prevent_reimage=True))

    preview(azure, protected)
    record = request_reimage(azure.context(), protected, BASELINE)

    assert words in azure.warnings[0]
    assert azure.http.posts == 0
    assert record.kind in {"Baseline", "Current"}


def test_a_disk_that_others_replaced_is_reported_in_the_same_words_as_by_the_update(azure: Azure) -> None:
    """The preview then says what will be lost, because the reimage is still sent."""
    azure.http.forever(LOOK, vm_reply("theirs"))

    preview(azure, desired())
    by_the_preview = list(azure.warnings)
    azure.warnings.clear()
    request_reimage(azure.context(), desired(), BASELINE)

    assert azure.warnings == [by_the_preview[0]]
    assert "The disk was old, and is now theirs." in by_the_preview[0]
    assert by_the_preview[1].startswith("VM web will be reimaged: triggers.image changed.")
    assert azure.http.posts == 0


def test_a_vm_that_is_current_is_decided_without_a_reimage(azure: Azure) -> None:
    """The causes of the last reimage are kept."""
    azure.http.forever(LOOK, vm_reply())
    current = desired(exact_version="1.0.0", guards=Guards(skip_if_current=True))

    again = request_reimage(
        azure.context(), current, replace(BASELINE, causes=(Cause("triggers.a", "triggers.a changed"),))
    )
    first = request_reimage(azure.context(), current, None)

    assert (again.kind, [str(cause) for cause in again.causes]) == ("Current", ["triggers.a changed"])
    assert (first.kind, first.causes) == ("Current", ())


@pytest.mark.parametrize(
    ("question", "answer", "reimage", "words"),
    [
        pytest.param(PERMISSIONS, READER, desired(), "The identity may not perform", id="role"),
        pytest.param(
            LOCKS,
            Reply(
                body={
                    "value": [
                        {
                            "id": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/locks/x",
                            "properties": {"level": "ReadOnly"},
                        }
                    ]
                }
            ),
            desired(),
            "A ReadOnly lock refuses every action",
            id="lock",
        ),
        pytest.param(
            IMAGE, refused(404, "NotFound"), desired(exact_version="2.0"), "does not exist", id="version"
        ),
        pytest.param(
            IMAGE,
            refused(404, "ImageVersionDeprecated"),
            desired(exact_version="2.0"),
            "its publisher has deprecated 2.0",
            id="deprecated",
        ),
        pytest.param(LOOK, ubuntu(), desired(guards=PROTECTED), "prevent_reimage is true", id="guard"),
    ],
)
def test_what_a_preview_refuses_an_update_refuses_too(
    azure: Azure, question: Question, answer: Reply, reimage: DesiredReimage, words: str
) -> None:
    """Something may have changed since the preview. Nothing is sent."""
    azure.http.forever(LOOK, ubuntu())
    azure.http.forever(question, answer)

    with pytest.raises(RefusedError, match=words) as in_preview:
        preview(azure, reimage)
    with pytest.raises(RefusedError) as in_update:
        request_reimage(azure.context(), reimage, BASELINE)

    assert str(in_preview.value) == str(in_update.value)
    assert str(in_update.value).endswith("Nothing was sent; no disk was touched.")
    assert azure.http.posts == 0


def test_as_long_as_a_value_is_not_known_what_would_be_refused_is_a_warning(azure: Azure) -> None:
    """The value may turn out to be unchanged."""
    azure.http.forever(LOOK, vm_reply())

    preview(azure, desired(UNKNOWN, guards=PROTECTED))

    assert azure.warnings[0].startswith("VM web may be reimaged: triggers.a not known yet.")
    assert "If it is to be reimaged, this will be refused. prevent_reimage is true." in azure.warnings[1]


PASSING = [
    pytest.param(refused(503, "ServerBusy", "Later."), id="503"),
    pytest.param(refused(429, "TooManyRequests", "Too many."), id="429"),
    pytest.param(refused(408, "RequestTimeout", "Too slow."), id="408"),
    pytest.param(Reply(200, b"<html>"), id="a page of a proxy"),
    pytest.param(httpx.ConnectError("Nobody listens."), id="unreachable"),
    pytest.param(httpx.ReadTimeout("Silence."), id="silent"),
]
CERTAIN = [
    pytest.param(
        refused(404, "ResourceNotFound", "It is not there."), "If the VM was deleted, remove", id="VM"
    ),
    pytest.param(
        refused(404, "ResourceGroupNotFound", "It is not there."), "Check the resource group", id="group"
    ),
    pytest.param(
        refused(404, "SubscriptionNotFound", "It is not there."), "Check the subscription", id="subscription"
    ),
    pytest.param(
        refused(401, "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer."),
        "Set `tenantId`.",
        id="tenant",
    ),
    pytest.param(
        refused(401, "InvalidAuthenticationToken", "No."), "A new token was refused too", id="token"
    ),
    pytest.param(
        refused(403, "AuthorizationFailed", "No."), "Microsoft.Compute/virtualMachines/read and", id="right"
    ),
    pytest.param(
        refused(403, "DenyAssignmentAuthorizationFailed", "No."), "A deny assignment forbids", id="denied"
    ),
    pytest.param(refused(403, "RequestDisallowedByPolicy", "No."), "An Azure Policy forbids it", id="policy"),
    pytest.param(
        refused(409, "ReadOnlyDisabledSubscription", "No."), "The subscription is disabled", id="disabled"
    ),
    pytest.param(
        refused(400, "NoRegisteredProviderFound", "No."), "Set `azure-reimage:apiVersion`", id="api-version"
    ),
]


@pytest.mark.parametrize("failure", PASSING)
def test_a_vm_that_cannot_be_looked_at_for_the_moment_is_previewed_from_state(
    azure: Azure, failure: Reply | Exception
) -> None:
    """A temporary fault is no reason to stop a pipeline. The update looks again."""
    azure.http.forever(LOOK, failure)

    preview(azure, desired())

    assert azure.warnings[0].startswith(
        "VM web cannot be read, so what follows is what the last run knew about it: "
    )
    assert "VM web will be reimaged: triggers.image changed." in azure.warnings[1]
    assert "deleteOption Detach" in azure.warnings[1]


@pytest.mark.parametrize(("failure", "words"), CERTAIN)
def test_a_vm_that_azure_does_not_show_fails_the_preview(azure: Azure, failure: Reply, words: str) -> None:
    """It fails before another machine of the program is touched, as the update would."""
    azure.http.forever(LOOK, failure)

    with pytest.raises(RefusedError, match="because it cannot be read") as in_preview:
        preview(azure, desired())
    with pytest.raises(RequestRejectedError) as in_update:
        request_reimage(azure.context(), desired(), BASELINE)

    for said in (in_preview.value.message, in_update.value.message):
        assert words in said
        assert said.endswith("Nothing was sent; no disk was touched.")
    assert "set `preflight='warn'`, and its preview only warns" in in_preview.value.message
    assert azure.http.posts == 0


def test_a_sign_in_that_fails_fails_the_preview(azure: Azure) -> None:
    """It would fail the update as well. A sign-in without a connection is a temporary fault."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")

    with pytest.raises(
        RefusedError, match=r"because it cannot be read: Could not sign in to Azure: expired\."
    ):
        preview(azure, desired())


@pytest.mark.parametrize(
    "reimage",
    [
        pytest.param(desired(guards=Guards(preflight="warn")), id="preflight is warn"),
        pytest.param(desired(UNKNOWN), id="it may turn out to be no change"),
    ],
)
def test_a_vm_that_this_run_creates_can_be_previewed_without_it(
    azure: Azure, reimage: DesiredReimage
) -> None:
    """If the program contains the id itself, it is known before its VM exists."""
    azure.http.forever(LOOK, refused(404, "ResourceNotFound", "It is not there."))

    preview(azure, reimage)

    assert "VM web cannot be read" in azure.warnings[0]
    assert azure.http.posts == 0


def test_a_guard_refuses_a_vm_that_cannot_be_looked_at(azure: Azure) -> None:
    """The guard does not depend on the VM."""
    azure.http.forever(LOOK, refused(403, "AuthorizationFailed"))

    with pytest.raises(RefusedError, match="prevent_reimage is true"):
        preview_reimage(azure.context(), desired(guards=PROTECTED), None)


def test_what_the_role_does_not_let_us_read_is_a_warning(azure: Azure) -> None:
    """The reimage continues, and Azure itself decides."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(PERMISSIONS, refused(403, "AuthorizationFailed", "Not you."))
    azure.http.forever(LOCKS, refused(403, "AuthorizationFailed", "Nor here."))

    preview(azure, desired())
    request_reimage(azure.context(), desired(), BASELINE)

    assert (
        "could not be read: the identity's permissions (Not you); the locks on the VM (Nor here)"
        in (azure.warnings[1])
    )
    assert azure.http.posts == 0


def test_a_404_that_is_not_about_the_version_is_a_warning(azure: Azure) -> None:
    """For example, the identity may not see the subscription."""
    azure.http.forever(LOOK, ubuntu())
    azure.http.forever(IMAGE, refused(404, "SubscriptionNotFound", "No such subscription."))

    preview(azure, desired(exact_version="2.0"))

    assert "could not be read: the image version (No such subscription)" in azure.warnings[1]


def test_signing_in_that_fails_after_the_vm_was_read_is_a_warning(azure: Azure) -> None:
    """The token may have expired in between, so the preview shows what it knows."""
    azure.http.forever(LOOK, vm_reply())
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")
    azure.tokens.fails_from = 2

    preview(azure, desired())

    assert (
        "could not be read: the identity's permissions (Could not sign in to Azure: expired)"
        in (azure.warnings[1])
    )


@pytest.mark.parametrize(
    ("known", "is_baseline", "is_reported"),
    [
        pytest.param(disk("another"), True, True, id="a baseline"),
        pytest.param(disk("another"), False, False, id="the VM before our own reimage"),
        pytest.param(disk("old"), True, False, id="the same disk"),
        pytest.param(None, True, False, id="nothing is known"),
        pytest.param(None, False, False, id="a first resource"),
    ],
)
def test_a_disk_that_someone_else_replaced_is_reported_against_a_baseline_only(
    azure: Azure, known: DiskFacts | None, *, is_baseline: bool, is_reported: bool
) -> None:
    """After one of our reimages, the disk is expected to differ from the one before it."""
    azure.http.forever(LOOK, vm_reply())

    preview_reimage(azure.context(), desired(), known, is_baseline=is_baseline)

    assert any("replaced" in warning for warning in azure.warnings) is is_reported

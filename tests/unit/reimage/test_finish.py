"""The third step waits for a first attempt. If that fails, it keeps what happened to the disk."""

import pytest

from pulumi_azure_reimage.errors import (
    OperationStillRunningError,
)
from pulumi_azure_reimage.reimage.finish import Ended
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from ..fakes import (
    LOOK,
    POLL,
    Azure,
    disk,
    ended,
    refused,
    running,
    succeeded,
    vm_reply,
)
from .steps import broken, finish

WAYS_OUT = "To reimage the VM, change a trigger and run `pulumi up`."
NO_REPEAT = "It is not sent again automatically."


# A first attempt


def test_a_reimage_that_ends_well_is_ended(azure: Azure) -> None:
    """Only the result is kept."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))

    found = finish(azure)

    assert isinstance(found, Ended)
    assert (found.result.status, found.result.after) == ("Succeeded", disk("new"))


@pytest.mark.parametrize("code", ["AllocationFailed", "NeverHeardOf"])
def test_a_failure_that_may_be_repeated_is_kept_with_two_looks_that_agree(azure: Azure, code: str) -> None:
    """A single look may be a late view, and the VM would then always seem to have changed."""
    azure.script(
        (POLL, ended("Failed", code)),
        (LOOK, vm_reply("old")),
        (LOOK, vm_reply("new")),
        (LOOK, vm_reply("new")),
    )

    found = broken(finish(azure))

    assert (found.failure.disk, found.failure.attempt, found.failure.sent) == (Disk.IN_DOUBT, 1, None)
    assert found.failure.look is not None
    assert found.failure.look.disk == disk("new")
    assert found.result.status == "Failed"
    assert (
        "The next `pulumi up` requests the reimage again (attempt 2 of 3), unless the VM has changed by then."
        in str(found.error)
    )
    assert azure.clock.slept[-2:] == [30.0, 30.0]


def test_a_vm_that_never_looks_the_same_twice_leaves_no_look_and_nothing_is_repeated(azure: Azure) -> None:
    """The error says so and names both ways out."""
    azure.script((POLL, ended("Failed", "AllocationFailed")))
    azure.script(*[(LOOK, vm_reply(str(number))) for number in range(5)])

    found = broken(finish(azure))

    assert found.failure.look is None
    assert f"The VM could not be looked at reliably after the failure. {NO_REPEAT}" in str(found.error)
    assert WAYS_OUT in str(found.error)


def test_a_vm_that_cannot_be_read_after_a_failure_leaves_no_look(azure: Azure) -> None:
    """The failure itself is still kept."""
    azure.script((POLL, ended("Failed", "AllocationFailed", "There is no room.")), (LOOK, refused(403, "No")))

    found = broken(finish(azure))

    assert found.failure.look is None
    assert "There is no room." in str(found.error)


def test_a_disk_that_was_rebuilt_needs_no_look(azure: Azure) -> None:
    """It is never wiped again automatically."""
    azure.script((POLL, ended("Failed", "OSProvisioningTimedOut")))

    found = broken(finish(azure))

    assert (found.failure.disk, found.failure.look) == (Disk.REBUILT, None)
    assert "The VM is not reimaged again automatically. The next `pulumi up` checks" in str(found.error)


def test_where_the_engine_keeps_nothing_no_repeat_is_promised(azure: Azure) -> None:
    """The next run would not know about the failure."""
    azure.script((POLL, ended("Failed", "AllocationFailed")))

    found = broken(finish(azure, keeps=False))

    assert f"{NO_REPEAT} {WAYS_OUT}" in str(found.error)
    assert "attempt 2" not in str(found.error)
    assert found.failure.look is None


def test_a_first_attempt_that_still_runs_is_waited_for_again(azure: Azure) -> None:
    """For that, the record of ReimageOperation is enough."""
    azure.http.forever(POLL, running())

    with pytest.raises(OperationStillRunningError, match="resumes the wait and sends nothing"):
        finish(azure, timeout=60.0)

"""What an audit of version 0.1.0 saw on the real engine, row by row, and what is promised instead."""

from collections.abc import Mapping

from tests.engine.conftest import NewStack
from tests.engine.stories.failed import BAD_EXTENSION, HALF_BUILT
from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.steps import (
    BOTH_WAYS,
    Calm,
    Change,
    Preview,
    Refresh,
    Set,
    Step,
    Up,
    WithoutKey,
    trigger,
)
from tests.engine.stories.story import Story, replay
from tests.engine.stories.world import Stranger, TimePasses, fault

EPHEMERAL = {"os_disk": "Ephemeral"}
_HOUR, _TWO_DAYS = 3_600.0, 2 * 86_400.0


def play(new_stack: NewStack, *steps: Step, machine: Mapping[str, object] | None = None) -> None:
    """Replay steps after a baseline."""
    replay(Story("a row of the audit", steps, machine=machine or {}), new_stack)


def test_row_1_a_requested_reimage_is_sent_after_the_vm_was_deallocated_started_and_extended(
    new_stack: NewStack,
) -> None:
    """All of that changes the times of the instance view, and none of them decides."""
    acts = (Stranger("deallocate"), Stranger("start"), Stranger("extension"))
    play(new_stack, *acts, trigger("2"), Up(sends=1), Calm())


def test_row_2_a_strangers_reimage_does_not_satisfy_a_requested_version(new_stack: NewStack) -> None:
    """This holds even after a refresh has shown it, and guards still apply."""
    asked = Change({"exact_version": "2.0.0", "prevent_reimage": True})
    guarded = Up(ok=False, says=("prevent_reimage",))
    allowed = Change({"prevent_reimage": None})
    drift = (Stranger("reimage"), Refresh())
    play(new_stack, *drift, asked, guarded, allowed, Up(sends=1), Calm(version="2.0.0"))


def test_row_3_an_answer_that_was_lost_before_a_late_view_is_not_sent_again(new_stack: NewStack) -> None:
    """The VM shows its old disk at first, and the step keeps looking until no view can be late."""
    faults = fault("POST web: drop after send", "reimage web: show late 0.5")
    play(new_stack, faults, trigger("2"), Up(sends=1), Calm())


def test_row_3_a_run_that_was_killed_between_post_and_save_is_not_followed_by_a_second_wipe(
    new_stack: NewStack,
) -> None:
    """A stranger's reimage within the hour before does not change that."""
    killed = Kill(Point.TAKEN, "a decision", sends=1)
    play(new_stack, Stranger("reimage"), trigger("2"), killed, Up(ok=False, says=BOTH_WAYS))


def test_row_4_the_orphaned_host_of_a_killed_cli_sends_nothing(new_stack: NewStack) -> None:
    """It is held just before its POST, the CLI is killed, and the host is released."""
    killed = Kill(Point.DECIDED, "a decision", victim="CLI")
    play(new_stack, trigger("2"), killed, Up(sends=1), Calm())


def test_row_5_preview_and_update_say_the_same_about_a_disk_that_a_stranger_replaced(
    new_stack: NewStack,
) -> None:
    """Both announce the reimage, and neither counts the stranger's reimage."""
    not_counted = "does not count as the requested reimage"
    preview = Preview(says=("VM web will be reimaged", not_counted))
    play(new_stack, Stranger("reimage"), trigger("2"), preview, Up(sends=1, says=(not_counted,)))


def test_row_6_a_reimage_that_failed_two_days_ago_is_requested_again(new_stack: NewStack) -> None:
    """The message of the failure announced that. Its age does not matter."""
    failed = Up(ok=False, sends=1, says=("The next `pulumi up` requests the reimage again",))
    play(new_stack, trigger("2"), HALF_BUILT, failed, TimePasses(_TWO_DAYS), Up(sends=1), Calm())


def test_row_7_an_extension_that_fails_after_each_rebuild_costs_one_wipe_in_four_ups(
    new_stack: NewStack,
) -> None:
    """A disk that the message calls rebuilt is not wiped again without a change."""
    rebuilt = ("The OS disk was rebuilt", *BOTH_WAYS)
    again = Up(ok=False, says=rebuilt)
    play(new_stack, trigger("2"), BAD_EXTENSION, Up(ok=False, sends=1, says=rebuilt), again, again, again)


def test_row_8_an_ephemeral_disk_that_nothing_shows_to_be_reimaged_is_not_called_reimaged(
    new_stack: NewStack,
) -> None:
    """The status of the operation is hidden, the disk is untouched, and the VM is as healthy as before."""
    faults = fault("reimage web: fail InvalidParameter, disk untouched", "poll every web: 400 BadRequest")
    unknown = Up(ok=False, sends=1, says=BOTH_WAYS)
    play(new_stack, faults, trigger("2"), unknown, Up(ok=False, says=BOTH_WAYS), machine=EPHEMERAL)


def test_row_9_a_managed_disk_with_a_hidden_operation_and_a_late_view_is_found_to_be_reimaged(
    new_stack: NewStack,
) -> None:
    """One look is not enough, because the VM shows the end of its reimage later."""
    faults = fault("reimage web: show late 3", "poll every web: 400 BadRequest")
    play(new_stack, faults, trigger("2"), Up(sends=1), Calm())


def test_row_10_a_local_clock_that_is_two_hours_slow_skips_nothing(new_stack: NewStack) -> None:
    """Azure's clock is two hours ahead of ours, and the VM was created again an hour ago by Azure's clock."""
    ahead, created = TimePasses(2 * _HOUR), Stranger("recreate")
    play(new_stack, ahead, created, TimePasses(_HOUR), trigger("2"), Up(sends=1), Calm())


def test_row_11_a_run_whose_state_is_not_saved_in_between_is_refused(new_stack: NewStack) -> None:
    """The dynamic host sees the environment of the CLI."""
    refused = ("PULUMI_SKIP_CHECKPOINTS is set", "Nothing was sent.")
    off, on = Set({"PULUMI_SKIP_CHECKPOINTS": "true"}), Set({"PULUMI_SKIP_CHECKPOINTS": None})
    previews = (Preview(ok=False, says=refused), Up(ok=False, says=refused))
    play(new_stack, off, trigger("2"), *previews, on, Up(sends=1), Calm())


def test_row_12_state_that_does_not_name_its_vm_is_refused(new_stack: NewStack) -> None:
    """A record that cannot be read proves nothing, and the error says how to continue."""
    refused = ("state", "pulumi up --replace")
    play(
        new_stack,
        WithoutKey("vm_unique_id"),
        trigger("2"),
        Preview(ok=False, says=refused),
        Up(ok=False, says=refused),
        Up(leaves_it=True),
        Calm("Baseline"),
    )

"""State of version 0.1.0 is refused by name, and the command that it names leaves each VM as it is."""

import re

from tests.engine.conftest import NewStack
from tests.engine.harness import EngineResult
from tests.engine.old_state import import_old_state
from tests.engine.reimaging import Reimaging

NAMES = ("web", "worker")


def migrated(new_stack: NewStack, *names: str) -> Reimaging:
    """Return a stack in which version 0.1.0 reimaged each machine once."""
    fleet = Reimaging.start(new_stack, {name: {} for name in names})
    imported = import_old_state(fleet, *names)
    assert imported.ok, imported.text
    return fleet


def replaced(result: EngineResult) -> list[str]:
    """Return the URNs in the command that a refusal names, as a shell would read them."""
    return re.findall(r"--replace '([^']+)'", result.text)


def leave(fleet: Reimaging, *refusals: EngineResult) -> EngineResult:
    """Run the command that a refusal names, or one command for what several name."""
    return fleet.stack.up(replace=sorted({urn for refused in refusals for urn in replaced(refused)}))


def test_state_of_version_0_1_0_is_refused_by_name_and_nothing_is_sent(new_stack: NewStack) -> None:
    """Nothing is inferred from it, whether something changed or not."""
    fleet = migrated(new_stack, "web")

    preview = fleet.preview(triggers={"image": "1"})
    update = fleet.up(triggers={"image": "2"})

    for refused in (preview, update):
        assert not refused.ok
        assert "::ReimageOperation (web)" in refused.text.replace("azure-reimage:", "::")
        assert "pulumi up --replace 'urn:pulumi:test::test::azure-reimage:index:" in refused.text
        assert "sends nothing" in refused.text
        assert "Traceback" not in refused.text
    assert fleet.posts == 0


def test_the_command_after_a_refused_preview_leaves_the_vm_as_it_is(new_stack: NewStack) -> None:
    """It records a new baseline. The next `up` has nothing to do, and a change reimages once."""
    fleet = migrated(new_stack, "web")
    refused = fleet.preview(triggers={"image": "2"})

    left = leave(fleet, refused)
    posts_then = fleet.posts
    unchanged = fleet.up()
    changed = fleet.up(triggers={"image": "3"})

    assert left.ok, left.text
    assert posts_then == 0
    assert unchanged.changes == {"same": 5}
    assert changed.ok, changed.text
    assert fleet.posts == 1
    assert fleet.outputs("web")["status"] == "Succeeded"


def test_the_command_after_a_refused_update_leaves_each_vm_as_it_is(new_stack: NewStack) -> None:
    """A refusal names the machines that the run reached, so each run adds some to the command."""
    fleet = migrated(new_stack, *NAMES)

    runs = [fleet.up(triggers={"image": "2"})]
    while not runs[-1].ok and len(runs) <= 3 * len(NAMES):
        runs.append(leave(fleet, *runs))
    unchanged = fleet.up()

    assert runs[-1].ok, runs[-1].text
    assert unchanged.changes == {"same": 9}
    assert fleet.posts == 0


def test_an_upgrade_reimages_nothing_although_reimage_on_create_was_set(new_stack: NewStack) -> None:
    """Its ReimageRequest is new, and has decided a reimage before the old state was refused."""
    fleet = migrated(new_stack, "web")

    refused = fleet.up(triggers={"image": "2"}, reimage_on_create=True)
    fleet.set(reimage_on_create=False)
    left = leave(fleet, refused)
    unchanged = fleet.up()

    assert "Set reimage_on_create to false first." in refused.text
    assert left.ok, left.text
    assert unchanged.changes == {"same": 5}
    assert fleet.posts == 0


def test_a_refresh_refuses_nothing_and_the_next_up_does(new_stack: NewStack) -> None:
    """It reports the disk that the VM has, and the command of the next refusal still works."""
    fleet = migrated(new_stack, "web")

    refreshed = fleet.stack.refresh()
    refused = fleet.preview(triggers={"image": "2"})
    left = leave(fleet, refused)

    assert refreshed.ok, refreshed.text
    assert not refused.ok
    assert "cannot read what is in state" in refused.text
    assert left.ok, left.text
    assert fleet.posts == 0


def test_a_stack_of_version_0_1_0_can_be_destroyed(new_stack: NewStack) -> None:
    """A destroy does not read the old record."""
    fleet = migrated(new_stack, "web")

    destroyed = fleet.stack.destroy()

    assert destroyed.ok, destroyed.text
    assert fleet.posts == 0

"""One of three machines certainly cannot be reimaged: the preview fails before another one is touched.

`pulumi up` as people run it, with its preview, ends there. With `--skip-preview`, the others continue.
"""

from collections.abc import Callable

import pytest

from pulumi_azure_reimage.simulator import Request
from tests.engine.conftest import NewStack
from tests.engine.reimaging import REQUEST, Reimaging, vm_id

NAMES = ("cache", "gone", "web")
NOTHING = "Nothing was sent; no disk was touched."
ISSUER = "The access token is from the wrong issuer 'https://sts.windows.net/1/'."


def remove(fleet: Reimaging) -> None:
    """Delete the VM without the stack's knowledge."""
    fleet.simulator.remove("gone")


def delete(fleet: Reimaging) -> None:
    """Start to delete the VM."""
    url = f"https://management.azure.com{vm_id('gone')}?api-version=2024-07-01"
    answer = fleet.simulator.handle(Request("DELETE", url, {"authorization": "Bearer x"}, b""))
    assert answer.status == 202


def answer(line: str) -> Callable[[Reimaging], None]:
    """Make Azure answer each look at the VM with an error that ARM finds before it looks for the VM."""
    return lambda fleet: fleet.simulator.script(f"GET every gone: {line}")


# how: (what happens to the VM, words of the message and of the advice)
CASES: dict[str, tuple[Callable[[Reimaging], None], tuple[str, ...]]] = {
    "no VM": (remove, ("was not found.", "If the VM was deleted, remove its reimage from the program")),
    "a deletion": (delete, ("The VM is being deleted.", "Remove it from the program")),
    "no resource group": (
        answer("404 ResourceGroupNotFound \"Resource group 'rg' could not be found.\""),
        ("Resource group 'rg' could not be found.", "Check the resource group in `vm_id`."),
    ),
    "no subscription": (
        answer("404 SubscriptionNotFound \"The subscription '1' could not be found.\""),
        ("The subscription '1' could not be found.", "Check the subscription in `vm_id`."),
    ),
    "another tenant": (
        answer(f'401 InvalidAuthenticationTokenTenant "{ISSUER}"'),
        (ISSUER, "than that of the VM's subscription. Set `tenantId`."),
    ),
    "no right": (
        answer('403 AuthorizationFailed "The client does not have authorization."'),
        ("does not have authorization.", "Microsoft.Compute/virtualMachines/read and"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_machine_that_cannot_be_read_stops_the_update_before_another_one_is_touched(
    new_stack: NewStack, case: str
) -> None:
    """The preview fails with the sentence, and `pulumi up` ends with it. Nothing is sent or changed."""
    happens, words = CASES[case]
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES}, seconds=0)
    fleet.simulator.set_operation_seconds("gone", 600)
    happens(fleet)
    before = fleet.stack.resources()

    preview = fleet.preview(triggers={"image": "2"})
    updated = fleet.stack.up_as_people_do()

    for result in (preview, updated):
        assert not result.ok
        assert all(word in result.text for word in (*words, NOTHING)), result.text
    assert fleet.posts == 0
    assert fleet.stack.resources() == before


def test_without_its_preview_the_others_continue_and_the_machine_keeps_its_refusal(
    new_stack: NewStack,
) -> None:
    """The update fails with the same words, which can end other waits. The next one decides again."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES}, seconds=0)
    remove(fleet)
    fleet.set(triggers={"image": "2"})

    updated = fleet.stack.up()
    again = fleet.preview()

    assert not updated.ok
    assert "If the VM was deleted, remove its reimage from the program" in updated.text
    assert NOTHING in updated.text
    assert {post.name for post in fleet.simulator.reimage_requests()} == {"cache", "web"}
    assert fleet.posts == 2
    assert "refusal" in fleet.state(REQUEST, "gone")["outputs"]["request"]
    assert not again.ok
    assert fleet.posts == 2


def test_a_temporary_fault_does_not_stop_a_preview(new_stack: NewStack) -> None:
    """Azure throttles, or is briefly unavailable, and the update looks again."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES}, seconds=0)
    fleet.simulator.script('GET 1-4 web: 503 ServerBusy "Later.", retry-after 0')

    preview = fleet.preview(triggers={"image": "2"})
    updated = fleet.stack.up()

    assert preview.ok, preview.text
    assert "VM web cannot be read, so what follows is what the last run knew about it: Later." in preview.text
    assert updated.ok, updated.text
    assert fleet.posts == 3


def test_a_machine_that_the_same_program_creates_can_be_previewed_with_warn(new_stack: NewStack) -> None:
    """Its id is a literal, so the preview knows it. The update refuses if the VM does not exist by then."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES}, seconds=0)
    remove(fleet)

    refused = fleet.preview(triggers={"image": "2"})
    preview = fleet.preview(preflight="warn")
    updated = fleet.stack.up()

    assert "set `preflight='warn'`, and its preview only warns" in refused.text
    assert preview.ok, preview.text
    assert "VM gone cannot be read" in preview.text
    assert not updated.ok
    assert {post.name for post in fleet.simulator.reimage_requests()} == {"cache", "web"}
    assert fleet.posts == 2

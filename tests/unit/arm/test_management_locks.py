"""Management locks: which of the locks that ARM lists apply to a resource, and what they refuse."""

import pytest

from pulumi_azure_reimage.arm.management_locks import Lock, locks_on

VM = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"


def entry(scope: str, level: str = "ReadOnly") -> dict[str, object]:
    """Return a lock as ARM lists it."""
    path = f"{scope}/providers/Microsoft.Authorization/locks/Keep"
    return {"id": path, "name": "Keep", "properties": {"level": level}}


@pytest.mark.parametrize(
    ("scope", "concerns"),
    [
        (VM, True),
        (VM.upper(), True),
        ("/subscriptions/s/resourceGroups/rg", True),
        ("/subscriptions/s", True),
        (f"{VM}/extensions/x", False),
        (f"{VM}-2", False),
        ("/subscriptions/s/resourceGroups/r", False),
    ],
)
def test_locks_on_a_resource_and_on_its_parents_apply_to_it(scope: str, *, concerns: bool) -> None:
    """ARM also lists the locks on resources below it."""
    found = locks_on({"value": [entry(scope)]}, VM)

    assert found == ((Lock("Keep", "ReadOnly", scope.lower()),) if concerns else ())


@pytest.mark.parametrize(
    ("level", "refuses"), [("ReadOnly", True), ("readonly", True), ("CanNotDelete", False)]
)
def test_only_read_only_refuses_actions(level: str, *, refuses: bool) -> None:
    """A reimage is an action."""
    (lock,) = locks_on({"value": [entry(VM, level)]}, VM)

    assert lock.refuses_actions is refuses


@pytest.mark.parametrize("document", [None, {}, {"value": None}, {"value": [1, {}, {"id": 7}]}])
def test_anything_but_a_lock_is_ignored(document: object) -> None:
    """If a lock is missed here, ARM reports it when the request is sent."""
    assert not any(lock.refuses_actions for lock in locks_on(document, VM))

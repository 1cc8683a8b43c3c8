"""Permissions: roles with wildcards, and the actions that they exclude."""

import pytest

from pulumi_azure_reimage.arm.permissions import READ, REIMAGE, Permissions, Role


@pytest.mark.parametrize(
    ("role", "read", "reimage"),
    [
        (Role(("*",)), True, True),
        (Role(("*/read",)), True, False),
        (Role(("Microsoft.Compute/*",)), True, True),
        (Role(("microsoft.compute/virtualmachines/*/action",)), False, True),
        (Role(("Microsoft.Compute/virtualMachines/*",), ("*/reimage/action",)), True, False),
        (Role((REIMAGE, READ)), True, True),
        (Role(("Microsoft.Compute/virtualMachines",)), False, False),
        (Role(("Microsoft-Compute/virtualMachines/read",)), False, False),
        (Role(()), False, False),
    ],
)
def test_a_role_allows_its_actions_without_those_it_excludes(
    role: Role, *, read: bool, reimage: bool
) -> None:
    """`*` matches anything, and letter case does not matter."""
    assert (role.allows(READ), role.allows(REIMAGE)) == (read, reimage)


def test_one_role_is_enough() -> None:
    """What a role excludes, it excludes only from its own actions."""
    found = Permissions((Role(("*",), ("*/action",)), Role((REIMAGE,))))

    assert found.allow(REIMAGE)
    assert not Permissions(()).allow(REIMAGE)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"value": [{"actions": ["*"], "notActions": ["a"]}]}, Permissions((Role(("*",), ("a",)),))),
        ({"value": [{"actions": ["*", 1]}, "x"]}, Permissions((Role(("*",)),))),
        ({"value": []}, Permissions(())),
        ({"value": [], "nextLink": "https://..."}, Permissions((), complete=False)),
        ({"value": {}}, Permissions((), complete=False)),
        ([], Permissions((), complete=False)),
        (None, Permissions((), complete=False)),
    ],
)
def test_the_readable_parts_of_an_answer_are_read(document: object, expected: Permissions) -> None:
    """Unreadable parts and further pages may allow more."""
    assert Permissions.from_body(document) == expected

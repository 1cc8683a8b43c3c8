"""The rights that the requests need."""

from pulumi_azure_reimage.arm.permissions import READ, REIMAGE
from pulumi_azure_reimage.arm.rights import RIGHTS


def test_two_of_them_are_required() -> None:
    """Everything else makes a preview or an answer better."""
    assert [right.action for right in RIGHTS if right.required] == [READ, REIMAGE]

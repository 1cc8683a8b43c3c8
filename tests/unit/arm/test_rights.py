"""The rights that the requests need."""

from pulumi_azure_reimage.arm.permissions import READ, REIMAGE
from pulumi_azure_reimage.arm.rights import RIGHTS


def test_two_of_them_are_required() -> None:
    """The other rights only improve a preview or a message."""
    assert [right.action for right in RIGHTS if right.required] == [READ, REIMAGE]

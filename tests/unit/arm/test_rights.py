"""The rights that the requests need, and the page that names them."""

import re
from pathlib import Path

from pulumi_azure_reimage.arm.permissions import READ, REIMAGE
from pulumi_azure_reimage.arm.rights import RIGHTS

PAGE = Path(__file__).parents[3] / "docs" / "authentication.md"


def test_the_page_has_each_right_and_what_it_is_good_for() -> None:
    """In the words of the code."""
    rows = re.findall(r"^\| `(Microsoft\.[^`]*)` \| (.*) \|$", PAGE.read_text(), re.MULTILINE)

    assert rows == [(right.action, right.purpose) for right in RIGHTS]


def test_two_of_them_are_required() -> None:
    """Everything else makes a preview or an answer better."""
    assert [right.action for right in RIGHTS if right.required] == [READ, REIMAGE]

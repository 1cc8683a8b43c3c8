"""The README as the package index shows it."""

import re
from importlib.metadata import metadata
from pathlib import Path

from tools.package_readme import for_index

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SOURCE = "https://git.example.com/us/reimage/"


def test_without_an_address_relative_links_become_text() -> None:
    """No address is invented, and no link leads nowhere."""
    text = "[a page](docs/a.md#part), [a site](https://example.com), [a part](#part), ![drawn](a.svg)"

    shown = for_index(text, None, "1.2.0")

    assert shown == "a page, [a site](https://example.com), [a part](#part), drawn"


def test_with_an_address_they_lead_to_the_files_of_the_version() -> None:
    """A link to a page shows the file in that version, and a picture is loaded unchanged."""
    shown = for_index("[a page](docs/a.md#part) ![drawn](a.svg)", SOURCE, "1.2.0")

    base = "https://git.example.com/us/reimage"
    assert shown == f"[a page]({base}/blob/v1.2.0/docs/a.md#part) ![drawn]({base}/raw/v1.2.0/a.svg)"


def test_an_alert_box_becomes_a_paragraph_with_its_word() -> None:
    """The index would show its marker as text."""
    assert for_index("> [!WARNING]\n> It erases.\n", None, "1") == "> **Warning**\n>\n> It erases.\n"


def test_the_installed_package_has_it() -> None:
    """The hook builds it: the first sentence is there, and no relative link is left."""
    description = str(metadata("pulumi-azure-reimage").json["description"])

    assert README.splitlines()[2] in description
    assert re.findall(r"\]\((?!https?:|#)[^)]*\)", description) == []

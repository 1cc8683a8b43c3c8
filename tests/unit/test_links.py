"""The links in the documents: each leads to a file, a folder or a heading that exists, or to the web."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("provider/*.md"),
        *ROOT.glob("examples/*.md"),
        *ROOT.glob(".github/**/*.md"),
    ]
)
LINK = re.compile(r"\]\((?!https?://)(?P<file>[^)#\s]*)(?:#(?P<heading>[^)\s]+))?\)")


def headings(document: Path) -> set[str]:
    """Return the headings of a document as GitHub writes them in URLs."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_repository_has_its_target(document: Path) -> None:
    """Its heading exists, too. Links to the web are not followed, because no test needs a network."""
    dead = list[str]()
    for link in LINK.finditer(document.read_text(encoding="utf-8")):
        target = document.parent / link["file"] if link["file"] else document
        if not target.exists() or (link["heading"] and link["heading"] not in headings(target)):
            dead.append(link[0])

    assert dead == []


def test_every_example_is_in_the_list_of_examples() -> None:
    """It is listed by its folder."""
    text = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    folders = [path.name for path in (ROOT / "examples").iterdir() if path.is_dir()]

    assert [name for name in folders if f"]({name}" not in text and not name.startswith("__")] == []


@pytest.mark.parametrize("name", ["by_date", "cloud_init", "drain", "gallery", "mocked", "password"])
def test_an_example_of_a_common_task_is_short(name: str) -> None:
    """Each of its files has fewer than 40 lines."""
    files = [path for path in (ROOT / "examples" / name).glob("*.py") if path.stem != "load_balancer"]

    assert files
    assert {path.name: lines for path in files if (lines := len(path.read_text().splitlines())) >= 40} == {}

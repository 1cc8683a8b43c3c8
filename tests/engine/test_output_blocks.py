"""The output blocks of the documents are real: each is compared with what the engine prints."""

import re
from pathlib import Path

from tests.fenced import blocks_of
from tools.quickstart import table

from .conftest import NewStack
from .harness import EngineResult
from .reimaging import Reimaging

ROOT = Path(__file__).parents[2]


def block_with(page: str, words: str) -> str:
    """Return the output block of a page that has these words, joined into one line."""
    text = (ROOT / page).read_text(encoding="utf-8")
    (block,) = [block.text for block in blocks_of(text) if words in block.text]
    return " ".join(block.split())


def assert_shown(promised: str, preview: EngineResult) -> None:
    """Check that a preview has each message of a block."""
    shown = [" ".join(said.message.split()) for said in preview.diagnostics]
    assert preview.ok, preview.text
    for part in re.split(r"(?<=changed\.) |(?<=reimaged\.) ", promised):
        assert any(part in message for message in shown), part


def test_the_preview_of_the_readme_is_a_real_one(new_stack: NewStack) -> None:
    """It has three machines with managed OS disks, one of which gets another image."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "cache": {}, "worker": {}})
    fleet.inputs["web"]["triggers"] = {"image": "2"}

    preview = fleet.stack.preview()

    promised = block_with("README.md", "will be reimaged")
    assert "of 3 machines" in promised
    assert_shown(promised, preview)


def test_the_preview_of_a_fleet_on_its_page_is_a_real_one(new_stack: NewStack) -> None:
    """It has five machines, four of which get another image and another version."""
    names = ("web", "web-2", "web-3", "web-4", "cache")
    fleet = Reimaging.with_baseline(new_stack, {name: {"image_version": "1.0.0"} for name in names})
    for name in names[:-1]:
        fleet.inputs[name] |= {"triggers": {"image": "2"}, "exact_version": "1.1.0"}

    preview = fleet.stack.preview()

    for words in ("VM web will be reimaged", "of 5 machines"):
        assert_shown(block_with("docs/preview-and-guards.md", words), preview)


def test_the_table_of_the_quick_start_has_the_columns_of_the_quick_start() -> None:
    """Its values are those of one run."""
    (heads,) = table({}, {})

    assert block_with("README.md", "OS disk before").startswith(" ".join(heads.split()))

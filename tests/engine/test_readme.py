"""The output blocks of the README are real: each is compared with what the engine prints."""

import re
from pathlib import Path

from tools.quickstart import table

from .conftest import NewStack
from .reimaging import Reimaging

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def block_with(words: str) -> str:
    """Return the output block that has these words, joined into one line."""
    blocks = re.findall(r"^```(?:\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    (block,) = [block for block in blocks if words in block]
    return " ".join(block.split())


def test_the_preview_is_a_real_one(new_stack: NewStack) -> None:
    """Three machines with managed OS disks, of which one has another image."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "cache": {}, "worker": {}})
    fleet.inputs["web"]["triggers"] = {"image": "2"}

    preview = fleet.stack.preview()

    shown = [" ".join(said.message.split()) for said in preview.diagnostics]
    promised = block_with("will be reimaged")
    assert preview.ok, preview.text
    assert "of 3 machines" in promised
    for part in re.split(r"(?<=changed\.) |(?<=reimaged\.) ", promised):
        assert any(part in message for message in shown), part


def test_the_table_of_the_quick_start_has_the_columns_of_the_quick_start() -> None:
    """Its values are those of one run."""
    (heads,) = table({}, {})

    assert block_with("OS disk before").startswith(" ".join(heads.split()))

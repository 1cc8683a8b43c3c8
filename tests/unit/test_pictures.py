"""The pictures in the documents: each is made from the text beside it."""

import hashlib
from pathlib import Path

from tools.pictures import PICTURES, stale

TEXT = "a -> b\n"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
MADE = f"<svg/>\n<!-- made from sha256 {DIGEST} -->\n"


def test_every_picture_is_made_from_its_text() -> None:
    """`make pictures` draws them again."""
    assert stale(PICTURES) == []
    assert len(list(PICTURES.glob("*.svg"))) == len(list(PICTURES.glob("*.d2"))) > 0


def test_a_picture_of_another_text_or_none_is_stale(tmp_path: Path) -> None:
    """So is one that was drawn by hand."""
    for name, text, drawn in (
        ("good", TEXT, MADE),
        ("other", "another -> text\n", MADE),
        ("by_hand", TEXT, "<svg/>"),
    ):
        (tmp_path / f"{name}.d2").write_text(text)
        (tmp_path / f"{name}.svg").write_text(drawn)
    (tmp_path / "none.d2").write_text(TEXT)

    assert stale(tmp_path) == ["by_hand.d2", "none.d2", "other.d2"]


def test_no_picture_loads_anything() -> None:
    """A document must not contact another server when it is read."""
    for picture in PICTURES.glob("*.svg"):
        text = picture.read_text("utf-8")
        assert "<script" not in text
        assert 'href="http' not in text
        assert "@import" not in text

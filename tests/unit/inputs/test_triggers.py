"""Triggers: what is equal, what changed, and the hash of files."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import os
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.triggers import TriggerChange, canonical, changed_keys, hash_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HIDDEN = "hunter2-and-more"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, id="order of keys"),
        pytest.param({"x": {"a": 1, "b": 2}}, {"x": {"b": 2, "a": 1}}, id="order of nested keys"),
        pytest.param(1, 1.0, id="whole number as a float"),
        pytest.param([1, [2]], (1.0, (2,)), id="tuples and lists"),
        pytest.param(0, -0.0, id="negative zero"),
        pytest.param(1e3, 1000, id="exponent"),
        pytest.param(2**53 - 1, float(2**53 - 1), id="largest exact integer"),
        pytest.param({"a": None}, {}, id="absent key"),
        pytest.param({"a": {"b": None}}, {"a": {}}, id="absent nested key"),
    ],
)
def test_what_pulumi_does_not_keep_apart_is_equal(one: object, other: object) -> None:
    """A value that went through Pulumi and came back is no change."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(True, 1, id="true and one"),
        pytest.param(False, 0, id="false and zero"),
        pytest.param(False, None, id="false and null"),
        pytest.param("1", 1, id="text and number"),
        pytest.param("", None, id="empty text and null"),
        pytest.param([1, 2], [2, 1], id="order of a list"),
        pytest.param([1], [1, None], id="null in a list"),
        pytest.param([], {}, id="empty list and mapping"),
        pytest.param(0.1, 0.10000000000000002, id="neighbouring floats"),
        pytest.param("é", "e\u0301", id="composed and decomposed text"),
    ],
)
def test_what_differs_in_json_differs(one: object, other: object) -> None:
    """A real change is never missed."""
    assert canonical(one) != canonical(other)


def test_the_canonical_text_is_compact_sorted_ascii_json() -> None:
    """The text is pinned: two versions of the package must agree on it."""
    value = {"b": [1.0, 2.5, True, None], "a": {"é": "\ud800"}}

    assert canonical(value) == r'{"a":{"\u00e9":"\ud800"},"b":[1,2.5,true,null]}'


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(math.nan, "not finite", id="NaN"),
        pytest.param(math.inf, "not finite", id="infinity"),
        pytest.param(-math.inf, "not finite", id="negative infinity"),
        pytest.param(2**53, "write it as text", id="integer that floats do not keep"),
        pytest.param(-(10**400), "write it as text", id="integer beyond floats"),
        pytest.param({1: "x"}, "key that is not text", id="key that is a number"),
        pytest.param([{None: 1}], "key that is not text", id="key that is null"),
        pytest.param({HIDDEN}, "holds a set", id="set"),
        pytest.param(HIDDEN.encode(), "holds a bytes", id="bytes"),
        pytest.param([dt.date(2026, 11, 23)], "holds a date", id="date"),
    ],
)
def test_what_is_not_json_is_refused_by_key_and_without_its_value(value: object, reason: str) -> None:
    """The key says where to look; the value may be a secret."""
    with pytest.raises(InvalidInputError, match=reason) as refusal:
        canonical({"nested": [value, HIDDEN]}, key="image")

    assert refusal.value.input_name == "triggers"
    assert refusal.value.message.startswith("The trigger 'image' cannot be compared: ")
    assert HIDDEN not in refusal.value.message


def test_without_a_key_the_refusal_speaks_of_all_triggers() -> None:
    """The caller compares them all at once."""
    with pytest.raises(InvalidInputError, match=r"^triggers cannot be compared: it holds a set"):
        canonical({"image": set()})


def test_a_value_that_is_nested_without_an_end_is_refused() -> None:
    """A list that holds itself is no JSON and must not exhaust the stack."""
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(InvalidInputError, match="nested too deeply"):
        canonical(endless)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param(None, None, [], id="no triggers"),
        pytest.param({}, None, [], id="none and empty"),
        pytest.param({"a": 1}, {"a": 1.0}, [], id="same"),
        pytest.param({"a": "1"}, {"a": "2"}, ["a changed"], id="changed"),
        pytest.param(None, {"a": 1}, ["a added"], id="added to none"),
        pytest.param({"a": 1}, None, ["a removed"], id="all removed"),
        pytest.param({"a": None}, {"a": 1}, ["a added"], id="null was absent"),
        pytest.param({"a": 1}, {"a": None}, ["a removed"], id="null is absent"),
        pytest.param({"a": None}, {}, [], id="null to absent"),
        pytest.param(
            {"b": 1, "c": 1, "d": 1},
            {"a": 1, "b": 2, "c": 1},
            ["a added", "b changed", "d removed"],
            id="all",
        ),
        pytest.param({"a": 1}, {"a": "unknown"}, ["a not known yet"], id="unknown value"),
        pytest.param({}, {"a": "unknown"}, ["a added"], id="unknown value of a new key"),
        pytest.param({"a": "x"}, {"a": {"b": "unknown"}}, ["a not known yet"], id="unknown inside"),
    ],
)
def test_changes_are_told_by_key(
    old: dict[str, object] | None, new: dict[str, object] | None, changes: list[str]
) -> None:
    """Each line of the table is what a preview says."""
    found = changed_keys(old, new, lambda value: "unknown" in str(value))

    assert [str(change) for change in found] == changes


def test_a_change_never_shows_a_value() -> None:
    """Neither what it was nor what it is."""
    (change,) = changed_keys({"a": HIDDEN}, {"a": HIDDEN + "!"})

    assert change == TriggerChange("a", "changed")
    assert HIDDEN not in repr(change)


def test_a_key_cannot_forge_lines_of_a_message() -> None:
    """Keys come from programs and configuration."""
    assert str(TriggerChange("a\nPulumi: all is well\x1b[2J", "added")) == "a Pulumi: all is well [2J added"


def _write(folder: Path, **contents: bytes | str) -> Path:
    for name, content in contents.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_the_hash_is_pinned(tmp_path: Path) -> None:
    """A new version of the package that hashed otherwise would reimage every machine."""
    _write(tmp_path, a_yaml="one\n", sub__b_yaml=b"two\n")

    assert (
        hash_files("**/*.yaml", base=tmp_path)
        == "sha256:af6be1cddfe02b69dcb91cda6f180e633ae4d785ea58e1d0b1fdc2b1807b0a05"
    )


@pytest.mark.parametrize(
    "patterns",
    [
        ("conf/*.yaml", "conf/sub/*.yaml"),
        ("conf/sub/*.yaml", "conf/*.yaml"),
        ("conf/**/*.yaml",),
        ("conf/**",),
        ("conf",),
        ("conf/",),
        ("./conf/a.yaml", "conf/../conf/sub/b.yaml", "conf/[a]*"),
    ],
)
def test_the_hash_depends_on_the_files_and_not_on_how_they_are_named(
    tmp_path: Path, patterns: tuple[str, ...]
) -> None:
    """Patterns, their order and files matched twice make no difference."""
    _write(tmp_path, conf__a_yaml="one", conf__sub__b_yaml="two")

    assert hash_files(*patterns, base=tmp_path) == hash_files(
        tmp_path / "conf/a.yaml", tmp_path / "conf/sub/b.yaml"
    )


def test_the_hash_does_not_depend_on_where_the_folder_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop and a pipeline check out in different places."""
    here = _write(tmp_path / "here", conf__a_yaml="one", conf__b_yaml="two")
    there = _write(tmp_path / "there/deep", conf__a_yaml="one", conf__b_yaml="two")
    monkeypatch.chdir(here)

    expected = hash_files("conf/*")

    assert hash_files("conf/*", base=there) == expected
    assert hash_files("*", base=there / "conf") == expected
    assert hash_files("../there/deep/conf/*") == expected
    assert hash_files(str(there / "conf" / "*")) == expected


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda folder: _write(folder, a_yaml="other"), id="content"),
        pytest.param(lambda folder: _write(folder, c_yaml=""), id="file added"),
        pytest.param(lambda folder: (folder / "b.yaml").unlink(), id="file removed"),
        pytest.param(lambda folder: (folder / "a.yaml").rename(folder / "c.yaml"), id="file renamed"),
        pytest.param(lambda folder: _write(folder, a_yaml="two", b_yaml="one"), id="contents swapped"),
        pytest.param(lambda folder: _write(folder, a_yaml="onetwo", b_yaml=""), id="content moved"),
    ],
)
def test_the_hash_changes_with_content_and_names(tmp_path: Path, change: Callable[[Path], object]) -> None:
    """What reaches the machine counts."""
    before = hash_files("*", base=_write(tmp_path, a_yaml="one", b_yaml="two"))

    change(tmp_path)

    assert hash_files("*", base=tmp_path) != before


@pytest.mark.parametrize(
    ("content", "same"),
    [
        pytest.param(b"one\r\ntwo\r\n", True, id="Windows"),
        pytest.param(b"one\r\ntwo\n", True, id="mixed"),
        pytest.param(b"one\rtwo\r", False, id="old Mac"),
        pytest.param(b"one\r\r\ntwo\n", False, id="a lone carriage return more"),
        pytest.param(b"one\ntwo\n\r", False, id="a lone carriage return at the end"),
    ],
)
def test_the_line_endings_of_git_on_windows_are_no_change(
    tmp_path: Path,
    content: bytes,
    same: bool,  # noqa: FBT001 - A column of the table.
) -> None:
    """`core.autocrlf` must not wipe a disk."""
    linux = hash_files("a.sh", base=_write(tmp_path / "linux", a_sh=b"one\ntwo\n"))

    assert (hash_files("a.sh", base=_write(tmp_path / "other", a_sh=content)) == linux) is same


def test_a_line_ending_that_two_chunks_share_is_one(tmp_path: Path) -> None:
    """Files are read a mebibyte at a time."""
    text = b"x" * ((1 << 20) - 1)

    windows = hash_files("a", base=_write(tmp_path / "windows", a=text + b"\r\nend"))

    assert windows == hash_files("a", base=_write(tmp_path / "linux", a=text + b"\nend"))


def test_names_that_macos_decomposes_are_no_change(tmp_path: Path) -> None:
    """The same file from a Mac and from Linux."""
    linux = hash_files("*", base=_write(tmp_path / "linux", é="x"))
    mac = tmp_path / "mac"
    mac.mkdir()
    (mac / "e\u0301").write_text("x", encoding="utf-8")

    assert hash_files("*", base=mac) == linux


def test_names_that_begin_with_a_dot_count_only_when_they_are_named(tmp_path: Path) -> None:
    """Editors and version control leave such files behind."""
    _write(tmp_path, a="one")
    before = hash_files("**", base=tmp_path)

    _write(tmp_path, _git__config="x", _DS="x")

    assert hash_files("**", base=tmp_path) == hash_files(tmp_path) == before
    assert hash_files("a", ".DS", base=tmp_path) != before


@pytest.mark.parametrize(
    "pattern", ["missing.yaml", "*.yml", "empty", "empty/**", "", "/nowhere/*", "a\x00b"]
)
def test_a_pattern_that_matches_no_file_is_refused_and_named(tmp_path: Path, pattern: str) -> None:
    """A typo must not become a constant hash."""
    _write(tmp_path, a_yaml="one")
    (tmp_path / "empty").mkdir()

    with pytest.raises(InvalidInputError, match="matches no file") as refusal:
        hash_files("a.yaml", pattern, base=tmp_path)

    assert refusal.value.input_name == "triggers"
    assert repr(pattern.replace("\x00", " ")) in refusal.value.message


def test_no_pattern_at_all_is_refused() -> None:
    """A list that turned out empty must not become a constant hash."""
    with pytest.raises(InvalidInputError, match="at least one"):
        hash_files()


def test_what_is_not_a_regular_file_is_refused(tmp_path: Path) -> None:
    """Reading a pipe would wait without an end."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(InvalidInputError, match="not a regular file"):
        hash_files("pipe", base=tmp_path)


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    """What cannot be read cannot be hashed."""
    (tmp_path / "link").symlink_to("nothing")

    with pytest.raises(InvalidInputError, match="No such file"):
        hash_files("*", base=tmp_path)


def test_every_permutation_of_keys_has_one_canonical_text() -> None:
    """Key order never matters, at any level."""
    items = [("a", 1), ("b", [1, {"z": 1, "y": 2}]), ("c", "x"), ("A", None), ("é", 0.5)]

    texts = {canonical(dict(order)) for order in itertools.permutations(items)}

    assert len(texts) == 1

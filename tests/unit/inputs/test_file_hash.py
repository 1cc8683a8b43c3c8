"""The hash of files as a trigger: what changes it, and what does not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.file_hash import hash_files, hash_named_files


def _write(folder: Path, **contents: bytes | str) -> Path:
    for name, content in contents.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_the_hash_is_pinned(tmp_path: Path) -> None:
    """A new version of the package that hashed differently would reimage every machine."""
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
    """Patterns, their order, and files that match twice make no difference."""
    _write(tmp_path, conf__a_yaml="one", conf__sub__b_yaml="two")

    assert hash_files(*patterns, base=tmp_path) == hash_files(
        tmp_path / "conf/a.yaml", tmp_path / "conf/sub/b.yaml"
    )


def test_the_hash_does_not_depend_on_where_the_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop and a pipeline check out into different folders."""
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
    """These are what reaches the machine."""
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
    """A Mac and Linux have the same file under names of different bytes."""
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
    assert repr(pattern) in refusal.value.message


def test_no_pattern_at_all_is_refused() -> None:
    """A list that turned out empty must not become a constant hash."""
    with pytest.raises(InvalidInputError, match="at least one"):
        hash_files()


def test_what_is_not_a_regular_file_is_refused(tmp_path: Path) -> None:
    """Reading a pipe would wait forever."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(InvalidInputError, match="not a regular file"):
        hash_files("pipe", base=tmp_path)


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    """What cannot be read cannot be hashed."""
    (tmp_path / "link").symlink_to("nothing")

    with pytest.raises(InvalidInputError, match="No such file"):
        hash_files("*", base=tmp_path)


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise its content would be missing from the hash, and could change unnoticed."""
    monkeypatch.chdir(tmp_path)
    for _ in range(20):
        # Together they are longer than a path may be.
        Path("x" * 250).mkdir()
        os.chdir("x" * 250)

    with pytest.raises(InvalidInputError, match=r"^hash_files cannot read all of '\*\*/\*': "):
        hash_files("**/*", base=tmp_path)


@pytest.mark.parametrize("caller", ["hash_files", "trigger_files"])
def test_only_a_function_advises_to_call_it_in_an_apply(caller: str) -> None:
    """An input awaits an Output without help."""
    with pytest.raises(InvalidInputError, match=f"^{caller} was given ") as caught:
        hash_named_files(caller, [1])  # type: ignore[list-item]

    assert ("in its apply" in caught.value.message) == (caller == "hash_files")

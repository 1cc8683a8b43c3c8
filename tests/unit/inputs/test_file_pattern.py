"""Which files a name or a pattern matches. Names come before patterns, and links are followed."""

import os
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.file_hash import hash_files
from pulumi_azure_reimage.inputs.file_pattern import find_files
from tests.unit.output_text import output_in_text


def write(folder: Path, *names: str) -> Path:
    """Write files, each with its name as content."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return folder


def found(folder: Path, pattern: str) -> list[str]:
    """Return the files below the folder that a pattern matches."""
    return [str(file.relative_to(folder)) for file in find_files(folder, pattern)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("[dev]/init.yaml", ["[dev]/init.yaml"], id="a file in a folder with brackets"),
        pytest.param("[dev]", ["[dev]/init.yaml", "[dev]/x[1].sh"], id="a folder with brackets"),
        pytest.param("[dev]/*.yaml", ["[dev]/init.yaml"], id="a pattern in a folder with brackets"),
        pytest.param("[dev]/x[1].sh", ["[dev]/x[1].sh"], id="both with brackets"),
        pytest.param("[dev]/**", ["[dev]/init.yaml", "[dev]/x[1].sh"], id="any depth in it"),
        pytest.param("[abc]/init.yaml", [], id="nothing with that name, nor any match"),
        pytest.param("[d]/init.yaml", ["d/init.yaml"], id="a pattern, because nothing has that name"),
        pytest.param("a*.txt", ["a*.txt"], id="a star in a name"),
        pytest.param("a?.txt", ["a*.txt", "ab.txt"], id="a pattern that matches a star"),
        pytest.param("**", None, id="every file"),
        pytest.param(".hidden", [".hidden"], id="a hidden name"),
        pytest.param(".h*", [".hidden"], id="a hidden pattern"),
        pytest.param("*", None, id="all but hidden ones"),
        pytest.param("d/../ab.txt", ["ab.txt"], id="the parent"),
        pytest.param("ab.txt/*", [], id="below a file"),
        pytest.param("ab.txt/**", [], id="any depth below a file"),
        pytest.param("missing/*", [], id="below nothing"),
    ],
)
def test_a_name_that_exists_is_that_file_and_only_what_does_not_is_a_pattern(
    tmp_path: Path, pattern: str, expected: list[str] | None
) -> None:
    """This is true even if, as a pattern, the name would match another folder."""
    every = ["[dev]/init.yaml", "[dev]/x[1].sh", "a*.txt", "ab.txt", "d/init.yaml", "d/x1.sh"]
    write(tmp_path, *every, ".hidden")

    assert sorted(found(tmp_path, pattern)) == sorted(every if expected is None else expected)


def test_a_pattern_in_a_folder_with_brackets_may_be_absolute(tmp_path: Path) -> None:
    """`Path(__file__).parent` makes such a pattern."""
    folder = write(tmp_path / "[dev]", "a.yaml", "b.yaml")
    write(tmp_path / "d", "other.yaml")

    assert sorted(found(folder, f"{folder}/*.yaml")) == ["a.yaml", "b.yaml"]
    assert hash_files(folder / "*.yaml") == hash_files("*.yaml", base=folder)


# Each link and its target, in a folder `conf` with `a/x` and `b`, next to a folder `out` with `y`.
LINKS: dict[str, tuple[dict[str, str], list[str]]] = {
    "to a file": ({"conf/l": "b"}, ["conf/a/x", "conf/b", "conf/l"]),
    "to a file outside": ({"conf/l": "../out/y"}, ["conf/a/x", "conf/b", "conf/l"]),
    "to a folder outside": ({"conf/l": "../out"}, ["conf/a/x", "conf/b", "conf/l/y"]),
    "to a folder inside": ({"conf/l": "a"}, ["conf/a/x", "conf/b"]),
    "to a folder inside, before it by name": ({"conf/0": "a"}, ["conf/a/x", "conf/b"]),
    "to its own folder": ({"conf/l": "."}, ["conf/a/x", "conf/b"]),
    "to the folder above, from inside": ({"conf/a/l": ".."}, ["conf/a/x", "conf/b"]),
    "to the parent, which holds more": ({"conf/l": ".."}, ["conf/a/x", "conf/b", "conf/l/out/y"]),
    "two in a circle": ({"conf/a/l": "../m", "conf/m/l": "../a"}, ["conf/a/x", "conf/b"]),
    "with another name that is first": ({"conf/a/0": "../m", "conf/m/1": "."}, ["conf/a/x", "conf/b"]),
    "two loops, which double with each level": ({"conf/l": ".", "conf/m": "."}, ["conf/a/x", "conf/b"]),
    "two to one folder": ({"conf/l": "../out", "conf/m": "../out"}, ["conf/a/x", "conf/b", "conf/l/y"]),
    "to a link": ({"conf/m": "l", "conf/l": "../out"}, ["conf/a/x", "conf/b", "conf/l/y"]),
}


def linked(folder: Path, links: dict[str, str]) -> Path:
    """Write the files, and the links."""
    write(folder, "conf/a/x", "conf/b", "out/y")
    for name, target in links.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(target)
    return folder


@pytest.mark.parametrize("pattern", ["conf", "conf/", "conf/**", "**/conf", "conf/../conf"])
@pytest.mark.parametrize(("links", "expected"), LINKS.values(), ids=LINKS)
def test_a_folder_with_links_is_read_once(
    tmp_path: Path, links: dict[str, str], expected: list[str], pattern: str
) -> None:
    """Each real folder is read once, under its own name if it is inside."""
    assert sorted(found(linked(tmp_path, links), pattern)) == expected


@pytest.mark.parametrize("pattern", ["**/x", "**/*", "*/*", "conf/*", "**/**/*", "conf/l/../b"])
@pytest.mark.parametrize("links", [links for links, _ in LINKS.values()], ids=LINKS)
def test_a_pattern_over_links_ends(tmp_path: Path, links: dict[str, str], pattern: str) -> None:
    """It ends even if many paths lead to one file."""
    files = found(linked(tmp_path, links), pattern)

    assert len(files) < 10
    if pattern in ("**/*", "**/**/*"):
        assert {"conf/a/x", "conf/b", "out/y"} <= set(files)


def test_the_parent_of_a_link_is_that_of_what_it_leads_to(tmp_path: Path) -> None:
    """Other programs resolve such a path in the same way."""
    write(tmp_path, "here/file", "there/file", "there/sub/other")
    (tmp_path / "here" / "link").symlink_to("../there/sub")

    (file,) = find_files(tmp_path, "here/link/../file")

    assert file.read_text() == "there/file"


@pytest.mark.parametrize("target", ["missing", "loop", "../missing/file"])
@pytest.mark.parametrize("pattern", ["conf", "conf/*", "conf/loop", "**"])
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, target: str, pattern: str) -> None:
    """Otherwise the hash would silently cover fewer files."""
    write(tmp_path, "conf/a")
    (tmp_path / "conf" / "loop").symlink_to(target)

    with pytest.raises(InvalidInputError, match=r"hash_files cannot read '.*loop': (No such file|Too many)"):
        hash_files(pattern, base=tmp_path)


def test_links_make_no_difference_to_the_hash_of_what_they_lead_to(tmp_path: Path) -> None:
    """A folder with links has the same hash as one with the same files under the same names."""
    write(tmp_path / "links", "conf/a", "out/y")
    (tmp_path / "links" / "conf" / "l").symlink_to("../out")
    write(tmp_path / "plain", "conf/a", "conf/l/y")
    (tmp_path / "plain" / "conf" / "l" / "y").write_text("out/y")

    assert hash_files("conf", base=tmp_path / "links") == hash_files("conf", base=tmp_path / "plain")


def test_a_folder_with_a_pipe_is_refused(tmp_path: Path) -> None:
    """Opening it would wait for a writer."""
    write(tmp_path, "conf/a")
    os.mkfifo(tmp_path / "conf" / "pipe")

    with pytest.raises(InvalidInputError, match=r"conf/pipe': it is not a regular file"):
        hash_files("conf", base=tmp_path)


def test_the_help_text_of_an_output_is_not_a_name() -> None:
    """Otherwise the error would say that no file matches that text."""
    with pytest.raises(InvalidInputError, match=r"hash_files was given a name that holds Pulumi's help text"):
        hash_files(f"conf/{output_in_text()}.yaml")


def test_an_empty_name_is_not_a_folder(tmp_path: Path) -> None:
    """A variable that is not set must not make the hash cover everything."""
    write(tmp_path, "a")

    with pytest.raises(InvalidInputError, match=r"hash_files\(''\) matches no file"):
        hash_files("", base=tmp_path)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a", "a value of the type bytes"),
        (None, "a value of the type NoneType"),
        (["a"], "a list"),
        (1, "a number"),
        (object(), "a value of the type object"),
    ],
)
def test_what_is_no_name_is_refused(name: Any, shown: str) -> None:  # noqa: ANN401 - the type is wrong.
    """An Output is the most common mistake."""
    with pytest.raises(InvalidInputError, match=rf"^hash_files was given {shown}, and needs names of files"):
        hash_files(name)

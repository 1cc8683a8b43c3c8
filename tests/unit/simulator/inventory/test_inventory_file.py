"""The inventory as a file: its encoding, its syntax, and duplicates."""

import json
from pathlib import Path

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator

WEB = '[[machine]]\nname = "web"\n'


def test_the_mark_that_some_editors_put_before_utf_8_is_left_out(tmp_path: Path) -> None:
    """This holds in TOML and JSON."""
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + WEB.encode())
    (tmp_path / "b.json").write_bytes(b"\xef\xbb\xbf" + b'{"machine": [{"name": "web"}]}')

    for name in ("a.toml", "b.json"):
        with Simulator.open(tmp_path / name) as simulator:
            assert [machine.name for machine in simulator.machines()] == ["web"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("m.toml", WEB.encode("utf-16"), "it is UTF-16, so save it as UTF-8"),
        ("m.json", b"\xfe\xff\x00{\x00}", "it is UTF-16, so save it as UTF-8"),
        ("m.toml", b'[[machine]]\nname = "w\xff"', "it is not UTF-8: 'utf-8' codec can't decode byte 0xff"),
        ("m.toml", WEB.encode("utf-16-le"), "(at line 1, column 2)"),
        (
            "m.toml",
            b'[[machine]\nname = "web"',
            "Expected ']]' at the end of an array declaration (at line 1",
        ),
        ("m.toml", b'name = "web"\nname = "web"', "Cannot overwrite a value"),
        ("m.toml", b"x = " + b"[" * 100_000, "it is nested too deeply"),
        ("m.toml", b"seed = " + b"9" * 5_000, "Exceeds the limit (4300 digits)"),
        ("m.json", b"[" * 100_000, "it is nested too deeply"),
        ("m.json", b'{"machine": [],}', "line 1 column 1"),
        ("m.json", b'{"machine": [], "machine": []}', 'the key "machine" is given twice in one object'),
        ("m.json", b"", "Expecting value: line 1 column 1"),
    ],
)
def test_a_file_that_cannot_be_parsed_is_named(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    """No state is left behind."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InventoryError) as raised:
        Simulator.open(tmp_path / name)
    assert str(raised.value).startswith(f"{tmp_path / name}: the inventory cannot be parsed: ")
    assert sentence in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_is_not_an_inventory(tmp_path: Path) -> None:
    """The message is the operating system's."""
    with pytest.raises(InventoryError, match="the inventory cannot be read: Is a directory"):
        Simulator.open(tmp_path)


TWICE = {
    "a machine": (
        '[[machine]]\nname = "web"\n[[machine]]\nname = "WEB"\nresource_group = "SIMULATED"',
        'number 2 ("WEB"): this resource group already has a machine of that name',
    ),
    "an image": (
        '[[image]]\nid = "/images/base"\n[[image]]\nid = "/images/BASE"',
        '[[image]] number 2: the catalogue already has "/images/BASE"',
    ),
    "a version": (
        '[[image]]\nid = "/i"\nversions = ["1.0", { name = "1.0" }]',
        '[[image]] number 1, version 2: "name" repeats the version "1.0"',
    ),
    "a region": (
        '[[image]]\nid = "/i"\nversions = [{ name = "1.0", regions = ["westeurope", "West Europe"] }]',
        'version 1: "regions" repeats the region "West Europe"',
    ),
}


@pytest.mark.parametrize(("text", "sentence"), TWICE.values(), ids=TWICE)
def test_duplicates_are_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """ARM ignores letter case in names."""
    (tmp_path / "machines.toml").write_text(text)

    with pytest.raises(InventoryError) as raised:
        Simulator.open(tmp_path / "machines.toml")
    assert sentence in str(raised.value)


@pytest.mark.parametrize("name", ["a\nb", "x" * 1_000, "", 1, None, ["web"], "\x1b[31m"])
def test_a_refusal_is_one_line_for_any_name(tmp_path: Path, name: object) -> None:
    """The message is read in a terminal."""
    (tmp_path / "machines.json").write_text(json.dumps({"machine": [{"name": name, "a\nb": 1}]}))

    with pytest.raises(InventoryError, match=r'number 1 \("unnamed"\): unknown key "a\\nb"') as raised:
        Simulator.open(tmp_path / "machines.json")
    assert str(raised.value).isprintable()


def test_an_invalid_region_is_refused(tmp_path: Path) -> None:
    """The message names the list that has it."""
    (tmp_path / "m.toml").write_text('[[image]]\nid = "/i"\nversions = [{ name = "1.0", regions = ["x/y"] }]')

    with pytest.raises(InventoryError, match='"regions" has "x/y", which must be the name of a region'):
        Simulator.open(tmp_path / "m.toml")

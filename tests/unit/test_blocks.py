"""The code blocks in the documents: each can be parsed, and names only what exists.

Other tests show what the blocks do, such as those of the quick start, the examples and the previews.
These tests find an input under an old name, an unknown key of a setting, and a command whose module is gone.
They also find a block in a language that they cannot check.
"""

import ast
import inspect
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # It comes with pulumi, without types.

from pulumi_azure_reimage import Provider, VirtualMachineReimage, hash_files
from pulumi_azure_reimage.auth import settings
from pulumi_azure_reimage.plugin.schema_file import schema_text
from pulumi_azure_reimage.simulator import Simulator
from tests.fenced import Block, blocks_of

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("provider/*.md"),
        *ROOT.glob("examples/**/*.md"),
    ]
)
OURS: Mapping[str, Callable[..., object]] = {
    "VirtualMachineReimage": VirtualMachineReimage,
    "Provider": Provider,
    "hash_files": hash_files,
}
SCHEMA = json.loads(schema_text())


@dataclass(frozen=True, slots=True)
class OfPage:
    """A block of a page."""

    page: str
    block: Block

    def __str__(self) -> str:
        """Return where it is."""
        return f"{self.page}:{self.block.line}"


BLOCKS = [
    OfPage(path.relative_to(ROOT).as_posix(), block)
    for path in PAGES
    for block in blocks_of(path.read_text(encoding="utf-8"))
]


def of(*languages: str) -> pytest.MarkDecorator:
    """Run a test for each block in one of these languages."""
    return pytest.mark.parametrize(
        "shown", [shown for shown in BLOCKS if shown.block.language in languages], ids=str
    )


def test_every_block_is_in_a_language_that_is_checked() -> None:
    """A block without a language is output, and HCL belongs to another tool."""
    checked = {"python", "sh", "yaml", "json", "typescript"}

    assert {shown.block.language for shown in BLOCKS} - checked == {"", "hcl"}
    assert {shown.block.language for shown in BLOCKS} >= checked


@of("python")
def test_python_calls_what_exists(shown: OfPage) -> None:
    """It uses inputs, settings and calls of the fixtures that exist."""
    for call in [node for node in ast.walk(ast.parse(shown.block.text)) if isinstance(node, ast.Call)]:
        match call.func:
            case ast.Name(id=name) if name in OURS:
                inspect.signature(OURS[name]).bind_partial(
                    *call.args, **{keyword.arg: None for keyword in call.keywords if keyword.arg}
                )
            case ast.Attribute(value=ast.Name(id="azure_simulator"), attr=name):
                assert callable(getattr(Simulator, name)), name
            case _:
                pass


@of("typescript")
def test_typescript_passes_inputs_that_exist(shown: OfPage) -> None:
    """They have their names in the schema."""
    (inputs,) = re.findall(r"new reimage\.VirtualMachineReimage\(.*?\{(.*)\}\);", shown.block.text, re.DOTALL)
    (resource,) = SCHEMA["resources"].values()

    names = re.findall(r"^    (\w+):", inputs, re.MULTILINE)
    assert names
    assert set(names) <= resource["inputProperties"].keys()


@of("yaml")
def test_yaml_can_be_read_and_declares_what_exists(shown: OfPage) -> None:
    """It declares a resource of the package, and its provider, with inputs from the schema."""
    (resource,) = SCHEMA["resources"].values()
    known = {
        "azure-reimage:VirtualMachineReimage": resource["inputProperties"],
        "pulumi:providers:azure-reimage": SCHEMA["provider"]["inputProperties"],
    }
    declared: Any = yaml.safe_load(shown.block.text)
    resources: dict[str, Any] = declared.get("resources", {}) if isinstance(declared, dict) else {}

    assert declared
    for each in resources.values():
        assert set(each["properties"]) <= known[each["type"]].keys()


@of("json")
def test_json_can_be_read_and_has_the_members_of_its_page(shown: OfPage) -> None:
    """It is a line of a journal, and each of its members is explained below it."""
    page = (ROOT / shown.page).read_text(encoding="utf-8")

    assert [name for name in json.loads(shown.block.text) if f"`{name}`" not in page] == []


@of("sh")
def test_every_command_exists(shown: OfPage) -> None:
    """Its module, folder, file, target or setting exists. A program that is not known here needs a rule."""
    for command in commands(shown.block.text):
        program, *arguments = command
        assert program in PROGRAMS, command
        PROGRAMS[program](arguments)


def commands(text: str) -> Iterator[list[str]]:
    """Yield the commands of a script as words, without redirections and without the variables before them."""
    for line in text.splitlines():
        lexer = shlex.shlex(re.sub(r"\s>\s?\S+", "", line), posix=True, punctuation_chars="&|;")
        lexer.whitespace_split = True
        words = ["&&" if set(word) <= set("&|;") else word for word in lexer]
        while words:
            end = words.index("&&") if "&&" in words else len(words)
            command, words = words[:end], words[end + 1 :]
            yield [word for word in command if not re.match(r"[A-Z_]+=", word)]


def _pulumi(arguments: list[str]) -> None:
    match arguments:
        case ["config", "set", key, *_] if key.startswith("azure-reimage:"):
            assert key in {setting.key for setting in settings.ALL}
        case ["preview", "--policy-pack", folder]:
            assert (ROOT / folder).is_dir()
        case [command, *_]:
            assert command in {"config", "install", "package", "stack", "up"}
        case _:
            pytest.fail("`pulumi` alone prints its help")


def _python(arguments: list[str]) -> None:
    assert arguments[0] == "-m"
    assert find_spec(arguments[1])


def _pip(arguments: list[str]) -> None:
    if "-r" in arguments:
        name = arguments[arguments.index("-r") + 1]
        assert any(folder.is_file() for folder in (ROOT / name, ROOT / "examples" / "azure" / name))


def _make(arguments: list[str]) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(arguments) <= set(targets)


def _cd(arguments: list[str]) -> None:
    (folder,) = arguments

    assert folder == "pulumi-azure-reimage" or (ROOT / folder).is_dir()


def _export(arguments: list[str]) -> None:
    assert arguments == []  # Variables were removed above.


def _foreign(arguments: list[str]) -> None:
    assert arguments


PROGRAMS: Mapping[str, Callable[[list[str]], None]] = {
    "pulumi": _pulumi,
    "python": _python,
    "python3": _python,
    ".venv/bin/python": _python,
    "pip": _pip,
    ".venv/bin/pip": _pip,
    "make": _make,
    "cd": _cd,
    "export": _export,
    **dict.fromkeys((".", "az", "curl", "git", "jq"), _foreign),
}

"""The input `trigger_files`, which adds hashes of files to the triggers."""

import asyncio
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import Output
from pulumi.runtime import rpc

from pulumi_azure_reimage import hash_files
from pulumi_azure_reimage.dynamic.trigger_files import with_hashed_files


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change to a folder of the program, with two files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.yaml").write_text("a")
    (tmp_path / "app" / "b.yaml").write_text("b")


def triggers(files: object, **others: object) -> Any:  # noqa: ANN401 - a mapping, or an output of one.
    """Return the triggers that result from `trigger_files` and other arguments."""
    return with_hashed_files("web", {"vm_id": "x", "trigger_files": files, **others})["triggers"]


def refusal(files: object, **others: object) -> str:
    """Return why `trigger_files` is refused."""
    with pytest.raises(pulumi.RunError) as error:
        triggers(files, **others)
    return str(error.value)


def unknown() -> Output[Any]:
    """Return an output that a preview does not know yet."""
    return Output.from_input(rpc.UNKNOWN).apply(
        lambda _: rpc.deserialize_property(rpc.UNKNOWN, keep_unknowns=True)
    )


@pytest.mark.parametrize(
    "files",
    ["app/*.yaml", "app", Path("app"), ["app/a.yaml", "app/b.yaml"], ("app/b.yaml", Path("app/a.yaml"))],
)
def test_the_hash_is_that_of_hash_files(files: object) -> None:
    """So a program may switch between the two, on every machine, without a reimage."""
    assert triggers({"app": files}) == {"app": hash_files("app/*.yaml")}


def test_hashes_are_added_to_the_other_triggers() -> None:
    """A trigger that is None is absent, and so are files that are None."""
    assert triggers({"app": "app", "none": None}, triggers={"image": 1, "app": None}) == {
        "image": 1,
        "app": hash_files("app"),
    }
    assert with_hashed_files("web", {"trigger_files": None, "triggers": {"image": 1}}) == {
        "triggers": {"image": 1}
    }
    assert with_hashed_files("web", {"triggers": {"image": 1}}) == {"triggers": {"image": 1}}
    assert triggers({}) == {}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ("app", "trigger_files is a string, and must be a mapping, such as {'app': 'app/*.yaml'}."),
        ({1: "app"}, "trigger_files has a key that is the number 1, and must be a string."),
        (
            {"app": 1},
            "trigger_files.app is a number, and must be a file name or a pattern, or a list of them.",
        ),
        ({"app": []}, "trigger_files.app needs at least one file name or pattern."),
        ({"app": ""}, "trigger_files.app: '' matches no file."),
        ({"app": "ap/*.yaml"}, "trigger_files.app: 'ap/*.yaml' matches no file."),
        ({"app": ["app", "gone"]}, "trigger_files.app: 'gone' matches no file."),
        ({"app": [1]}, "trigger_files.app was given a number, and needs names of files as strings or paths."),
        ({"app": "a\0b"}, "trigger_files.app: 'a\\x00b' matches no file."),
    ],
)
def test_what_cannot_be_hashed_is_refused_by_name(files: object, said: str) -> None:
    """The error is one sentence, and nothing is registered."""
    assert refusal(files) == f"VirtualMachineReimage web: {said} Nothing was sent."


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A broken link or something that is not a regular file is refused as well."""
    (tmp_path / "link").symlink_to("gone")

    assert refusal({"app": "link"}).startswith("VirtualMachineReimage web: trigger_files.app cannot read '")


def test_a_name_that_is_a_trigger_too_is_refused() -> None:
    """It would not be clear which of them counts."""
    assert refusal({"app": "app"}, triggers={"app": 1}) == (
        "VirtualMachineReimage web: trigger_files.app is a key of triggers too, and only one of them can "
        "count. Nothing was sent."
    )


@pytest.mark.parametrize("whole", ["files", "triggers", "a name", "one of the names"])
def test_outputs_are_waited_for(whole: str) -> None:
    """The whole input, the triggers, a file name, or one of several names may be an output."""

    async def merged() -> object:
        files: object = {"app": "app"}
        others: object = {"image": 1}
        match whole:
            case "files":
                files = Output.from_input(files)
            case "triggers":
                others = Output.from_input(others)
            case "a name":
                files = {"app": Output.from_input("app")}
            case _:
                files = {"app": [Output.from_input("app")]}
        return await Output.from_input(triggers(files, triggers=others)).future()

    assert asyncio.run(merged()) == {"image": 1, "app": hash_files("app")}


def test_what_a_preview_does_not_know_is_unknown_and_the_rest_is_known() -> None:
    """A hash that is not known yet means that a reimage may be due, not that it is."""

    async def parts() -> tuple[bool, object, bool, bool]:
        name = triggers({"app": unknown(), "other": "app"}, triggers={"image": 1})
        several = triggers({"app": ["app", unknown()]})
        whole = triggers(unknown(), triggers={"image": 1})
        return (
            await name["app"].is_known(),
            {key: value for key, value in name.items() if key != "app"},
            await several["app"].is_known(),
            await whole.is_known(),
        )

    assert asyncio.run(parts()) == (False, {"image": 1, "other": hash_files("app")}, False, False)


def test_triggers_that_are_not_a_mapping_are_left_to_their_check() -> None:
    """The check says what is allowed."""
    assert triggers({"app": "app"}, triggers=["image"]) == ["image"]

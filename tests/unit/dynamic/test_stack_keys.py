"""A key of ours that does not exist is refused before a program declares anything."""

import json
from pathlib import Path

import pulumi
import pytest

from pulumi_azure_reimage.auth.oddities import describe_unknown
from pulumi_azure_reimage.auth.settings import ALL
from tests.examples.mocked_program import run_program

OURS = [setting.key for setting in ALL if setting.key.startswith("azure-reimage:")]
DECLARED = {
    "component": "p.VirtualMachineReimage('web', vm_id='x')",
    "provider": "p.Provider('own', use_msi=True)",
}


@pytest.mark.parametrize("declares", DECLARED)
@pytest.mark.parametrize("handed_over", ["by the CLI", "by the automation API"])
def test_a_misspelled_key_is_refused_with_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declares: str, handed_over: str
) -> None:
    """A program with explicit providers only would not notice otherwise, and nothing would be simulated."""
    (tmp_path / "__main__.py").write_text(f"import pulumi_azure_reimage as p; {DECLARED[declares]}")
    key = {"azure-reimage:simulatr": "machines.toml"}
    if handed_over == "by the CLI":
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps(key))

    with pytest.raises(pulumi.RunError) as caught:
        run_program(tmp_path, {} if handed_over == "by the CLI" else key)

    assert str(caught.value) == (
        "The stack's configuration has keys that do not exist: azure-reimage:simulatr (did you mean "
        "azure-reimage:simulator?). Correct or remove them. Nothing was sent."
    )


@pytest.mark.parametrize("key", OURS)
def test_every_key_of_ours_is_known_and_is_the_nearest_to_itself(key: str) -> None:
    """In another case, or with a letter too many."""
    assert describe_unknown([key], "project") is None
    assert f"did you mean {key}?" in (describe_unknown([f"{key}s"], "project") or "")


def test_all_unknown_keys_are_named_at_once() -> None:
    """Also those that are near to none."""
    said = describe_unknown(
        ["azure-reimage:b-b-b", "azure-reimage:Journal", "azure-reimage:b-b-b"], "project"
    )

    assert said is not None
    assert "azure-reimage:Journal (did you mean azure-reimage:journal?), azure-reimage:b-b-b. " in said


def test_the_keys_of_others_are_theirs() -> None:
    """Also those of a project that is called like us, whose own keys are in our namespace."""
    others = ["azure-native:oidcTokn", "azure-reimage-quickstart:release", "azure-reimageX:simulatr"]

    assert describe_unknown(others, "project") is None
    assert describe_unknown(["azure-reimage:release"], "azure-reimage") is None

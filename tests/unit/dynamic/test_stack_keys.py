"""An unknown key in our namespace is refused before a program declares anything."""

import json
from pathlib import Path

import pulumi
import pytest

from tests.examples.mocked_program import run_program

DECLARED = {
    "component": "p.VirtualMachineReimage('web', vm_id='x')",
    "provider": "p.Provider('own', use_msi=True)",
}


@pytest.mark.parametrize("declares", DECLARED)
@pytest.mark.parametrize("handed_over", ["by the CLI", "by the automation API"])
def test_a_misspelled_key_is_refused_with_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declares: str, handed_over: str
) -> None:
    """A program with only explicit providers would not notice it, and nothing would be simulated."""
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

"""The Python of the dynamic host is not the program's, on the real engine.

Here both are the same interpreter, but the host finds something else: no package of ours, or another version.
"""

import os
import shutil
from pathlib import Path

import pytest

import pulumi_azure_reimage
from pulumi_azure_reimage.version import VERSION
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging

# Python imports it at its start.
HIDES_THE_PACKAGE = """
import sys


class Without:
    def __init__(self, finder):
        self._finder = finder

    def find_spec(self, name, *rest):
        hidden = name.partition(".")[0] == "pulumi_azure_reimage"
        return None if hidden else self._finder.find_spec(name, *rest)

    def __getattr__(self, name):
        return getattr(self._finder, name)


sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""
OTHER_VERSION = "99.0"


@pytest.fixture
def fleet(new_stack: NewStack) -> Reimaging:
    """Make a stack with the baseline of a machine, recorded by the program's Python."""
    return Reimaging.with_baseline(new_stack, {"web": {}})


def put_first(fleet: Reimaging, folder: Path) -> None:
    """Make the host import from a folder before all others."""
    fleet.stack.environment["PYTHONPATH"] = os.pathsep.join(
        [os.fspath(folder), fleet.stack.environment["PYTHONPATH"]]
    )


def test_every_command_says_which_python_lacks_the_package(fleet: Reimaging, tmp_path: Path) -> None:
    """A refresh and a destroy run no program, so their text comes from state. The last line is ours."""
    (tmp_path / "hides").mkdir()
    (tmp_path / "hides" / "sitecustomize.py").write_text(HIDES_THE_PACKAGE)
    put_first(fleet, tmp_path / "hides")

    ended = [fleet.preview(triggers={"image": "2"}), fleet.up(), fleet.stack.refresh(), fleet.stack.destroy()]

    for run in ended:
        assert not run.ok
        said = [event.message.rstrip().splitlines()[-1].strip() for event in run.diagnostics]
        errors = [line for line in said if line.startswith("ImportError: ")]
        assert errors, run.text
        assert "has no pulumi-azure-reimage. Nothing was sent. Set PULUMI_PYTHON_CMD to" in errors[0]
    assert fleet.posts == 0


def test_another_version_in_the_host_is_refused_and_a_destroy_is_not(
    fleet: Reimaging, tmp_path: Path
) -> None:
    """One version could have a guard that the other ignores. A destroy only forgets."""
    package = Path(pulumi_azure_reimage.__file__).parent
    shutil.copytree(package, tmp_path / "other" / package.name)
    (tmp_path / "other" / package.name / "version.py").write_text(f'VERSION = "{OTHER_VERSION}"\n')
    put_first(fleet, tmp_path / "other")

    refused = fleet.preview(triggers={"image": "2"})
    not_updated, refreshed, destroyed = fleet.up(), fleet.stack.refresh(), fleet.stack.destroy()

    for run in (refused, not_updated):
        assert not run.ok
        assert f"has pulumi-azure-reimage {VERSION}, and " in run.text
        assert f"has {OTHER_VERSION}. Nothing was sent." in run.text
        assert "Traceback" not in run.text
    assert refreshed.ok, refreshed.text
    assert destroyed.ok, destroyed.text
    assert fleet.posts == 0


def test_an_upgrade_of_both_changes_nothing(fleet: Reimaging, monkeypatch: pytest.MonkeyPatch) -> None:
    """State has the version of the program, and a different version is not a change of the stack."""
    monkeypatch.setattr("pulumi_azure_reimage.dynamic.resources.VERSION", "")

    preview, upgraded = fleet.preview(), fleet.up()

    assert preview.changes == upgraded.changes == {"same": 5}
    assert fleet.posts == 0

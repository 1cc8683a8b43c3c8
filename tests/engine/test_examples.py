"""The examples of common tasks on the real engine: what is sent after the change that each is about."""

import json
import os
import runpy
import shutil
from pathlib import Path

import pytest

from .conftest import NewStack
from .harness import EngineResult
from .reimaging import Reimaging, vm_id

EXAMPLES = Path(__file__).parents[2] / "examples"


class Example:
    """A copy of an example, and a stack of it with simulated machines that are reimaged at once."""

    def __init__(self, name: str, new_stack: NewStack, folder: Path, *machines: str) -> None:
        """Copy it, and make the stack."""
        self.folder = folder / name
        shutil.copytree(EXAMPLES / name, self.folder)
        fleet = Reimaging.start(new_stack, {machine: {} for machine in machines}, seconds=0)
        self.stack, self.simulator = fleet.stack, fleet.simulator
        self.stack.program = self._program

    def up(self, **config: str) -> EngineResult:
        """Set keys of the stack's configuration, and run `pulumi up`."""
        for key, value in config.items():
            self.stack.set_config(key, value)
        result = self.stack.up()
        assert result.ok, result.text
        return result

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file of the example."""
        text = (self.folder / file).read_text(encoding="utf-8")
        assert old in text
        (self.folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    @property
    def posts(self) -> list[str]:
        """The machines whose reimage was requested, in alphabetical order."""
        return sorted(post.name or "" for post in self.simulator.reimage_requests())

    def _program(self) -> None:
        """Run it in its folder, as Pulumi does."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            runpy.run_path("__main__.py", run_name="__main__")
        finally:
            os.chdir(before)


def test_another_cloud_init_file_reimages_the_vm(new_stack: NewStack, tmp_path: Path) -> None:
    """It reimages once, and the cause has the name of the trigger."""
    example = Example("cloud_init", new_stack, tmp_path, "web")
    example.up(vmId=vm_id("web"))
    example.replace("cloud-init.yaml", "nginx", "caddy")

    result = example.up()

    assert example.posts == ["web"]
    assert result.outputs["causes"] == ["triggers.cloud-init changed"]


def test_a_gallery_version_reaches_the_vms_wave_by_wave(new_stack: NewStack, tmp_path: Path) -> None:
    """Each VM gets it once, and the others keep their version until then."""
    names = ("web-01", "web-02", "web-03")
    example = Example("gallery", new_stack, tmp_path, *names)
    example.up(vmIds=json.dumps({name: vm_id(name) for name in names}), imageVersion="1.3.0")
    example.up(imageVersion="1.4.0")
    before = example.posts
    example.up(wave=json.dumps(["web-01"]))
    first = example.posts

    example.up(wave=json.dumps(names))

    assert before == []
    assert first == ["web-01"]
    assert example.posts == list(names)


def test_a_new_date_reimages_the_machine_beside_it(new_stack: NewStack, tmp_path: Path) -> None:
    """No other machine is reimaged."""
    example = Example("by_date", new_stack, tmp_path, "web-01", "web-02")
    example.up()
    example.replace("machines.toml", "2026-11-02", "2026-11-20")

    example.up()

    assert example.posts == ["web-01"]


def test_a_new_password_is_sent_and_is_in_no_state(
    new_stack: NewStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable alone changes nothing that Pulumi can see."""
    example = Example("password", new_stack, tmp_path, "web")
    monkeypatch.setenv("ADMIN_PASSWORD", "Old-password-1")
    example.up(vmId=vm_id("web"), passwordVersion="1")
    monkeypatch.setenv("ADMIN_PASSWORD", "New-password-2")
    example.up()
    before = example.posts

    example.up(passwordVersion="2")

    (sent,) = [post.json() for post in example.simulator.reimage_requests()]
    assert before == []
    assert sent == {"osProfile": {"adminPassword": "New-password-2"}}
    assert "New-password-2" not in example.stack.export(show_secrets=True).text

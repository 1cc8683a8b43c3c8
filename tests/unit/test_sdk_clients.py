"""The installer of Azure's own clients: what is kept, and what is said if a client cannot be installed."""

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from tools.kept_folder import digest_of, kept_folder
from tools.sdk_clients import (
    InstallationError,
    MissingToolchainError,
    go_client,
    install_all,
    javascript_client,
    require,
    run_installer,
)


def put_program(folder: Path, name: str, said: str) -> dict[str, str]:
    """Put a program that prints something on a separate PATH, and return its environment."""
    folder.mkdir()
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    return {"PATH": str(folder)}


def write(folder: Path) -> None:
    """Fill a folder."""
    (folder / "file").write_text("made")


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    """A second caller finds it."""
    made = [kept_folder(tmp_path / "cache", "name", write) for _ in range(2)]
    (made[0] / "file").write_text("kept")

    assert kept_folder(tmp_path / "cache", "name", write) == made[0] == made[1]
    assert (made[0] / "file").read_text() == "kept"


def test_a_folder_that_could_not_be_filled_does_not_exist(tmp_path: Path) -> None:
    """Nothing is left of a process that was killed while it filled the folder, either."""
    (tmp_path / ".filling-name-killed").mkdir()

    def fail(folder: Path) -> None:
        write(folder)
        raise InstallationError

    with pytest.raises(InstallationError):
        kept_folder(tmp_path, "name", fail)

    assert [path.name for path in tmp_path.iterdir()] == [".name.lock"]
    assert (kept_folder(tmp_path, "name", write) / "file").exists()


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    """The lock belongs to the open file, so a thread can stand for a process here."""
    made: list[Path] = []
    second_started = Event()

    def fill(folder: Path) -> None:
        second_started.wait()
        made.append(folder)
        write(folder)

    def second() -> Path:
        second_started.set()
        return kept_folder(tmp_path, "name", fill)

    with ThreadPoolExecutor() as threads:
        first = threads.submit(kept_folder, tmp_path, "name", fill)
        assert threads.submit(second).result() == first.result()

    assert len(made) == 1


def test_another_lock_has_another_name(tmp_path: Path) -> None:
    """Its parts under other names do, too."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("a")
    other.write_text("a")
    before = digest_of([one])
    one.write_text("b")

    assert len({before, digest_of([one]), digest_of([other]), digest_of([one, other])}) == 4


@pytest.mark.parametrize(("client", "program"), [(javascript_client, "node"), (go_client, "go")])
def test_a_missing_toolchain_is_reported_in_a_sentence(tmp_path: Path, client: object, program: str) -> None:
    """The tests of its client are skipped with that sentence."""
    assert callable(client)
    with pytest.raises(MissingToolchainError, match=f"^There is no {program} on PATH.$"):
        client({"PATH": str(tmp_path)})


def test_node_without_npm_is_a_missing_toolchain(tmp_path: Path) -> None:
    """Debian packages them separately."""
    with pytest.raises(MissingToolchainError, match=r"^There is no npm on PATH.$"):
        javascript_client(put_program(tmp_path / "bin", "node", "v22.1.0"))


@pytest.mark.parametrize("said", ["v18.20.4", "", "node: not found"])
def test_a_toolchain_that_is_too_old_is_reported_in_a_sentence(tmp_path: Path, said: str) -> None:
    """The sentence quotes the version that it reports."""
    environment = put_program(tmp_path / "bin", "node", said)

    with pytest.raises(MissingToolchainError, match=r"^node 20\.0\.0 or newer is needed, and this one is "):
        require(environment, "node", ["--version"], (20, 0, 0))


def test_a_recent_toolchain_is_accepted(tmp_path: Path) -> None:
    """The oldest supported one is accepted, too."""
    require(put_program(tmp_path / "bin", "node", "v20.0.0"), "node", ["--version"], (20, 0, 0))


def test_a_failed_installation_says_what_the_installer_said_last(tmp_path: Path) -> None:
    """It also says which installer it was."""
    script = "import sys; print(*range(100), sep='\\n'); print('no way', file=sys.stderr); sys.exit(3)"

    with pytest.raises(InstallationError) as failed:
        run_installer([sys.executable, "-u", "-c", script], tmp_path, os.environ)

    lines = str(failed.value).splitlines()
    assert lines[0].endswith(" ended with exit code 3:")
    assert (lines[1], lines[-1], len(lines)) == ("86", "no way", 16)


def test_an_installation_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """It is ended when its time limit is over."""
    with pytest.raises(InstallationError, match=r"did not finish in 0\.2 seconds"):
        run_installer(["sh", "-c", "sleep 1000 | sleep 1000"], tmp_path, os.environ, longest=0.2)


def test_a_missing_toolchain_is_reported_and_is_not_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make test` continues without these clients."""
    failed = install_all((javascript_client, go_client), {"PATH": str(tmp_path)})

    assert not failed
    assert capsys.readouterr().err.splitlines() == [
        "clients: There is no node on PATH. The tests of that client are skipped.",
        "clients: There is no go on PATH. The tests of that client are skipped.",
    ]


def test_what_cannot_be_installed_is_reported_and_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other clients are installed anyway."""
    installed: list[str] = []

    def broken(_: Mapping[str, str]) -> Path:
        raise InstallationError("npm ended with exit code 1:\nno way")

    def fine(_: Mapping[str, str]) -> Path:
        installed.append("fine")
        return tmp_path

    assert install_all((broken, fine), {})
    assert installed == ["fine"]
    assert capsys.readouterr().err == (
        "clients: an installation failed. npm ended with exit code 1:\nno way\n"
    )

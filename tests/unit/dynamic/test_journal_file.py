"""The file that `azure-reimage:journal` names: what is refused, and what many writers leave in it."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_azure_reimage.dynamic.journal_file import ComponentJournal, JournalFile, Journals, check_journal
from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.reimage.journal import Entry, Facts

from ..fakes import START, VM_ID
from ..stack import COMPONENT

# This line is longer than a page of memory, so the kernel may copy it in two steps.
WRITER = """
import sys
from threading import Thread
from pulumi_azure_reimage.dynamic.journal_file import JournalFile

journal = JournalFile(sys.argv[1])

def write(thread):
    for number in range(100):
        journal.append({"writer": sys.argv[2], "thread": thread, "number": number, "text": "x" * 5000}, print)

threads = [Thread(target=write, args=(thread,)) for thread in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def read(path: Path) -> list[dict[str, object]]:
    """Return the lines of a journal."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def _folder(path: Path) -> Path:
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path / "pipe")
    return path / "pipe"


def _link(path: Path) -> Path:
    (path / "link").symlink_to(path / "missing")
    return path / "link"


def _circle(path: Path) -> Path:
    (path / "circle").symlink_to(path / "circle")
    return path / "circle"


def _in_a_file(path: Path) -> Path:
    (path / "file").write_text("")
    return path / "file" / "journal"


BAD_PATHS = [
    pytest.param(_folder, "is not a regular file", id="a folder"),
    pytest.param(_pipe, "is not a regular file", id="a pipe"),
    pytest.param(lambda _: Path("/dev/null"), "is not a regular file", id="a device"),
    pytest.param(lambda path: path / "no" / "journal", "in a folder that does not exist", id="no folder"),
    pytest.param(_in_a_file, "in a folder that does not exist", id="in a file"),
    pytest.param(_link, "a link to a file that does not exist", id="a dangling link"),
    pytest.param(_circle, "a link to a file that does not exist", id="a link to itself"),
    pytest.param(lambda path: path / ("x" * 300), "cannot be written to: File name too long", id="too long"),
    pytest.param(lambda path: path / "a\0b", "must not hold a null character", id="null"),
]


@pytest.mark.parametrize(("make", "reason"), BAD_PATHS)
def test_a_file_that_cannot_be_written_to_is_refused(
    make: Callable[[Path], Path], reason: str, tmp_path: Path
) -> None:
    """The message names the setting. A pipe is not opened, because that would wait for a reader."""
    with pytest.raises(ConfigurationError) as refused:
        check_journal(str(make(tmp_path)))

    assert refused.value.message.startswith("azure-reimage:journal names the file ")
    assert reason in refused.value.message
    assert refused.value.message.endswith("Nothing was sent.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("name", ["", "journal"])
def test_a_file_or_a_folder_without_the_right_is_refused(name: str, tmp_path: Path) -> None:
    """This applies to every user except root."""
    place = tmp_path / "locked"
    place.mkdir()
    (place / "journal").touch(mode=0o400)
    place.chmod(0o500)

    with pytest.raises(ConfigurationError, match=r"azure-reimage:journal names the file"):
        check_journal(str(place / (name or "other")))


def test_a_check_writes_and_creates_nothing(tmp_path: Path) -> None:
    """Every preview makes the check."""
    old = tmp_path / "old.jsonl"
    old.write_text("{}\n")
    os.utime(old, (1, 1))

    check_journal(str(old))
    check_journal(str(tmp_path / "new.jsonl"))

    assert [path.name for path in tmp_path.iterdir()] == ["old.jsonl"]
    assert (old.read_text(), old.stat().st_mtime) == ("{}\n", 1)


def test_a_line_is_appended(tmp_path: Path) -> None:
    """The existing lines stay."""
    path = tmp_path / "journal.jsonl"
    path.write_text('{"event": "old"}\n')

    JournalFile(str(path)).append({"event": "new", "text": "Zürich\u2028\n"}, pytest.fail)

    assert path.read_bytes().isascii()
    assert read(path) == [{"event": "old"}, {"event": "new", "text": "Zürich\u2028\n"}]


def test_lines_of_several_processes_and_threads_never_mix(tmp_path: Path) -> None:
    """Three hosts with four threads each write, and every line is there once and complete."""
    path = tmp_path / "journal.jsonl"
    hosts = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(number)])  # noqa: S603 - our own program.
        for number in range(3)
    ]
    assert [host.wait() for host in hosts] == [0, 0, 0]

    lines = read(path)
    written = {(line["writer"], line["thread"], line["number"]) for line in lines}
    assert len(lines) == len(written) == 1200


def test_a_journal_can_be_moved_away_while_it_is_written(tmp_path: Path) -> None:
    """The next line begins a new file."""
    path = tmp_path / "journal.jsonl"
    journal = JournalFile(str(path))

    journal.append({"line": 1}, pytest.fail)
    path.rename(tmp_path / "old.jsonl")
    journal.append({"line": 2}, pytest.fail)

    assert (read(tmp_path / "old.jsonl"), read(path)) == ([{"line": 1}], [{"line": 2}])


def test_a_file_that_fails_later_costs_one_warning(tmp_path: Path) -> None:
    """The reimage was sent, so the wait for it must continue."""
    warnings: list[str] = []
    journals = Journals()
    place = str(tmp_path / "journal.jsonl")

    Path(place).mkdir()
    journals.at(place).append({"line": 1}, warnings.append)
    journals.at(place).append({"line": 2}, warnings.append)

    (warning,) = warnings
    assert warning == (
        f"The journal {place} (azure-reimage:journal) could not be written to: it is not a regular file. "
        f"Lines are missing from it. No reimage is affected."
    )


def test_a_line_that_was_cut_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    """When a disk is full, the kernel writes only what still fits."""
    path, warnings = tmp_path / "journal.jsonl", list[str]()
    journal = JournalFile(str(path))
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (40, unlimited[1]))
    journal.append({"line": 1}, warnings.append)
    journal.append({"line": 2, "text": "x" * 50}, warnings.append)
    journal.append({"line": 3}, warnings.append)
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    journal.append({"line": 4}, warnings.append)

    first, cut, last = path.read_text().splitlines()
    assert (first, last) == ('{"line": 1}', '{"line": 4}')
    assert cut.startswith('{"line": 2')
    assert len(warnings) == 1
    assert "could not be written to: the disk is full." in warnings[0]


def test_a_line_names_its_component_and_its_decision(tmp_path: Path) -> None:
    """The URN has the stack and the project. Under Pulumi's mocks, there is no URN."""
    path = tmp_path / "journal.jsonl"
    event = Entry(START, "fence", VM_ID, "run-1", Facts())

    ComponentJournal(JournalFile(str(path)), pytest.fail, COMPONENT, "1f3a", tuple)(event)
    ComponentJournal(JournalFile(str(path)), pytest.fail, "", None, tuple)(event)

    named, plain = read(path)
    names = {"urn": COMPONENT, "project": "project", "stack": "test"}
    assert named == {**plain, "request_id": "1f3a", **names}

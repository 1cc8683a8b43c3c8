"""The process that started the host: whether it is still alive, and its age. The processes are real."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pulumi_azure_reimage.dynamic.parent import (
    cli_process,
    interrupt_at_the_end_of,
    parent_age,
    watch_engine,
)

from ..stack import FakeLog

# The engine starts its host, which reports before and after the engine ends. The pipe breaks at that moment.
ENGINE = """
import os, subprocess, sys
host = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(host.stdout.readline().decode().strip(), flush=True)
if sys.argv[2] == "ends":
    os.close(1)
    os._exit(0)
host.stdin.close()
print(host.stdout.readline().decode().strip(), flush=True)
"""
HOST = """
import os, sys
from pathlib import Path
from pulumi_azure_reimage.dynamic.engine_log import StderrLog
from pulumi_azure_reimage.dynamic.parent import watch_engine
parent, engine_is_gone = os.getppid(), watch_engine(StderrLog())
print(engine_is_gone(), flush=True)
sys.stdin.read()
while {ended} and os.getppid() == parent:
    pass
Path({report!r}).write_text(str(engine_is_gone()))
print("done", flush=True)
"""
# Pulumi's host waits like this (`main` of pulumi/dynamic/__main__.py). The CLI handles SIGINT, so its host
# does not ignore it. A test that runs in the background of a shell does, because the shell ignores it.
WAITING_HOST = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from threading import Event
from pulumi_azure_reimage.dynamic.parent import end_with_the_cli
end_with_the_cli()
print("waits", flush=True)
try:
    Event().wait()
except KeyboardInterrupt:
    sys.stderr.write("ended")
"""
# The child reports the age of the process that started it.
CHILD = "from pulumi_azure_reimage.dynamic.parent import parent_age; print(parent_age())"
NAMED_PARENT = f"""
import subprocess, sys
from pathlib import Path
Path("/proc/self/comm").write_text("a) S 1 (b")
print(subprocess.check_output([sys.executable, "-c", {CHILD!r}], text=True))
"""


# Pulumi's releases start the host with a shell script that keeps running, because it does not use `exec`.
LAUNCHED = """
import os, subprocess, sys
from pathlib import Path
launcher = Path(sys.argv[1], "pulumi-resource-pulumi-python")
launcher.write_text('#!/bin/sh\\n"$1" -c "$2"\\n')
launcher.chmod(0o755)
print(os.getpid(), subprocess.check_output([launcher, sys.executable, sys.argv[2]], text=True))
"""
HOST_OF_LAUNCHER = """
import os
from pulumi_azure_reimage.dynamic.parent import cli_process
print(os.getppid(), cli_process())
"""


class DeafLog(FakeLog):
    """The log of an engine that does not answer."""

    def is_heard(self) -> bool:
        """Report that the engine does not answer."""
        return False


def report(tmp_path: Path, *, ends: bool) -> tuple[str, str]:
    """Return what a host reports before and after its engine ends, or closes its pipe."""
    file = tmp_path / "report"
    host = HOST.format(ended=ends, report=str(file))
    engine = subprocess.run(  # noqa: S603 - our own program.
        [sys.executable, "-c", ENGINE, host, "ends" if ends else "stays"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    while not (file.exists() and file.read_text()):
        time.sleep(0.01)  # noqa: TID251 - the host lives on, and nothing can wait for an orphan.
    return engine.stdout.split("\n")[0], file.read_text()


def test_a_host_whose_engine_has_ended_reports_it(tmp_path: Path) -> None:
    """A kill -9 of the CLI leaves the host alive, because plugins have their own process groups."""
    before, after = report(tmp_path, ends=True)

    assert (before, after) == ("None", "the Pulumi engine of this run has ended")


def test_a_host_whose_engine_lives_reports_nothing(tmp_path: Path) -> None:
    """A closed pipe does not count."""
    assert report(tmp_path, ends=False) == ("None", "None")


def test_another_parent_is_not_the_engine_of_this_run() -> None:
    """An orphan gets another parent, which may be alive."""
    parents = iter([7, 7, 1])
    engine_is_gone = watch_engine(FakeLog(), lambda: next(parents))

    assert [engine_is_gone(), engine_is_gone()] == [None, "the Pulumi engine of this run has ended"]


def test_an_engine_that_lives_and_does_not_answer_is_gone_too() -> None:
    """It may be suspended, and then the outcome of a request would not be saved."""
    assert watch_engine(FakeLog())() is None
    assert watch_engine(DeafLog())() == "the Pulumi engine of this run does not answer"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_host_ends_with_a_cli_that_did_not_ask_it_to() -> None:
    """This follows a kill -9. The host's stderr, a pipe of this test, is open until the host has ended."""
    engine = subprocess.run(  # noqa: S603 - our own program.
        [sys.executable, "-c", ENGINE, WAITING_HOST, "ends"], capture_output=True, text=True, check=True
    )

    assert (engine.stdout, engine.stderr) == ("waits\n", "ended")


def test_a_host_is_interrupted_once_and_not_before_its_cli_has_ended() -> None:
    """When the CLI ends, the kernel gives the host another parent."""
    parents, interrupts = iter([7, 7, 1]), []

    interrupt_at_the_end_of(7, lambda: next(parents), lambda: interrupts.append(list(parents)), every=0)

    assert interrupts == [[]]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_the_age_of_a_parent_is_read_under_any_name() -> None:
    """A name may contain spaces and parentheses."""
    began = time.monotonic()  # noqa: TID251 - real processes have real ages.
    shown = subprocess.check_output([sys.executable, "-c", NAMED_PARENT], text=True)  # noqa: S603 - our own program.
    passed = time.monotonic() - began  # noqa: TID251 - as above.

    # The kernel counts in hundredths of a second.
    assert 0.0 <= float(shown) <= passed + 0.02


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_launcher_between_the_cli_and_the_host_is_passed_over(tmp_path: Path) -> None:
    """It starts as late as the host, and its command line is not the CLI's."""
    command = [sys.executable, "-c", LAUNCHED, str(tmp_path), HOST_OF_LAUNCHER]
    shown = subprocess.check_output(command, text=True)  # noqa: S603 - our own program.
    cli, parent, found = shown.split()

    assert parent != cli
    assert found == cli


@pytest.mark.parametrize(
    "stat", [None, "", "1 (sh)", "1 (sh) S x"], ids=["no file", "empty", "short", "words"]
)
def test_ancestors_that_cannot_be_read_leave_the_parent(tmp_path: Path, stat: str | None) -> None:
    """This is the case on a system without /proc."""
    folder = tmp_path / str(os.getppid())
    if stat is not None:
        folder.mkdir()
        (folder / "cmdline").write_text("/bin/sh\0/opt/pulumi/pulumi-resource-pulumi-python\0127.0.0.1:1\0")
        (folder / "stat").write_text(stat)

    assert cli_process(tmp_path) == os.getppid()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_the_age_of_our_own_parent_grows() -> None:
    """It started before this test."""
    first, second = parent_age(), parent_age()

    assert first is not None
    assert second is not None
    assert 0.0 < first <= second


@pytest.mark.parametrize(
    "stat", [None, "", "1 (a) S 2", "no fields"], ids=["no file", "empty", "short", "words"]
)
def test_an_age_that_cannot_be_read_is_not_known(tmp_path: Path, stat: str | None) -> None:
    """This is the case on a system without /proc. A new VM then counts as fresh for only an hour."""
    if stat is not None:
        folder = tmp_path / str(os.getppid())
        folder.mkdir()
        (folder / "stat").write_text(stat)

    assert parent_age(tmp_path) is None

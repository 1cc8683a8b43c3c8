"""Finds and ends the processes of one stack by a mark that they inherit in their environment.

Parent links do not lead to all of them, because the dynamic host has its own process group, and outlives a
killed CLI.
"""

import contextlib
import os
import select
import signal
from pathlib import Path

MARK_VARIABLE = "REIMAGE_TEST_STACK"


def processes_of(mark: str) -> list[int]:
    """Return the ids of the running processes that carry `mark`, other than this one."""
    ids = (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal())
    return [process_id for process_id in ids if process_id != os.getpid() and _carries(process_id, mark)]


def end_all(mark: str) -> None:
    """Kill -9 every process that carries `mark`, until there is none."""
    while process_ids := processes_of(mark):
        for process_id in process_ids:
            end(process_id, mark)


def find(mark: str, words: str) -> list[int]:
    """Return the processes that carry `mark` and whose command line contains `words`."""
    return [process_id for process_id in processes_of(mark) if words in _command_line(process_id)]


def _command_line(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""  # Ended meanwhile.


def _carries(process_id: int, mark: str) -> bool:
    try:
        variables = Path(f"/proc/{process_id}/environ").read_bytes()
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return False  # Ended meanwhile, or owned by another user. A zombie has no variables left.
    return f"{MARK_VARIABLE}={mark}".encode() in variables.split(b"\0")


def end(process_id: int, mark: str) -> None:
    """Kill -9 one process that carries `mark`, and return when it has ended."""
    _signal(process_id, mark, signal.SIGKILL)


def interrupt(process_id: int, mark: str) -> None:
    """Send the signal of Ctrl-C to one process that carries `mark`, and return when it has ended."""
    _signal(process_id, mark, signal.SIGINT)


def wait_for(process_id: int) -> None:
    """Return when a process has ended, which need not be a child of this one."""
    try:
        handle = os.pidfd_open(process_id)
    except ProcessLookupError:
        return
    select.select([handle], [], [])
    os.close(handle)


def _signal(process_id: int, mark: str, number: signal.Signals) -> None:
    try:
        handle = os.pidfd_open(process_id)
    except ProcessLookupError:
        return
    try:
        # The handle stays bound to the process. A process that got the same id before that is not ours.
        if _carries(process_id, mark):
            with contextlib.suppress(ProcessLookupError):  # It has just ended on its own.
                signal.pidfd_send_signal(handle, number)
            select.select([handle], [], [])
    finally:
        os.close(handle)

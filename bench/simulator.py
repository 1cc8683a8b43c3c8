"""Measures the simulator itself: `python -m bench.simulator`, from the root of the repository.

A benchmark of the provider measures the provider only if the simulator is much faster.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_azure_reimage.simulator import Request, Simulator, serve
from tests.unit.simulator.http.fuzzing import check_whole, fuzzed, send_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DESCRIPTION = """\
Prints how many requests a second a served simulator answers on one core, how much memory it takes, and how
many updates are lost when processes hammer one state file; and it sends raw requests that are nearly right.
Needs Linux. Timing decides nothing: the exit code is 1 only when an update or an answer was lost."""
_FLEETS = (1_000, 5_000)
_CLIENTS = 4
_PROCESSES = 8
_FUZZED = 10_000
_API = "api-version=2024-07-01"
_TOKEN = {"authorization": "Bearer bench"}
_ACCEPTED = 202


def main() -> int:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.simulator",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a few requests, to see that it runs")
    quick: bool = parser.parse_args().quick
    requests, rounds = (200, 5) if quick else (8_000, 50)
    for machines in _FLEETS:
        with tempfile.TemporaryDirectory(prefix="bench-simulator-") as folder:
            _print_speed(_inventory(Path(folder) / "fleet.json", machines), machines, requests)
    with tempfile.TemporaryDirectory(prefix="bench-simulator-") as folder:
        _print_commands(_inventory(Path(folder) / "fleet.json", _FLEETS[-1]))
    with tempfile.TemporaryDirectory(prefix="bench-simulator-") as folder:
        _print_fuzzed(_inventory(Path(folder) / "fuzzed.json", 4), 200 if quick else _FUZZED)
        return _print_lost_updates(_inventory(Path(folder) / "few.json", 4), rounds)


def _inventory(path: Path, machines: int) -> Path:
    """Write an inventory whose reimages end at once, without throttling."""
    tables = [{"name": f"vm-{number}", "resource_group": "bench"} for number in range(machines)]
    document = {"operation_seconds": 0, "throttling": {"enabled": False}, "machine": tables}
    path.write_text(json.dumps(document))
    return path


# Speed and memory


def _print_speed(inventory: Path, machines: int, requests: int) -> None:
    with _served(inventory) as (server, url):
        memory = [_resident(server)]
        with Simulator.open(inventory) as simulator:
            vms = [machine.id for machine in simulator.machines()]
        print(
            f"\n{machines:,} machines, {_CLIENTS} clients on another core, {requests:,} requests each line\n"
        )
        gets = [("GET", f"{vm}?{_API}") for vm in vms]
        posts = [("POST", f"{vm}/reimage?{_API}") for vm in vms]
        _print_line("GET of a VM", _rate(url, _repeated(gets, requests)))
        links: list[str] = []
        _print_line("POST of a reimage", _rate(url, _repeated(posts, requests), links))
        polls = [("GET", link) for link in links]
        _print_line("poll of an operation", _rate(url, _repeated(polls, requests)))
        memory.append(_resident(server))
        size = inventory.with_suffix(".sqlite3").stat().st_size
    print(f"\nmemory of the server        {memory[0]:6.1f} MB at the start, {memory[1]:.1f} MB at the end")
    print(f"state file                  {size / 1e6:6.1f} MB with {3 * requests:,} requests in its log")


def _print_line(what: str, rate: float) -> None:
    print(f"{what:<28}{rate:6,.0f} a second, {1_000 / rate:.2f} ms each")


def _repeated(requests: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    return [requests[number % len(requests)] for number in range(count)]


@contextmanager
def _served(inventory: Path) -> Iterator[tuple[int, str]]:
    """Serve an inventory from a process on one core, and reserve that core for it."""
    command = [sys.executable, "-m", "pulumi_azure_reimage.simulator", "serve", os.fspath(inventory)]
    cores = os.sched_getaffinity(0)
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        os.sched_setaffinity(server.pid, {min(cores)})
        os.sched_setaffinity(0, (cores - {min(cores)}) or cores)
        # The first line that it prints is its URL.
        yield server.pid, server.stdout.readline().strip() if server.stdout else ""
    finally:
        os.sched_setaffinity(0, cores)
        server.terminate()
        server.communicate()


def _resident(process_id: int) -> float:
    """Return the memory that a process holds, in MB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1_024 / 1e6


def _rate(url: str, requests: Sequence[tuple[str, str]], links: list[str] | None = None) -> float:
    """Send requests over a few connections that stay open, and return how many per second were answered."""
    shares = [requests[client::_CLIENTS] for client in range(_CLIENTS)]
    threads = [threading.Thread(target=_send, args=(url, share, links)) for share in shares]
    begun = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(requests) / (perf_counter() - begun)


def _send(url: str, requests: Sequence[tuple[str, str]], links: list[str] | None) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for method, path in requests:
        connection.request(method, path, headers=_TOKEN)
        answer = connection.getresponse()
        answer.read()
        if links is not None:
            links.append(answer.headers["azure-asyncoperation"].removeprefix(url))
    connection.close()


# Commands


def _print_commands(inventory: Path) -> None:
    """Print how long a command takes on a large unchanged inventory, without the first run of each."""
    print(f"\nA command with {_FLEETS[-1]:,} machines, where nothing changed")
    for command in (["list"], ["fail", "vm-7", "AllocationFailed"]):
        name, *rest = command
        line = [sys.executable, "-m", "pulumi_azure_reimage.simulator", name, os.fspath(inventory), *rest]
        seconds = [_seconds(line) for _ in range(4)]
        print(f"{name:<28}{min(seconds[1:]):6.2f} s")


def _seconds(command: Sequence[str]) -> float:
    begun = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


# Raw requests


def _print_fuzzed(inventory: Path, count: int) -> None:
    """Send raw requests that are nearly valid.

    Raises:
        AssertionError: One was not answered, or it was answered with a 5xx.
    """
    begun = perf_counter()
    with Simulator.open(inventory) as simulator, serve(simulator) as server:
        counted = send_all(server, fuzzed(simulator, _FUZZED, count))
        check_whole(simulator, inventory.with_suffix(".sqlite3"))
    answers = ", ".join(f"{counted[status]:,} times {status}" for status in sorted(counted))
    print(f"\n{count:,} raw requests that are nearly right  {perf_counter() - begun:.1f} s: {answers}")


# Lost updates


def _print_lost_updates(inventory: Path, rounds: int) -> int:
    begun = perf_counter()
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        answered = sum(pool.map(_hammer, [inventory] * _PROCESSES, [rounds] * _PROCESSES))
    seconds = perf_counter() - begun
    with Simulator.open(inventory) as simulator:
        logged = len(simulator.reimage_requests())
        accepted = sum(post.status == _ACCEPTED for post in simulator.reimage_requests())
        kept = sum(disk.managed_by is None for disk in simulator.disks())
        counted = sum((machine.etag - 2) // 2 for machine in simulator.machines())
    # Each accepted reimage leaves a disk behind, and changes the etag of its machine twice.
    lost = (answered - logged) + (accepted - kept) + (accepted - counted)
    print(
        f"\n{_PROCESSES} processes on one state file  {logged:,} requests in {seconds:.1f} s, "
        f"{accepted:,} accepted, {lost} updates lost"
    )
    return int(lost != 0)


def _hammer(inventory: Path, rounds: int) -> int:
    """Reimage every machine again and again, and return how many requests were answered."""
    answered = 0
    with Simulator.open(inventory) as simulator:
        vms = [machine.id for machine in simulator.machines()]
        for _ in range(rounds):
            for vm in vms:
                url = f"https://management.azure.com{vm}/reimage?{_API}"
                simulator.handle(Request("POST", url, _TOKEN))
                answered += 1
    return answered


if __name__ == "__main__":
    sys.exit(main())

"""Azure's own clients as processes. Each reads one command per line, and answers in JSON.

The programs are below `foreign`, one for each language, and use their SDK as its users do: with its default
API version, its transport and its polling. They are given the address of ARM and a made-up token. Three
settings are not defaults:

- Python: `enforce_https=False`, without which azure-core refuses to send a token over HTTP.
- Go: `InsecureAllowCredentialWithHTTP`, for the same reason.
- JavaScript has no such setting for a token, so it is served over HTTPS; Node.js trusts the certificate.

The commands, each for the machine that the process was started for:

    show                 -> {"vm_id", "os_disk", "statuses"}, of a GET with the instance view
    names                -> the names of the VMs of the resource group, page after page
    reimage              -> {"code", "text"} of the error at the end; both are empty after a success.
                            The client for JavaScript has the code of a failure in its text only
    create BODY, delete  -> as `reimage`, of the VM itself
    interrupted          -> {"token", "done"} of a reimage that continues
    resume TOKEN         -> as `reimage`, of one that another process has started
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.sdk_clients import PROGRAMS, go_client, javascript_client, python_client_33

# A guard against a client that hangs. Each answer takes a second or two.
_LONGEST_ANSWER = 120.0
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Launch:
    """How a client's process is started.

    Attributes:
        environment: What it needs beside PATH and HOME. Settings of the person who runs the tests, such as
            credentials and proxies, are not passed on.
        over_https: Whether it refuses to send a token over HTTP.
    """

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    over_https: bool = False


def _python(program: str) -> Launch:
    return Launch([sys.executable, str(PROGRAMS / "python" / program)])


def _python_33(program: str) -> Launch:
    folder = python_client_33(os.environ)
    return Launch(_python(program).command, {"PYTHONPATH": str(folder)})


def _javascript() -> Launch:
    return Launch(["node", str(javascript_client(os.environ))], over_https=True)


def _go() -> Launch:
    return Launch([str(go_client(os.environ))])


# A function installs its client if needed, and raises MissingToolchainError if that is impossible.
CLIENTS: Mapping[str, Callable[[], Launch]] = {
    "python": lambda: _python("client.py"),
    "python-aio": lambda: _python("client_aio.py"),
    "python-33": lambda: _python_33("client.py"),
    "python-33-aio": lambda: _python_33("client_aio.py"),
    "javascript": _javascript,
    "go": _go,
}


@dataclass(frozen=True, slots=True)
class ForeignClient:
    """A running client."""

    process: subprocess.Popen[str]

    def ask(self, command: str, argument: str = "") -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Give a command and return the answer.

        Raises:
            AssertionError: The client ended instead; its message is on stderr.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command} {argument}".rstrip() + "\n")
        self.process.stdin.flush()
        guard = threading.Timer(_LONGEST_ANSWER, self.process.kill)
        guard.start()
        line = self.process.stdout.readline()
        guard.cancel()
        assert line, f"the client ended at the command {command}"
        return json.loads(line)


@contextmanager
def running(launch: Launch, *arguments: str, authority: Path) -> Iterator[ForeignClient]:
    """Run a client while the block runs, then kill it, whatever it is doing.

    Args:
        launch: The client.
        arguments: Where ARM is, and the machine: subscription, resource group, name.
        authority: The certificate (PEM) that the client trusts.
    """
    inherited = {name: os.environ[name] for name in _KEPT if name in os.environ}
    trusted = {"NODE_EXTRA_CA_CERTS": str(authority)} if launch.over_https else {}
    with subprocess.Popen(  # noqa: S603 - one of our own programs, without a shell.
        [*launch.command, *arguments],
        env={**inherited, **trusted, **launch.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield ForeignClient(process)
        finally:
            process.kill()

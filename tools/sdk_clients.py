"""Make Azure's own clients available to the contract tests: an older Python one, Node.js, Go.

Each is installed from the lock that is committed beside its program, below `tests/contract/foreign`, and kept
in the user's cache folder under a name that changes with the lock. `make test` installs them before the
tests, and a test that is run alone installs what it needs. The newest client for Python is in the lock of
the development tools.

Messages go to stderr, one line for each client that is installed or cannot be.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.go_tool import dotted, for_go, parse_version, required_go
from tools.kept_folder import cache_folder, digest_of, kept_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tools.go_tool import Version

PROGRAMS = Path(__file__).parents[1] / "tests" / "contract" / "foreign"
# The oldest Node.js that the client was run with, and what its runtime packages require.
OLDEST_NODE: Version = (20, 0, 0)
# An installation that has not ended by then is stuck, and a pipeline should report that.
LONGEST_SECONDS = 600
_LAST_LINES = 15


class MissingToolchainError(Exception):
    """A client needs a program that this machine does not have. The text says which."""


class InstallationError(Exception):
    """A client could not be installed. The text ends with the last output of the installer."""


def python_client_33(environment: Mapping[str, str]) -> Path:
    """Return a folder for PYTHONPATH with azure-mgmt-compute 33 and all that it needs.

    Raises:
        InstallationError: pip failed.
    """
    lock = PROGRAMS / "python" / "requirements-33.lock"
    return python_packages(environment, "azure-mgmt-compute-33", lock)


def python_packages(environment: Mapping[str, str], name: str, lock: Path) -> Path:
    """Return a folder for PYTHONPATH with the packages of a lock.

    Args:
        environment: That of pip.
        name: What they are called together.
        lock: Their versions and hashes.

    Raises:
        InstallationError: pip failed.
    """

    def install(folder: Path) -> None:
        _say(f"installing {name} with pip, once.")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        where = ["--no-compile", "--target", str(folder)]
        run_installer([*pip, *where, "--require-hashes", "--requirement", str(lock)], folder, environment)

    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    return _kept(environment, f"{name}-{version}", [lock], install)


def javascript_client(environment: Mapping[str, str]) -> Path:
    """Return the program that uses @azure/arm-compute, in a folder with the packages that it needs.

    Raises:
        InstallationError: npm failed.
        MissingToolchainError: There is no Node.js, or it is too old, or there is no npm.
    """
    names = ("package.json", "package-lock.json", ".npmrc", "client.js")
    files = [PROGRAMS / "javascript" / name for name in names]
    install = npm_installer(environment, "@azure/arm-compute", files)
    return _kept(environment, "azure-arm-compute", files, install) / "client.js"


def npm_installer(
    environment: Mapping[str, str], packages: str, files: Sequence[Path]
) -> Callable[[Path], None]:
    """Return what installs the packages of a lock into a folder with npm, once.

    Args:
        environment: That of npm.
        packages: What they are called together.
        files: The lock, and what else must be in the folder.

    Raises:
        MissingToolchainError: There is no Node.js, or it is too old, or there is no npm.
    """
    require(environment, "node", ["--version"], OLDEST_NODE)
    npm = find(environment, "npm")

    def install(folder: Path) -> None:
        _say(f"installing {packages} with npm, once.")
        for file in files:
            shutil.copy(file, folder)
        # The level leaves out a warning: @azure/arm-compute names Node.js 22, and its parts 20.
        run_installer([npm, "ci", "--loglevel=error"], folder, environment)

    return install


def go_client(environment: Mapping[str, str]) -> Path:
    """Return the program that uses armcompute.

    Raises:
        InstallationError: Go failed.
        MissingToolchainError: There is no Go, or it is too old.
    """
    module = PROGRAMS / "go"
    files = [module / name for name in ("go.mod", "go.sum", "client.go")]
    require(environment, "go", ["version"], required_go(files[0].read_text()))

    def build(folder: Path) -> None:
        _say("building a program with armcompute with Go, once; this takes up to a minute.")
        flags = ["-trimpath", "-buildvcs=false", "-o", str(folder / "client")]
        run_installer([find(environment, "go"), "build", *flags, "."], module, for_go(environment))

    return _kept(environment, "armcompute", files, build) / "client"


def find(environment: Mapping[str, str], program: str) -> str:
    """Return the path of a program.

    Raises:
        MissingToolchainError: It is not on PATH.
    """
    found = shutil.which(program, path=environment.get("PATH"))
    if found is None:
        raise MissingToolchainError(f"There is no {program} on PATH.")
    return found


def require(environment: Mapping[str, str], program: str, arguments: Sequence[str], oldest: Version) -> None:
    """Check that a program is there and recent enough.

    Raises:
        MissingToolchainError: It is not.
    """
    answer = subprocess.run(
        [find(environment, program), *arguments],
        env=for_go(environment),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    ).stdout.strip()
    version = parse_version(answer)
    if version is None or version < oldest:
        said = answer or "nothing"
        raise MissingToolchainError(f"{program} {dotted(oldest)} or newer is needed, and this one is {said}.")


def run_installer(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], longest: float = LONGEST_SECONDS
) -> None:
    """Run an installer in a folder. The processes that it starts end with it.

    Raises:
        InstallationError: It failed, or it did not finish in `longest` seconds.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            outcome = f"ended with exit code {code}" if (code := process.wait(longest)) else ""
        except subprocess.TimeoutExpired:
            outcome = f"did not finish in {longest:g} seconds"
        finally:
            _end(process)
        if outcome:
            said.seek(0)
            last = "".join(said.readlines()[-_LAST_LINES:]).rstrip()
            raise InstallationError(f"{Path(command[0]).name} {outcome}:\n{last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _kept(
    environment: Mapping[str, str], name: str, files: Sequence[Path], fill: Callable[[Path], None]
) -> Path:
    system = f"{platform.system()}-{platform.machine()}".lower()
    return kept_folder(cache_folder(environment), f"{name}-{system}-{digest_of(files)}", fill)


def _say(sentence: str) -> None:
    print(f"clients: {sentence}", file=sys.stderr, flush=True)


def install_all(
    clients: Sequence[Callable[[Mapping[str, str]], Path]], environment: Mapping[str, str]
) -> bool:
    """Install every client whose toolchain is here, and report the others; return whether one failed."""
    failed = False
    for client in clients:
        try:
            client(environment)
        except MissingToolchainError as error:
            _say(f"{error} The tests of that client are skipped.")
        except InstallationError as error:
            failed = True
            _say(f"an installation failed. {error}")
    return failed


if __name__ == "__main__":
    raise SystemExit(install_all((python_client_33, javascript_client, go_client), os.environ))

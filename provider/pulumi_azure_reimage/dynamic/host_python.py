"""Which Python Pulumi's CLI starts for the three resources, and whether it can run them.

The resources of every program run in Pulumi's dynamic host, which is Python even if the program is not. The
plugin for other languages has the environment and the folder that the host gets (`NewProvider` of
https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/plugin/provider_plugin.go), so it can
check that before it declares anything. A Python program cannot, because under the Automation API the CLI has
a different environment.

Rule: nothing is refused unless it is certain. The host itself reports that it lacks the package
(`pickled_call`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The runtime options of Pulumi.yaml, as the CLI passes them on.
_VIRTUALENV: Final = "PULUMI_RUNTIME_VIRTUALENV"
_TOOLCHAIN: Final = "PULUMI_RUNTIME_TOOLCHAIN"
_COMMAND: Final = "PULUMI_PYTHON_CMD"
_PATH: Final = "PATH"
_PROJECT: Final = "runtime.options of Pulumi.yaml"
# Neither is imported, because that takes a second.
_PROBE: Final = (
    "import importlib.util as u, sys\n"
    "sys.exit(0 if u.find_spec('pulumi') and u.find_spec('pulumi_azure_reimage') else 3)"
)
_LACKS: Final = 3
_LONGEST_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class HostPython:
    """The Python of the dynamic host.

    Attributes:
        path: Its path, or the command if that is not on PATH.
        chosen_by: The setting that chose it, in words.
        exists: Whether the program exists.
    """

    path: str
    chosen_by: str
    exists: bool


def find_host_python(environ: Mapping[str, str], folder: Path) -> HostPython | None:
    """Return the Python that the CLI starts, by the rules of its launcher; None if they cannot be followed.

    The launcher is
    https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/python/dist/pulumi-resource-pulumi-python

    Args:
        environ: The environment of the plugin, which is that of the launcher.
        folder: The folder in which both run.
    """
    virtualenv, toolchain = environ.get(_VIRTUALENV, ""), environ.get(_TOOLCHAIN, "")
    if os.name != "posix" or (not virtualenv and toolchain == "poetry"):
        # On Windows, the launcher has different rules, and only Poetry knows where its environment is.
        return None
    if not virtualenv and toolchain == "uv":
        virtualenv = ".venv"
    if virtualenv:
        python = folder / virtualenv / "bin" / "python"
        return HostPython(str(python), _PROJECT, python.is_file())
    command = environ.get(_COMMAND) or "python3"
    chosen_by = _COMMAND if environ.get(_COMMAND) else _PATH
    found = shutil.which(command, path=environ.get(_PATH))
    return HostPython(found or command, chosen_by, found is not None)


def refusal(environ: Mapping[str, str], folder: Path) -> str | None:
    """Return why the resources cannot run, and what to do; None if they can, or if that is not certain."""
    host = find_host_python(environ, folder)
    if host is None or _can_run(host, environ, folder):
        return None
    lacks = "does not have the package pulumi-azure-reimage" if host.exists else "does not exist"
    return (
        f"Pulumi runs the resources of this package with {host.path} (chosen by {host.chosen_by}), which "
        f"{lacks}. Nothing was sent. To continue, {', or '.join(_ways_out(host))}."
    )


def _ways_out(host: HostPython) -> Iterator[str]:
    """Yield the ways to make Pulumi run a Python that has the package, such as the one that runs this."""
    if host.chosen_by in (_COMMAND, _PATH):
        yield f"set {_COMMAND}={sys.executable}"
    # The launcher accepts only a folder with this file.
    if (Path(sys.prefix) / "bin" / "python").is_file():
        yield f"write `virtualenv: {sys.prefix}` below `runtime.options` in Pulumi.yaml"
    if host.exists:
        yield f"run `{host.path} -m pip install pulumi-azure-reimage=={VERSION}`"
    elif host.chosen_by == _PROJECT:
        yield "create that environment, and install the package in it"


def _can_run(host: HostPython, environ: Mapping[str, str], folder: Path) -> bool:
    """Report whether a Python has the package and Pulumi's SDK, or at least does not deny it."""
    if not host.exists:
        return False
    if Path(host.path).parent == Path(sys.executable).parent:
        # The interpreters in one folder belong to one environment.
        return True
    try:
        ended = subprocess.run(  # noqa: S603 - the program that the CLI starts too.
            [host.path, "-c", _PROBE],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_LONGEST_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return True
    return ended.returncode != _LACKS

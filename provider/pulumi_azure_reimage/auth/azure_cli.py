"""The Azure CLI: the account that it is signed in with, and its clouds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import ConfigurationError
from ..json_reading import get_str
from ..redact import redact

# Longer than azure-identity waits, because a CLI that was just installed compiles itself first.
_SECONDS = 30.0

RunAz = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Account:
    """The account of `az account show`."""

    subscription_id: str
    subscription_name: str
    cloud_name: str


def read_account(subscription_id: str | None, run: RunAz) -> Account:
    """Return the account that is signed in.

    Raises:
        ConfigurationError: the Azure CLI is not installed, or no account is signed in.
    """
    options = ["--subscription", subscription_id] if subscription_id else []
    document = run(["account", "show", *options])
    return Account(*(get_str(document, member) or "" for member in ("id", "name", "environmentName")))


def run_az(arguments: Sequence[str], *, seconds: float = _SECONDS) -> object:
    """Run the Azure CLI and return the JSON document that it prints.

    It runs in a system folder and without input, as azure-identity runs it. On Windows, cmd.exe looks for
    programs in the current folder first. A CLI that asks a question must not wait for an answer.

    Raises:
        ConfigurationError: the CLI is not installed, fails, or does not print JSON.
    """
    # On Windows, az is a batch file, which is found by its full name only.
    command = (sys.platform == "win32" and shutil.which("az.cmd")) or shutil.which("az")
    if not command:
        raise ConfigurationError(
            "No other method is configured, so the Azure CLI is used, but there is no `az` on PATH. Install "
            "it and run `az login`, or configure another way to sign in."
        )
    command_name = f"`az {' '.join(arguments[:2])}`"
    try:
        ended = subprocess.run(  # noqa: S603 - a list of arguments, without a shell.
            [command, *arguments, "--output", "json"],
            capture_output=True,
            check=False,
            cwd=_safe_folder(),
            encoding="utf-8",
            env={**os.environ, "AZURE_CORE_NO_COLOR": "true"},
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(f"{command_name} did not end within {seconds:.0f} s.") from error
    except OSError as error:
        raise ConfigurationError(
            f"{command_name} could not be run: {redact(str(error), limit=200)}."
        ) from error
    if ended.returncode != 0:
        reason = redact(ended.stderr, limit=500) or f"it exited with code {ended.returncode}"
        raise ConfigurationError(f"{command_name} failed: {reason}")
    try:
        return json.loads(ended.stdout)
    except ValueError as error:
        raise ConfigurationError(f"{command_name} did not print JSON.") from error


def _safe_folder() -> str:
    """Return the folder in which azure-identity runs the Azure CLI (`get_safe_working_dir`)."""
    return os.environ.get("SYSTEMROOT", "C:\\Windows") if sys.platform == "win32" else "/bin"

"""`python -m pulumi_azure_reimage.doctor`: checks the sign-in, and the rights to reimage a VM."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, TextIO

from .arm.client import ArmClient, ReadError, RequestIds
from .arm.permissions import READ, REIMAGE
from .arm.resource_id import VirtualMachineId
from .arm.tokens import SignInInterruptedError
from .auth.azure_cli import read_account, run_az
from .auth.cloud_discovery import resolve_cloud
from .auth.configuration import Azure, Configuration, read_configuration
from .auth.credentials import azure_token_source, require_files
from .auth.method import AzureCli
from .clock import SystemClock
from .connection import connect
from .errors import ConfigurationError, ReimageError
from .redact import redact
from .reimage.troubleshooting import explain_read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_DESCRIPTION = """\
Shows which sign-in method the provider uses in this environment and why, and tries to sign in. Given the
id of a VM, it also checks that you may read and reimage that VM. Nothing is changed; no secret is printed."""
_EPILOG = "The exit code is 0 if everything works, else 1."


def main(arguments: Sequence[str], environ: Mapping[str, str], out: TextIO) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_azure_reimage.doctor", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("vm_id", nargs="?", metavar="VM_ID", help="the ARM id of a VM")
    parser.add_argument(
        "--stack",
        metavar="NAME",
        help="also read the configuration of this stack; run the doctor in the folder of the program",
    )
    options = parser.parse_args(arguments)
    report = _Report(out)
    try:
        stack = stack_configuration(options.stack) if options.stack else {}
        configuration = read_configuration(stack.get, environ)
        vm_id = VirtualMachineId.parse(options.vm_id) if options.vm_id else None
        _check_sign_in(report, configuration, vm_id)
        works = vm_id is None or _check_access(report, connect(configuration, SystemClock()), vm_id)
    except (ReimageError, SignInInterruptedError) as error:
        report.line("problem", redact(str(error)))
        return 1
    return 0 if works else 1


def stack_configuration(
    stack: str, run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
) -> dict[str, str]:
    """Return the configuration of a stack, with its secrets in plain text.

    Raises:
        ConfigurationError: the pulumi CLI is not installed, or cannot read it.
    """
    command = ["pulumi", "config", "--json", "--show-secrets", "--stack", stack]
    try:
        ended = run(command, capture_output=True, check=False, encoding="utf-8", stdin=subprocess.DEVNULL)
    except OSError as error:
        raise ConfigurationError(
            "Reading the configuration of a stack needs the pulumi CLI on PATH."
        ) from error
    if ended.returncode != 0:
        reason = redact(ended.stderr, limit=500)
        raise ConfigurationError(f"`pulumi config` could not read stack {redact(stack)}: {reason}")
    entries = json.loads(ended.stdout or "{}")
    return {key: entry["value"] for key, entry in entries.items() if "value" in entry}


class _Report:
    """Prints lines that have a title each."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def line(self, title: str, text: str) -> None:
        self._out.write(f"{title:<14}{text}\n")


def _check_sign_in(report: _Report, configuration: Configuration, vm_id: VirtualMachineId | None) -> None:
    where = configuration.where
    if not isinstance(where, Azure):
        report.line("cloud", f"simulated machines ({where.place}), because azure-reimage:simulator is set")
        return
    explanation = where.explanation
    report.line("sign-in", explanation.method)
    report.line("found", ", ".join(explanation.found) or "no setting")
    for note in explanation.notes:
        report.line("note", note)
    require_files(where.sign_in.method)
    cloud = resolve_cloud(where)
    report.line("cloud", f"{cloud.name or 'custom'}, because {explanation.cloud}")
    report.line("", f"{cloud.endpoint}, authority {cloud.authority}")
    report.line("subscription", _describe_subscription(where, vm_id))
    azure_token_source(where.sign_in, cloud).token()
    report.line("token", "received")


def _describe_subscription(azure: Azure, vm_id: VirtualMachineId | None) -> str:
    if vm_id is not None:
        return f"{vm_id.subscription_id}, of the VM"
    if isinstance(azure.sign_in.method, AzureCli):
        signed_in = read_account(azure.subscription_id, run_az)
        return f"{signed_in.subscription_id} ({signed_in.subscription_name}), of the Azure CLI"
    return azure.subscription_id or "the one of each VM"


def _check_access(report: _Report, arm: ArmClient, vm_id: VirtualMachineId) -> bool:
    """Check that the VM can be read and reimaged; the second check also runs if the first one fails."""
    ids = RequestIds(str(uuid.uuid4()), str(uuid.uuid4()))
    works = True
    try:
        vm = arm.virtual_machine(vm_id, ids)
    except ReadError as error:
        works = False
        report.line("VM", f"cannot be read: {redact(explain_read(error))}")
    else:
        report.line("VM", f"can be read: {vm_id.name}, {vm.provisioning_state}")
    try:
        permissions = arm.permissions(vm_id, ids)
    except ReadError as error:
        report.line("permissions", f"cannot be read: {redact(error.reason)}")
        return False
    for action in (READ, REIMAGE):
        allowed = permissions.allow(action)
        works = works and allowed
        report.line("allowed" if allowed else "NOT ALLOWED", action)
    return works


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout))

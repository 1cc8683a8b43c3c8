"""The command line of the doctor."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
from typing import TYPE_CHECKING, TextIO

from ..arm.resource_id import VirtualMachineId
from ..arm.tokens import SignInInterruptedError
from ..auth.configuration import Azure, Configuration, for_subscription, read_configuration
from ..auth.oddities import describe_unknown
from ..clock import SystemClock
from ..connection import connect
from ..errors import ConfigurationError, ReimageError
from ..redact import redact
from .checks import check_access, check_sign_in
from .report import Report
from .role import custom_role
from .stack import Project, RunPulumi, Stack, read_stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DESCRIPTION = """\
Shows which sign-in method the provider uses with the selected stack and why, and tries to sign in. Given the
id of a VM, it also checks that you may read and reimage that VM, and read the activity log. Nothing is
changed, and no secret is printed."""
_EPILOG = "The exit code is 0 if everything works, else 1. Optional rights may be missing."


def main(
    arguments: Sequence[str], environ: Mapping[str, str], out: TextIO, pulumi: RunPulumi = subprocess.run
) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    report = Report(out)
    try:
        vm_id = VirtualMachineId.parse(options.vm_id) if options.vm_id else None
        if options.role and vm_id is not None:
            report.text(custom_role(vm_id.subscription_id))
            return 0
        stack = Stack("none is read") if options.no_stack else read_stack(options.stack, pulumi)
        if not options.role:
            report.line("stack", stack.description)
        with _in_folder_of(stack.project):
            configuration = _read_configuration(stack, environ)
            if options.role:
                report.text(custom_role(_subscription_of(configuration)))
                return 0
            works = _check(report, configuration, vm_id)
    except (ReimageError, SignInInterruptedError) as error:
        report.line("problem", redact(str(error)))
        return 1
    return 0 if works else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_azure_reimage.doctor", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("vm_id", nargs="?", metavar="VM_ID", help="the ARM id of a VM")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--stack", metavar="NAME", help="read the configuration of this stack instead of the selected one"
    )
    which.add_argument("--no-stack", action="store_true", help="read the environment only")
    parser.add_argument(
        "--role", action="store_true", help="print a custom role with the least rights, as JSON, and exit"
    )
    return parser


def _in_folder_of(project: Project | None) -> contextlib.AbstractContextManager[object]:
    """Change to the folder of the program, to which relative names in the configuration refer."""
    return contextlib.chdir(project.folder) if project else contextlib.nullcontext()


def _read_configuration(stack: Stack, environ: Mapping[str, str]) -> Configuration:
    unknown = describe_unknown(stack.configuration, stack.project.name if stack.project else "")
    if unknown:
        raise ConfigurationError(unknown)
    return read_configuration(stack.configuration.get, environ)


def _subscription_of(configuration: Configuration) -> str:
    where = configuration.where
    if isinstance(where, Azure) and where.subscription_id:
        return where.subscription_id
    raise ConfigurationError("The role needs a subscription: give the id of a VM in it.")


def _check(report: Report, configuration: Configuration, vm_id: VirtualMachineId | None) -> bool:
    if vm_id is None:
        check_sign_in(report, configuration, None)
        return True
    configuration = for_subscription(configuration, vm_id.subscription_id)
    check_sign_in(report, configuration, vm_id)
    return check_access(report, connect(configuration, SystemClock()), vm_id)

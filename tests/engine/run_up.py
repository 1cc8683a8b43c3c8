"""Runs `pulumi up` of a program file: `python -m tests.engine.run_up FOLDER STACK FILE`.

Everything else comes from the environment.
"""

import runpy
import sys

from pulumi import automation


def main(folder: str, stack_name: str, program_file: str) -> int:
    """Update the stack of the project in `folder`, and return the exit code."""
    workspace = automation.LocalWorkspace(
        work_dir=folder, program=lambda: _run(program_file), pulumi_command=automation.PulumiCommand()
    )
    stack = automation.Stack.select(stack_name, workspace)
    try:
        stack.up(on_output=_say, on_error=_say)
    except automation.CommandError:
        return 1
    return 0


def _run(program_file: str) -> None:
    runpy.run_path(program_file, run_name="__main__")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))

"""Run the simulator's command line: `python -m pulumi_azure_reimage.simulator`."""

from __future__ import annotations

import os
import sys

from .command_line import main

if __name__ == "__main__":
    try:
        code = main(sys.argv[1:], sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. Python flushes once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)

"""Runs the doctor from the command line."""

import os
import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout))

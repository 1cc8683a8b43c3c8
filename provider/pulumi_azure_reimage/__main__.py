"""Starts the plugin, as `python -m pulumi.run.plugin` does for the folder of the repository."""

import sys

from .plugin.command import main

sys.exit(main())

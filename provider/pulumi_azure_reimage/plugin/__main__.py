"""Starts the plugin: `python -m pulumi_azure_reimage.plugin`."""

import sys

from .command import main

sys.exit(main())

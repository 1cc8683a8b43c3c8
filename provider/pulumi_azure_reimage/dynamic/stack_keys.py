"""The keys of the stack's configuration, which a program checks before it declares anything.

The host of dynamic resources can only look up single keys, so it cannot find a misspelled one.
"""

from __future__ import annotations

import pulumi
from pulumi.runtime import config

from ..auth.oddities import describe_unknown


def require_known_keys() -> None:
    """Refuse keys of `azure-reimage:` that do not exist, in the preview and before anything is declared.

    The names are read from where `pulumi.Config` finds its values: what the CLI has passed, and what a
    program of the Automation API has set.

    Raises:
        pulumi.RunError: there is such a key. Pulumi shows the sentence without a traceback.
    """
    names = {*config.CONFIG.get(), *config.get_config_env()}
    unknown = describe_unknown(names, pulumi.get_project())
    if unknown:
        raise pulumi.RunError(unknown)

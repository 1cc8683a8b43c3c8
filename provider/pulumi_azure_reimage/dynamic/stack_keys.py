"""The keys of the stack's configuration, which a program checks before it declares anything.

The host of dynamic resources can look up single keys only, so it cannot find one that is misspelled.
"""

from __future__ import annotations

import pulumi
from pulumi.runtime import config

from ..auth.oddities import describe_unknown


def require_known_keys() -> None:
    """Refuse keys of `azure-reimage:` that do not exist, in the preview and before anything is declared.

    The names are where `pulumi.Config` finds its values: what the CLI has handed over, and what a program of
    the automation API has set.

    Raises:
        pulumi.RunError: there is such a key; Pulumi shows the sentence without a traceback.
    """
    names = {*config.CONFIG.get(), *config.get_config_env()}
    unknown = describe_unknown(names, pulumi.get_project())
    if unknown:
        raise pulumi.RunError(unknown)

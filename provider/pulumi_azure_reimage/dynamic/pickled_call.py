"""How state names a provider: Python that calls `load_provider`, or reports that the package is missing.

Pulumi's CLI starts the Python that reads it, which need not be the one that runs the program, or the plugin
if the program is in another language. There, a pickled reference to our module would fail with an import
error. This text can check first, and is the same for every version of Python.

Rule: this text is in the state of each of the three resources twice, so it is kept short.
"""

from __future__ import annotations

from typing import Final

# An expression can raise only through a generator, because `raise` is a statement.
_TEXT: Final = (
    "__import__('pkgutil').resolve_name('pulumi_azure_reimage.dynamic.resources:load_provider')({name!r},"
    "{version!r})if __import__('importlib.util').util.find_spec('pulumi_azure_reimage')else(_ for _ in())"
    '.throw(ImportError(__import__("sys").executable+" has no pulumi-azure-reimage. Nothing was sent. Set '
    'PULUMI_PYTHON_CMD to a Python that has it."))'
)


def pickled_call(name: str, version: str) -> str:
    """Return an expression that creates a provider.

    Args:
        name: The name of the resource.
        version: The version of this package in the program.
    """
    return _TEXT.format(name=name, version=version)

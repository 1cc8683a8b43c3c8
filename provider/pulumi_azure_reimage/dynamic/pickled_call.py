"""What stands for a provider in state: Python that calls `load_provider`, and says so where that is missing.

The Python that reads it is started by Pulumi's CLI, and need not be the one in which the program runs, or the
plugin if the program is in another language. A pickled reference to our module would end there in an import
error. A text can look first, and is the same for every version of Python.

Rule: this text is in the state of each of the three resources twice, so it is kept short.
"""

from __future__ import annotations

from typing import Final

# An expression can raise only by a generator, because `raise` is a statement.
_TEXT: Final = (
    "__import__('pkgutil').resolve_name('pulumi_azure_reimage.dynamic.resources:load_provider')({name!r},"
    "{version!r})if __import__('importlib.util').util.find_spec('pulumi_azure_reimage')else(_ for _ in())"
    '.throw(ImportError(__import__("sys").executable+" has no pulumi-azure-reimage. Nothing was sent. Set '
    'PULUMI_PYTHON_CMD to a Python that has it."))'
)


def pickled_call(name: str, version: str) -> str:
    """Return an expression that makes a provider.

    Args:
        name: Which one.
        version: The version of this package in the program.
    """
    return _TEXT.format(name=name, version=version)

"""The sign-ins of one process. Each cloud is determined once, and each identity signs in once."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from .cloud_discovery import resolve_cloud
from .credentials import azure_token_source

if TYPE_CHECKING:
    from .clouds import Cloud, CloudChoice
    from .configuration import Azure, SignIn
    from .token_source import AzureTokenSource


class SignIns:
    """Clouds and tokens that connections share.

    Pulumi configures one provider for each of our three resources in a process, and each sign-in with the
    Azure CLI starts two programs, which take about a second each.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[tuple[CloudChoice, SignIn], tuple[Cloud, AzureTokenSource]] = {}

    def find(self, azure: Azure) -> tuple[Cloud, AzureTokenSource]:
        """Return the cloud of a configuration and its token source. The first token signs in.

        Raises:
            ConfigurationError: the cloud cannot be determined. The next caller tries again.
        """
        key = (azure.cloud, azure.sign_in)
        with self._lock:
            if key not in self._known:
                cloud = resolve_cloud(azure)
                self._known[key] = (cloud, azure_token_source(azure.sign_in, cloud))
            return self._known[key]

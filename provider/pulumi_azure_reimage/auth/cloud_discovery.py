"""Clouds that somebody else knows: the Azure CLI, or a metadata endpoint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from ..arm.deadline import DeadlineTransport
from ..clock import SystemClock
from ..errors import ConfigurationError
from ..redact import redact
from . import azure_cli
from .clouds import (
    BY_NAME,
    PUBLIC,
    ActiveCloud,
    Cloud,
    MetadataCloud,
    cloud_from_cli,
    cloud_from_metadata,
)
from .method import AzureCli

if TYPE_CHECKING:
    from .azure_cli import RunAz
    from .configuration import Azure

_SECONDS = 30.0
_CLOUD_NAME = re.compile(r"[\w.\- ]+")


def resolve_cloud(azure: Azure, run: RunAz = azure_cli.run_az) -> Cloud:
    """Return the cloud of a configuration, asking whoever knows it.

    Raises:
        ConfigurationError: nobody can be asked; or the Azure CLI, which is to sign in, is in another cloud.
    """
    method = azure.sign_in.method
    cloud = azure.cloud
    if isinstance(cloud, MetadataCloud):
        cloud = cloud_from_metadata(_metadata(cloud.host))
    if not isinstance(method, AzureCli):
        # Only the Azure CLI has an active cloud; a configuration without it falls back to the public one.
        return PUBLIC if isinstance(cloud, ActiveCloud) else cloud
    active = _active(method, run)
    if isinstance(cloud, ActiveCloud):
        return active
    if cloud.authority != active.authority:
        raise ConfigurationError(
            f"The configured cloud {cloud.name or cloud.endpoint} is not the one that the Azure CLI is "
            f"signed in to, {active.name or active.endpoint}: run `az cloud set --name <cloud>` and "
            f"`az login`, or change the configuration."
        )
    return cloud


def _active(method: AzureCli, run: RunAz) -> Cloud:
    name = azure_cli.account(method.subscription_id, run).cloud_name
    known = BY_NAME.get(name.casefold())
    if known is not None:
        return known
    if not _CLOUD_NAME.fullmatch(name) or name.startswith("-"):
        raise ConfigurationError("`az account show` does not say which cloud it is signed in to.")
    return cloud_from_cli(run(["cloud", "show", "--name", name]))


def _metadata(host: str) -> object:
    where = f"The metadata endpoint {host}"
    try:
        with httpx.Client(transport=DeadlineTransport(SystemClock())) as client:
            answer = client.get(
                f"https://{host}/metadata/endpoints",
                params={"api-version": "2022-09-01"},
                headers={"Accept": "application/json"},
                timeout=_SECONDS,
                # It says where tokens and secrets go: only the configured host may say it.
                follow_redirects=False,
            )
            if answer.status_code != httpx.codes.OK:
                raise ConfigurationError(f"{where} answered HTTP {answer.status_code}.")
            document: object = httpx.Response(
                200, content=answer.content.removeprefix(b"\xef\xbb\xbf")
            ).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        reason = redact(str(error), limit=200) or type(error).__name__
        raise ConfigurationError(f"{where} could not be asked: {reason}.") from error
    return document

"""Clouds that the package does not know. The Azure CLI or a metadata endpoint describes them."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..arm.transport import NoAnswerError
from ..errors import ConfigurationError
from ..sentences import join_sentences
from . import azure_cli
from . import settings as keys
from .clouds import (
    BY_NAME,
    PUBLIC,
    ActiveCloud,
    Cloud,
    MetadataCloud,
    cloud_from_cli,
    cloud_from_metadata,
)
from .http_exchange import exchange
from .method import AzureCli

if TYPE_CHECKING:
    from .azure_cli import RunAz
    from .configuration import Azure

_CLOUD_NAME = re.compile(r"[\w.\- ]+")


def resolve_cloud(azure: Azure, run: RunAz = azure_cli.run_az) -> Cloud:
    """Return the cloud of a configuration. This may run the Azure CLI or read a metadata endpoint.

    Raises:
        ConfigurationError: the cloud cannot be determined, or the Azure CLI, which is to sign in, is signed
            in to a different one.
    """
    hint = azure.sign_in.hint
    try:
        return _resolve(azure, run)
    except ConfigurationError as error:
        raise (ConfigurationError(f"{error.message} {hint}") if hint else error) from error


def _resolve(azure: Azure, run: RunAz) -> Cloud:
    method = azure.sign_in.method
    cloud = azure.cloud
    if isinstance(cloud, MetadataCloud):
        cloud = cloud_from_metadata(_read_metadata(cloud.host))
    if not isinstance(method, AzureCli):
        # Only the Azure CLI has an active cloud. Every other method falls back to the public cloud.
        return PUBLIC if isinstance(cloud, ActiveCloud) else cloud
    active = _read_active_cloud(method, run)
    if isinstance(cloud, ActiveCloud):
        return active
    if cloud.authority != active.authority:
        raise ConfigurationError(
            f"The configured cloud {cloud.name or cloud.endpoint} is not the one that the Azure CLI is "
            f"signed in to, {active.name or active.endpoint}: run `az cloud set --name <cloud>` and "
            f"`az login`, or change the configuration."
        )
    return cloud


def _read_active_cloud(method: AzureCli, run: RunAz) -> Cloud:
    name = _read_account(method, run).cloud_name
    cloud = BY_NAME.get(name.casefold())
    if cloud is not None:
        return cloud
    if not _CLOUD_NAME.fullmatch(name) or name.startswith("-"):
        raise ConfigurationError("`az account show` does not say which cloud it is signed in to.")
    return cloud_from_cli(run(["cloud", "show", "--name", name]))


def _read_account(method: AzureCli, run: RunAz) -> azure_cli.Account:
    try:
        return azure_cli.read_account(method.subscription_id, run)
    except ConfigurationError as error:
        if not method.of_the_vm:
            raise
        raise ConfigurationError(
            f"{error.message.removesuffix('.')}. It was run for {method.subscription_id}, the subscription "
            f"of the VM. If `az account list` does not show that, run `az login` again, with an account that "
            f"can see it, or set {keys.TENANT_ID}, so that the active account signs in to that tenant."
        ) from error


def _read_metadata(host: str) -> object:
    where = f"The metadata endpoint {host}"
    url = f"https://{host}/metadata/endpoints"
    try:
        response = exchange("GET", url, params={"api-version": "2022-09-01"}, headers={})
    except NoAnswerError as error:
        raise ConfigurationError(join_sentences(f"{where} could not be reached: {error}")) from error
    if response.status != HTTPStatus.OK:
        raise ConfigurationError(f"{where} answered HTTP {response.status}.")
    if response.json is None:
        raise ConfigurationError(f"{where} did not return JSON.")
    return response.json

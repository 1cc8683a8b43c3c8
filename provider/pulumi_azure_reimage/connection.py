"""Puts configuration, sign-in and wire together."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from .arm.client import ArmClient
from .arm.tokens import PlaceholderTokenSource, TokenSource
from .arm.transport import ArmTransport, http_client
from .auth.cloud_discovery import known_cloud
from .auth.clouds import PUBLIC
from .auth.configuration import Azure, Configuration, Simulated
from .auth.credentials import azure_token_source
from .errors import ConfigurationError

if TYPE_CHECKING:
    from .clock import Clock


def connect(configuration: Configuration, clock: Clock) -> ArmClient:
    """Return the connection to ARM; signing in waits for the first request.

    Raises:
        ConfigurationError: the simulator cannot be used, or nobody says where ARM of the cloud is.
    """
    transport: httpx.BaseTransport | None = None
    tokens: TokenSource = PlaceholderTokenSource()
    match configuration.where:
        case Azure() as azure:
            cloud = known_cloud(azure)
            endpoint = cloud.endpoint
            tokens = azure_token_source(azure.sign_in, cloud)
        case Simulated(place) if "://" in place:
            endpoint = _loopback(place)
        case Simulated(place):
            endpoint = PUBLIC.endpoint
            transport = _embedded(Path(place), clock)
    arm_transport = ArmTransport(endpoint, tokens, client=http_client(transport))
    return ArmClient(arm_transport, clock, configuration.api_version)


def _embedded(inventory: Path, clock: Clock) -> httpx.BaseTransport:
    # Lazy: a provider that talks to Azure does not load the simulator.
    from .simulator import (  # noqa: PLC0415 - see above.
        Simulator,
        SimulatorError,
        SimulatorTransport,
    )

    try:
        return SimulatorTransport(Simulator.open(inventory, now=clock.now))
    except SimulatorError as error:
        raise ConfigurationError(
            f"azure-reimage:simulator names an inventory that cannot be used: {error}. Nothing was sent."
        ) from error


def _loopback(url: str) -> str:
    """Return the endpoint of a served simulator; it must be on this machine, whatever answers there."""
    parsed = httpx.URL(url)
    try:
        here = parsed.host == "localhost" or ip_address(parsed.host).is_loopback
    except ValueError:
        here = False
    if not here or parsed.scheme not in ("http", "https"):
        raise ConfigurationError(
            f"azure-reimage:simulator is {parsed.scheme}://{parsed.host}: a served simulator must be on this "
            f"machine (localhost or a loopback address); nothing was sent."
        )
    return url.rstrip("/")

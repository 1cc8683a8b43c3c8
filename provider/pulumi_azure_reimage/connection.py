"""The connection to ARM, made of the configuration, the sign-in and the transport."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .arm.client import ArmClient
from .arm.tokens import PlaceholderTokenSource
from .arm.transport import ArmTransport, http_client, scheme_and_host
from .auth.clouds import PUBLIC
from .auth.configuration import Azure, Configuration, Simulated
from .auth.http_exchange import is_loopback
from .auth.sign_ins import SignIns
from .errors import ConfigurationError
from .redact import redact
from .sentences import join_sentences

if TYPE_CHECKING:
    from .clock import Clock
    from .simulator import SimulatorTransport


def connect(configuration: Configuration, clock: Clock, sign_ins: SignIns | None = None) -> ArmClient:
    """Return the connection to ARM, which signs in when the first request is sent.

    Args:
        configuration: The configuration.
        clock: The clock.
        sign_ins: The sign-ins that it shares with other connections of this process.

    Raises:
        ConfigurationError: the simulator cannot be used, or the ARM endpoint of the cloud is not known.
    """
    match configuration.where:
        case Azure() as azure:
            cloud, tokens = (sign_ins or SignIns()).find(azure)
            transport = ArmTransport(cloud.endpoint, tokens, client=http_client())
        case Simulated(place):
            transport = _connect_simulator(place, clock)
    return ArmClient(transport, clock, configuration.api_version)


def _connect_simulator(place: str, clock: Clock) -> ArmTransport:
    tokens = PlaceholderTokenSource()
    if "://" in place:
        _require_loopback(place)
        return ArmTransport(place.rstrip("/"), tokens, client=http_client())
    return ArmTransport(PUBLIC.endpoint, tokens, client=http_client(_open_simulator(Path(place), clock)))


def _open_simulator(inventory: Path, clock: Clock) -> SimulatorTransport:
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
            join_sentences(
                f"azure-reimage:simulator names an inventory that cannot be used: {error}",
                "Nothing was sent.",
            )
        ) from error


def _require_loopback(url: str) -> None:
    """Check that a served simulator is on this machine, because a request may hold a password."""
    scheme, host = scheme_and_host(url)
    if scheme not in ("http", "https") or not is_loopback(host):
        raise ConfigurationError(
            f"azure-reimage:simulator is {redact(url, limit=200)}. A served simulator must be on this "
            f"machine (localhost or a loopback address). Nothing was sent."
        )

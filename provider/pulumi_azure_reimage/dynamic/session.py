"""What one provider process holds: configuration, the connection to ARM, the clock and the log."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import httpx

from ..arm.client import ArmClient, RequestIds
from ..arm.resource_id import VirtualMachineId
from ..arm.transport import ArmTransport, http_client
from ..auth.cloud_discovery import known_cloud
from ..auth.clouds import PUBLIC
from ..auth.configuration import Azure, Configuration, Simulated, read_configuration
from ..auth.credentials import PlaceholderTokenSource, TokenSource, azure_token_source, require_files
from ..clock import Clock, SystemClock
from ..errors import ConfigurationError
from ..reimage.context import VmContext
from .preview_pool import ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..reimage.record import Record
    from .engine_log import Log


class Session:
    """One configured provider; the configuration is read and ARM connected at the first need.

    Deleting a resource needs neither, so that a stack with a broken configuration can still be destroyed.
    """

    def __init__(
        self,
        setting: Callable[[str], object],
        environ: Mapping[str, str],
        log: Log,
        clock: Clock | None = None,
    ) -> None:
        self._setting = setting
        self.environ = environ
        self._log = log
        self._clock = clock or SystemClock()
        self._started_at = self._clock.now()
        self._lock = Lock()
        self._configuration: Configuration | None = None
        self._arm: ArmClient | None = None
        self._drifted: set[str] = set()

    @property
    def arm(self) -> ArmClient:
        """The connection to ARM.

        Raises:
            ConfigurationError: the configuration cannot work.
        """
        with self._lock:
            if self._arm is None:
                configuration = self._read()
                self._arm = connect(configuration, self._clock)
                if isinstance(configuration.where, Simulated):
                    self._log.warn_once(
                        f"azure-reimage:simulator is set to {configuration.where.place}: "
                        f"machines are simulated, nothing in Azure is touched."
                    )
            return self._arm

    def require_configuration(self) -> None:
        """Tell at once, in a preview, what could never work; nothing is contacted.

        Raises:
            ConfigurationError: the configuration cannot work.
        """
        with self._lock:
            where = self._read().where
        if isinstance(where, Simulated):
            _ = self.arm
        else:
            require_files(where.sign_in.method)

    def _read(self) -> Configuration:
        if self._configuration is None:
            self._configuration = read_configuration(self._setting, self.environ)
        return self._configuration

    def warn(self, message: str, inputs: Mapping[str, object]) -> None:
        """Show a message on the row of the component that `inputs` belong to."""
        self._log.warn(message, _urn(inputs))

    def tell(self, message: str, inputs: Mapping[str, object]) -> None:
        """As `warn`, for what needs no attention."""
        self._log.tell(message, _urn(inputs))

    def begin_preview(self, inputs: Mapping[str, object], preview: Callable[[], None]) -> None:
        """Begin to preview the reimage of the component that `inputs` belong to; see `ahead`."""
        ahead().begin(_urn(inputs), preview)

    def await_preview(self, inputs: Mapping[str, object]) -> None:
        """Wait for the end of that preview, if one has begun.

        Raises:
            RefusedError: the update would be refused.
        """
        ahead().end(_urn(inputs))

    def found_drift(self, resource_id: str) -> None:
        """Note that a refresh found a resource changed."""
        self._drifted.add(resource_id)

    def told_drift(self, resource_id: str) -> bool:
        """Tell, once, whether a refresh found it changed."""
        found = resource_id in self._drifted
        self._drifted.discard(resource_id)
        return found

    def context(
        self, inputs: Mapping[str, object], *, timeout: float, record: Record | None = None
    ) -> VmContext:
        """Return the VM that `inputs` name.

        Args:
            inputs: The inputs of either dynamic resource.
            timeout: Seconds after which waiting ends.
            record: The request that is waited for. The timeout counts from when it was requested, so that
                machines that queue up for the host's four threads do not add their timeouts up; in a later
                run it counts from the start of that run, so that resuming has its full time again.

        Raises:
            InvalidInputError: `vm_id` is not the id of a VM.
            ConfigurationError: the configuration cannot work.
        """
        ids = RequestIds(str(uuid.uuid4()), str(uuid.uuid4()))
        waited = 0.0
        if record is not None and record.client_request_id is not None:
            ids = RequestIds(record.client_request_id, record.correlation_id or ids.correlation_id)
            since = max(record.requested_at or self._started_at, self._started_at)
            waited = max(0.0, (self._clock.now() - since).total_seconds())
        urn = _urn(inputs)
        return VmContext(
            arm=self.arm,
            clock=self._clock,
            vm_id=VirtualMachineId.parse(inputs.get("vm_id")),
            ids=ids,
            deadline=self._clock.monotonic() + timeout - waited,
            progress=partial(self._log.progress, urn=urn),
            warn=partial(self._log.warn, urn=urn),
        )

    def age(self, record: Record) -> float:
        """Return how many seconds ago a reimage was requested."""
        requested_at = record.requested_at or datetime.min.replace(tzinfo=UTC)
        return (self._clock.now() - requested_at).total_seconds()


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
    from ..simulator import (  # noqa: PLC0415 - see above.
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


def _urn(inputs: Mapping[str, object]) -> str:
    urn = inputs.get("component_urn")
    return urn if isinstance(urn, str) else ""

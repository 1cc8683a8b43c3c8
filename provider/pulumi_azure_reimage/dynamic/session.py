"""One configured provider: its connection to ARM, and the VMs that it reaches over it."""

from __future__ import annotations

import uuid
from threading import Lock
from typing import TYPE_CHECKING

from ..arm.client import ArmClient, RequestIds
from ..auth.configuration import Configuration, Simulated, for_subscription, read_configuration
from ..auth.credentials import require_files
from ..auth.sign_ins import SignIns
from ..clock import Clock, SystemClock
from ..connection import connect
from ..errors import ConfigurationError
from ..reimage.context import VmContext
from ..reimage.journal import no_journal
from ..reimage.run import Run
from .journal_file import check_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..arm.resource_id import VirtualMachineId
    from ..auth.configuration import Limits
    from ..reimage.journal import Journal
    from ..reimage.record import Record
    from .engine_log import ComponentRow, Log

# How the engine reads it: https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/util/env/env.go.
_NO_CHECKPOINTS, _ON = "PULUMI_SKIP_CHECKPOINTS", ("1", "true")


class Session:
    """One configured provider. The configuration is read and ARM is connected when that is first needed.

    Deleting a resource needs neither, so a stack with a broken configuration can still be destroyed.
    """

    def __init__(
        self,
        setting: Callable[[str], object],
        environ: Mapping[str, str],
        log: Log,
        clock: Clock | None = None,
        sign_ins: SignIns | None = None,
    ) -> None:
        self.environ = environ
        self._sign_ins = sign_ins or SignIns()
        self._setting = setting
        self._log = log
        self._clock = clock or SystemClock()
        self._started_at = self._clock.now()
        self._lock = Lock()
        self._configuration: Configuration | None = None
        self._arms: dict[Configuration, ArmClient] = {}

    def arm_for(self, subscription_id: str) -> ArmClient:
        """Return the connection to ARM for the VMs of a subscription, which share one sign-in.

        Raises:
            ConfigurationError: the configuration cannot work.
        """
        with self._lock:
            return self._connect(for_subscription(self._read(), subscription_id))

    def _connect(self, configuration: Configuration) -> ArmClient:
        if configuration not in self._arms:
            self._arms[configuration] = connect(configuration, self._clock, self._sign_ins)
            if isinstance(configuration.where, Simulated):
                self._log.warn_once(
                    f"azure-reimage:simulator is set to {configuration.where.place}, "
                    f"so machines are simulated and nothing in Azure is touched."
                )
        return self._arms[configuration]

    @property
    def journal(self) -> str | None:
        """The file to which decisions are appended; None if no journal is kept.

        Raises:
            ConfigurationError: the configuration cannot work.
        """
        with self._lock:
            return self._read().journal

    @property
    def limits(self) -> Limits:
        """The limits for all machines of the stack.

        Raises:
            ConfigurationError: the configuration cannot work.
        """
        with self._lock:
            return self._read().limits

    def begin_update(self, run: Run) -> None:
        """Note that a resource is created or updated.

        Raises:
            ConfigurationError: the engine would not save a step before the next one.
        """
        self._require_checkpoints()
        run.begin_update(self._clock)

    def require_configuration(self) -> None:
        """Refuse in the preview what can never work. Nothing is contacted.

        Raises:
            ConfigurationError: the configuration cannot work.
        """
        self._require_checkpoints()
        with self._lock:
            where = self._read().where
        if self.journal is not None:
            check_journal(self.journal)
        if isinstance(where, Simulated):
            with self._lock:
                self._connect(self._read())
        else:
            require_files(where.sign_in.method)

    def _require_checkpoints(self) -> None:
        """Refuse the engine's option to save the state only at the end of a run.

        A decision must be saved before its request is sent, because otherwise a run that is killed leaves no
        record of it. The host inherits the environment of the CLI.

        Raises:
            ConfigurationError: the option is set.
        """
        if self.environ.get(_NO_CHECKPOINTS, "").casefold() in _ON:
            raise ConfigurationError(
                f"{_NO_CHECKPOINTS} is set, so Pulumi would save the state only at the end of the run, and a "
                f"run that is interrupted could reimage a VM twice. Unset it. Nothing was sent."
            )

    def _read(self) -> Configuration:
        if self._configuration is None:
            self._configuration = read_configuration(self._setting, self.environ)
        return self._configuration

    def context(  # noqa: PLR0913 - each comes from another place.
        self,
        vm_id: VirtualMachineId,
        row: ComponentRow,
        *,
        timeout: float,
        record: Record | None = None,
        run: Run | None = None,
        request_urn: str = "<URN of its ReimageRequest>",
        journal: Journal = no_journal,
    ) -> VmContext:
        """Return how to reach a VM, how much time is left, and where progress is shown.

        Args:
            vm_id: The VM.
            row: The row of its component.
            timeout: Seconds after which waiting ends.
            record: The request that is waited for. The timeout starts when it was requested, so the timeouts
                of machines that queue for the host's four threads do not add up. In a later run it starts
                with that run, so a resumed wait has its full time again.
            run: This run of the engine.
            request_urn: The URN of the VM's ReimageRequest, for messages.
            journal: Records what people read later.

        Raises:
            ConfigurationError: the configuration cannot work.
        """
        ids = RequestIds(str(uuid.uuid4()), str(uuid.uuid4()))
        waited = 0.0
        if record is not None and record.client_request_id is not None:
            ids = RequestIds(record.client_request_id, record.correlation_id or ids.correlation_id)
            since = max(record.requested_at or self._started_at, self._started_at)
            waited = max(0.0, (self._clock.now() - since).total_seconds())
        deadline = self._clock.monotonic() + timeout - waited
        return VmContext(
            arm=self.arm_for(vm_id.subscription_id).until(deadline),
            clock=self._clock,
            vm_id=vm_id,
            ids=ids,
            deadline=deadline,
            progress=row.progress,
            warn=row.warn,
            run=run or Run(),
            time_scale=self._time_scale,
            request_urn=request_urn,
            inform=row.inform,
            journal=journal,
        )

    @property
    def _time_scale(self) -> float:
        where = self._read().where
        return where.time_scale if isinstance(where, Simulated) else 1.0

"""A fake internet with Entra, the issuers, the clouds' Azure Resource Managers, and our client in it."""

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.dynamic.engine_log import ComponentRow
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.simulator import Request as ArmRequest
from pulumi_azure_reimage.simulator import Simulator
from tests.signin.entra import Entra, Issuer, Machine
from tests.signin.internet import Host, Internet, Request, Response
from tests.unit.fakes import SUBSCRIPTION, VM_ID, FakeClock
from tests.unit.stack import FakeLog

CLOUDS = {
    "public": ("login.microsoftonline.com", "management.azure.com"),
    "china": ("login.chinacloudapi.cn", "management.chinacloudapi.cn"),
    "usgovernment": ("login.microsoftonline.us", "management.usgovcloudapi.net"),
    "custom": ("login.azurestack.example", "management.azurestack.example"),
}
# An answer for one subscription has precedence over the answer for all others.
AZ = """#!/bin/sh
echo "$@" >>"$AZ_FOLDER/asked"
command="$1-$2"
while [ $# -gt 0 ]; do
  if [ "$1" = --subscription ] && [ -e "$AZ_FOLDER/$command-$2.json" ]; then command="$command-$2"; fi
  shift
done
if [ -e "$AZ_FOLDER/$command.error" ]; then cat "$AZ_FOLDER/$command.error" >&2; exit 1; fi
cat "$AZ_FOLDER/$command.json"
"""


@dataclass
class World:
    """Everything that a test uses."""

    folder: Path
    entra: Entra
    issuer: Issuer
    internet: Internet
    clock: FakeClock
    simulator: Simulator
    log: FakeLog = field(default_factory=FakeLog)

    @property
    def variables(self) -> dict[str, str]:
        """The variables that direct a process into this world."""
        return {
            **self.internet.environment,
            "AZ_FOLDER": str(self.folder),
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
        }

    def session(self, stack: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Session:
        """Return a provider that was configured with settings of a stack, by azure-native's names."""
        settings = {key if ":" in key else f"azure-native:{key}": value for key, value in stack.items()}
        return Session(settings.get, environ or {}, self.log, self.clock)

    def target(
        self, stack: Mapping[str, object], environ: Mapping[str, str] | None = None, *, timeout: float = 60.0
    ) -> VmContext:
        """Return the VM, through such a provider."""
        return self.target_of(self.session(stack, environ), VM_ID, timeout=timeout)

    def target_of(self, session: Session, vm_id: str, *, timeout: float = 60.0) -> VmContext:
        """Return a VM, through a provider that can also reach others."""
        return session.context(VirtualMachineId.parse(vm_id), ComponentRow(self.log, ""), timeout=timeout)

    def az(self, command: str, answer: object, *, error: str | None = None) -> None:
        """Make the Azure CLI answer a command, or fail."""
        name = command.replace(" ", "-")
        (self.folder / f"{name}.json").write_text(json.dumps(answer))
        if error is not None:
            (self.folder / f"{name}.error").write_text(error)

    def az_signed_in(self, cloud: str = "AzureCloud", subscription: str | None = None) -> str:
        """Sign in an account with the Azure CLI, for every subscription or for one.

        Returns:
            Its token.
        """
        suffix = f"-{subscription}" if subscription else ""
        account = {"id": subscription or "sub", "name": "Subscription", "environmentName": cloud}
        self.az(f"account show{suffix}", account)
        token = self.entra.issue({"host": "az"})
        self.az(f"account get-access-token{suffix}", {"accessToken": token, "expires_on": 4102444800})
        return token

    @property
    def az_asked(self) -> list[str]:
        """The commands that the Azure CLI was run with."""
        file = self.folder / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def tokens_at_arm(self) -> list[str]:
        """Return the tokens that reached an Azure Resource Manager."""
        return [request.bearer for request in self.internet.log if request.path.startswith("/subscriptions/")]


@contextmanager
def open_world(
    folder: Path, *, seconds: float = 600.0, now: Callable[[], datetime] | None = None
) -> Iterator[World]:
    """Start the hosts.

    Args:
        folder: Where files are put.
        seconds: How long a reimage takes.
        now: The clock of the Azure Resource Managers; None means that of the client.
    """
    entra, clock = Entra(), FakeClock()
    issuer = Issuer(entra)
    inventory = folder / "machines.json"
    inventory.write_text(
        json.dumps(
            {
                "subscription_id": SUBSCRIPTION.rpartition("/")[2],
                "operation_seconds": seconds,
                "retry_after": min(60, int(seconds)),
                "machine": [{"name": "web", "resource_group": "rg"}],
            }
        )
    )

    def arm(request: Request) -> Response:
        if request.path == "/metadata/endpoints":
            return _metadata(request)
        if request.bearer not in entra.issued:
            return Response(401, {"error": {"code": "InvalidAuthenticationToken", "message": "No."}})
        answer = simulator.handle(
            ArmRequest(request.method, request.url, dict(request.headers), request.body)
        )
        return Response(answer.status, answer.body, dict(answer.headers))

    hosts: dict[str, Host] = {
        **{host: entra for host, _ in CLOUDS.values()},
        **{host: arm for _, host in CLOUDS.values()},
        "runner.actions.example": issuer.github,
        "dev.azure.com": issuer.azure_devops,
        "169.254.169.254": Machine(entra),
    }
    az = folder / "bin" / "az"
    az.parent.mkdir()
    az.write_text(AZ)
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    with Simulator.open(inventory, now=now or clock.now) as simulator, Internet(folder, hosts) as internet:
        yield World(folder, entra, issuer, internet, clock, simulator)


def _metadata(request: Request) -> Response:
    assert request.query == {"api-version": "2022-09-01"}
    assert not request.bearer
    authority, endpoint = CLOUDS["custom"]
    return Response(
        body={
            "name": "AzureStack",
            "authentication": {"loginEndpoint": f"https://{authority}/", "audiences": ["https://audience/x"]},
            "resourceManager": f"https://{endpoint}/",
        }
    )

"""Azure's own clients, unmodified and at their own API versions, against the simulator over HTTP."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from pulumi_azure_reimage.simulator import LoggedRequest, Request, Response, serve
from tests.unit.simulator.arm.written_machine import machine as machine_body
from tests.unit.simulator.arm.written_machine import prepare
from tests.unit.simulator.client import FakeNow, World
from tools.sdk_clients import MissingToolchainError

from .foreign_clients import CLIENTS, ForeignClient, Launch, running

pytestmark = pytest.mark.usefixtures("socket_enabled")

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
# One second between polls, the shortest time that ARM's header can express. The operation takes longer than
# one poll moves the clock, and less than two, so each client sees it run.
INVENTORY = """
resource_group = "rg"
operation_seconds = 60.0
retry_after = 1

[[machine]]
name = "vm"
"""
A_POLL = 40.0


@dataclass(frozen=True, slots=True)
class ClockOfPolls:
    """A simulator whose time passes with each poll, so that no test waits for an operation."""

    world: World
    urls: list[str] = field(default_factory=list)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        if "/operations/" in request.url:
            self.urls.append(request.url)
            self.world.now.advance(A_POLL)
        return self.world.simulator.handle(request)


@dataclass(frozen=True, slots=True)
class Scene:
    """A client, and the simulator that it uses.

    Attributes:
        url: Where the simulator is served for this client.
        polled: The URLs that were polled.
        stack: Ends the client's processes.
    """

    launch: Launch
    world: World
    url: str
    authority: Path
    polled: list[str]
    stack: ExitStack

    def client(self, *options: str) -> ForeignClient:
        """Start a process of the client."""
        machine = (self.url, SUBSCRIPTION, "rg", "vm")
        return self.stack.enter_context(running(self.launch, *machine, *options, authority=self.authority))

    def interrupted(self) -> dict[str, Any]:
        """Start a reimage that continues, kill the client, and return what it printed before."""
        self.world.simulator.hang("vm")
        killed = self.client()
        said: dict[str, Any] = killed.ask("interrupted")
        killed.process.kill()
        killed.process.wait()
        return said

    def log(self, method: str = "") -> list[LoggedRequest]:
        """Return the requests that the client has sent."""
        return [one for one in self.world.simulator.requests() if one.method.startswith(method)]

    def disk(self) -> str:
        """Return the id of the machine's current OS disk."""
        return self.world.simulator.machine("vm").os_disk_id


@pytest.fixture(params=CLIENTS)
def scene(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    socket_enabled: None,  # noqa: ARG001 - the server needs it before the test begins.
) -> Iterator[Scene]:
    """Serve a separate world to each client."""
    try:
        launch = CLIENTS[request.param]()
    except MissingToolchainError as missing:
        pytest.skip(str(missing))
    inventory = tmp_path / "machines.toml"
    inventory.write_text(INVENTORY)
    authority = tmp_path / "authority.pem"
    with World.open(inventory, FakeNow()) as world, ExitStack() as stack:
        handler = ClockOfPolls(world)
        server = stack.enter_context(serve(handler, tls=launch.over_https))
        authority.write_text(server.authority or "")
        yield Scene(launch, world, server.url, authority, handler.urls, stack)


def test_it_shows_a_vm_at_its_own_api_version(scene: Scene) -> None:
    """The VM has its instance view, and the log notes a version that is not ours."""
    machine = scene.world.simulator.machine("vm")

    shown = scene.client().ask("show")

    assert shown == {
        "vm_id": machine.vm_id,
        "os_disk": machine.os_disk_id,
        "statuses": ["ProvisioningState/succeeded", "PowerState/running"],
    }
    (sent,) = scene.log()
    assert sent.status == 200
    assert (sent.api_version == "2024-07-01") == (not sent.note)
    assert sent.note in {"", "answered as api-version 2024-07-01"}


def test_it_lists_more_vms_than_fit_on_a_page(scene: Scene) -> None:
    """Each client makes the request for the next page of `nextLink` in its own way."""
    further = [f"vm-{number:03}" for number in range(60)]
    for name in further:
        scene.world.simulator.add(name)

    names = scene.client().ask("names")

    assert names == ["vm", *further]
    assert [sent.status for sent in scene.log()] == [200, 200]
    assert len({sent.api_version for sent in scene.log()}) == 1


def test_it_reimages_a_vm(scene: Scene) -> None:
    """It sends one request and polls it to its end, and the VM has another OS disk."""
    before = scene.disk()

    ended = scene.client().ask("reimage")

    assert ended == {"code": "", "text": ""}
    assert scene.disk() != before
    assert [(post.status, post.body) for post in scene.log("POST")] == [(202, "")]
    assert {get.status for get in scene.log("GET")} == {200}
    assert len(scene.polled) >= 2


def test_it_deletes_a_vm_and_creates_it_again(scene: Scene) -> None:
    """It follows each client's samples: create, get, reimage, delete. The second VM is a different one."""
    prepare(scene.world, SUBSCRIPTION)
    scene.world.simulator.set_operation_seconds(None, A_POLL)
    old = scene.world.simulator.machine("vm").vm_id
    body = json.dumps(machine_body()).replace("11111111-1111-1111-1111-111111111111", SUBSCRIPTION)
    client = scene.client()

    ends = [client.ask("delete"), client.ask("create", body)]
    shown = client.ask("show")
    ends += [client.ask("reimage"), client.ask("delete")]

    assert ends == [{"code": "", "text": ""}] * 4
    assert shown["vm_id"] not in {old, ""}
    assert shown["statuses"] == ["ProvisioningState/succeeded", "PowerState/running"]
    assert client.ask("reimage")["code"] == "ResourceNotFound"


def test_it_reports_a_reimage_that_failed(scene: Scene) -> None:
    """It reports the code and the message of ARM."""
    scene.world.simulator.set_operation_seconds("vm", A_POLL)
    scene.world.simulator.fail("vm", "AllocationFailed", "No room is left.")

    ended = scene.client().ask("reimage")

    assert "AllocationFailed" in f"{ended['code']} {ended['text']}"
    assert "No room is left." in ended["text"]
    assert len(scene.log("POST")) == 1


def test_it_reports_a_reimage_that_was_cancelled(scene: Scene, request: pytest.FixtureRequest) -> None:
    """It reports the code of ARM, which the client for JavaScript does not pass on."""
    before = scene.disk()
    scene.world.simulator.set_operation_seconds("vm", A_POLL)
    scene.world.simulator.cancel("vm")
    told = "Operation was canceled" if "javascript" in request.node.name else "OperationPreempted"

    ended = scene.client().ask("reimage")

    assert told in f"{ended['code']} {ended['text']}"
    assert (scene.disk(), len(scene.log("POST"))) == (before, 1)


def test_it_reports_a_reimage_that_was_refused(scene: Scene) -> None:
    """A second reimage of the same machine is refused, and no client repeats it."""
    scene.world.simulator.hang("vm")
    scene.world.reimage("vm")

    ended = scene.client().ask("reimage")

    assert ended["code"] == "OperationNotAllowed"
    assert "since another operation is in progress" in ended["text"]
    assert [post.status for post in scene.log("POST")] == [202, 409]


def test_it_waits_as_long_as_a_throttled_answer_says(scene: Scene) -> None:
    """Then it repeats the request. It also repeats a poll that was answered with a server error."""
    scene.world.simulator.throttle("vm", 1)
    scene.world.simulator.reject("vm", 503, request="poll")

    ended = scene.client().ask("reimage")

    assert ended == {"code": "", "text": ""}
    assert [post.status for post in scene.log("POST")] == [429, 202]
    assert [get.status for get in scene.log("GET")][:2] == [503, 200]


def test_another_process_resumes_a_reimage(scene: Scene) -> None:
    """It uses the token of a killed process, and sends no second request."""
    before = scene.disk()
    interrupted = scene.interrupted()
    running_on = scene.disk() == before
    scene.world.simulator.finish("vm")

    ended = scene.client().ask("resume", interrupted["token"])

    assert (interrupted["done"], running_on) == (False, True)
    assert ended == {"code": "", "text": ""}
    assert scene.disk() != before
    assert len(scene.log("POST")) == 1


@pytest.mark.parametrize("scene", ["go"], indirect=True)
def test_a_client_that_chooses_its_api_version_can_poll_the_links_of_another(scene: Scene) -> None:
    """Azure's client for Go replaces the version in the signed link, and sorts its parameters."""
    interrupted = scene.interrupted()
    scene.world.simulator.finish("vm")

    ended = scene.client("2025-04-01").ask("resume", interrupted["token"])

    names = [name for name, _ in parse_qsl(urlsplit(scene.polled[-1]).query)]
    assert ended == {"code": "", "text": ""}
    assert names == ["api-version", "c", "h", "monitor", "p", "s", "t"]
    assert [scene.log()[index].api_version for index in (0, -1)] == ["2026-04-01", "2025-04-01"]

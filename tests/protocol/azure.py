"""A model of Azure at the level of ArmClient. The explorer chooses its behaviour.

Each transition cites a recording of Azure or a public source, or is marked as an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from pulumi_azure_reimage.arm.client import ReadError
from pulumi_azure_reimage.arm.image import Image, ImageVersion
from pulumi_azure_reimage.arm.permissions import Permissions
from pulumi_azure_reimage.arm.virtual_machine import DEFAULT_API_VERSION

from .documents import machine, refusal
from .events import happen
from .log import read_log
from .polls import poll
from .posts import connect, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from pulumi_azure_reimage.arm.activity_log import ActivityLog, NotReadable
    from pulumi_azure_reimage.arm.client import NotSent, RequestIds
    from pulumi_azure_reimage.arm.lro import Link, PollStep, PostStep
    from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
    from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine

    from .stage import Stage
    from .world import View


@dataclass(frozen=True, slots=True)
class Azure:
    """The methods of ArmClient, on the stage of one step."""

    stage: Stage
    api_version: ClassVar[str] = DEFAULT_API_VERSION

    def hiding(self, _secrets: Callable[[], Iterable[str]]) -> Self:
        """Return itself, because its errors quote nothing that it was sent."""
        return self

    def until(self, _deadline: float) -> Self:
        """Return itself, because it always answers, so no read is repeated."""
        return self

    def virtual_machine(self, _vm_id: VirtualMachineId, _ids: RequestIds) -> VirtualMachine:
        """GET the VM: a late view or the current one."""
        stage = self.stage
        stage.reads += 1
        happen(stage, "GET of the VM")
        may_refuse = stage.phase == "R" and stage.world.bounds.faults and not stage.quiet
        # ARM answers 403 to an identity that has lost a right in the meantime.
        if may_refuse and stage.choose(["shown", "GET of the VM answers 403"]) != "shown":
            stage.use("faults")
            raise ReadError("no right", refusal(403, "AuthorizationFailed"))
        return machine(_visible(stage), ephemeral=stage.world.ephemeral, read_at=stage.now())

    def permissions(self, _vm_id: VirtualMachineId, _ids: RequestIds) -> Permissions:
        """GET the permissions: everything is allowed."""
        self.stage.reads += 1
        return Permissions.from_body({"value": [{"actions": ["*"]}]})

    def locks(self, _vm_id: VirtualMachineId, _ids: RequestIds) -> tuple[()]:
        """GET the locks: there are none."""
        self.stage.reads += 1
        return ()

    def image_version(
        self, _vm_id: VirtualMachineId, _image: Image, _version: str, _location: str, _ids: RequestIds
    ) -> ImageVersion:
        """GET an image version: every one exists."""
        self.stage.reads += 1
        return ImageVersion(replicated=True)

    def activity_log(
        self, _vm_id: VirtualMachineId, since: datetime, until: datetime, _ids: RequestIds
    ) -> ActivityLog | NotReadable:
        """GET the activity log."""
        self.stage.reads += 1
        return read_log(self.stage, since, until)

    def reimage(
        self,
        _vm_id: VirtualMachineId,
        body: Mapping[str, object] | None,
        ids: RequestIds,
        before_write: Callable[[], NotSent | None] | None = None,
    ) -> PostStep | NotSent:
        """POST the reimage, unless the check before the write stops it."""
        happen(self.stage, "POST")
        connect(self.stage)
        stop = before_write() if before_write else None
        return send(self.stage, ids, body) if stop is None else stop

    def poll(self, link: Link, _ids: RequestIds) -> PollStep:
        """GET the operation."""
        happen(self.stage, "poll")
        return poll(self.stage, link)


def _visible(stage: Stage) -> View:
    world = stage.world
    if world.late is None:
        return world.view
    if stage.quiet:
        return world.late
    options = ["view catches up", "view is still late"]
    if world.elapsed >= world.late_until or stage.choose(options) == options[0]:
        stage.change(late=None, late_until=0.0)
        return world.view
    return world.late

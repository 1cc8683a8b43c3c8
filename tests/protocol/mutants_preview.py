# ruff: noqa: SLF001 - A mutant changes what is private.
"""Mutants of what a preview announces, and of leaving a VM as it is."""

from pulumi_azure_reimage.dynamic import operation
from pulumi_azure_reimage.reimage import context, decide, send

from .configuration import Configuration
from .mutant import Mutant
from .mutant_stories import CHANGES, CREATED, KILLS, LEFT
from .world import Bounds

ANNOUNCED = (
    Mutant(
        "a change that was taken back is announced as a reimage",
        operation.ReimageOperationProvider._announce_change,
        "elif not found:",
        "elif False:",
        "honest",
        CHANGES,
    ),
    Mutant(
        "the preview does not know that a change was taken back",
        operation.ReimageOperationProvider.diff,
        "decision = self._decide(_olds, news, request, last)",
        "decision = self._decide({}, news, request, last)",
        "honest",
        CHANGES,
    ),
    Mutant(
        "a doubt about a creation is not announced",
        operation.ReimageOperationProvider._announce_creation,
        "self._announce_send(news, request, self._decide({}, given, request, None))",
        "pass",
        "honest",
        CREATED,
    ),
    Mutant(
        "leaving it reimages if reimage_on_create is set",
        decide.decide_send,
        "if earlier is None:",
        "if earlier is None:\n        return SendFresh(after_fence=True, unsure=True)\n    if not earlier:",
        "asked",
        Configuration("left, reimage_on_create", Bounds(leaves=1), on_create=True),
    ),
    Mutant(
        "leaving it forgets a doubt",
        send._record_only,
        "wait_for_fence(context)",
        "pass",
        "once",
        LEFT,
    ),
    Mutant(
        "leaving it does not wait for a reimage of ours",
        send._record_only,
        "vm = read_settled(context)",
        "vm = context.look()",
        "wanted",
        Configuration("left, long operations", Bounds(kills=1, leaves=1, long=1)),
    ),
    Mutant(
        "any new VM is fresh",
        decide.is_fresh,
        "return vm.created_at > began and version in (None, vm.disk.image_version)",
        "return True",
        "wanted",
        Configuration("created again", Bounds(recreations=1)),
    ),
    Mutant(
        "a fresh VM of another version",
        decide.is_fresh,
        "return vm.created_at > began and version in (None, vm.disk.image_version)",
        "return vm.created_at > began",
        "wanted",
        Configuration("created again as a version", Bounds(recreations=1), exact=True),
    ),
    Mutant(
        "an orphan sends",
        context.VmContext._stop,
        "if gone is not None:",
        "if False:",
        "nobody",
        KILLS,
    ),
    Mutant(
        "a VM that is current forgets a doubt",
        decide.decide_send,
        "return RecordOnly(after_doubt=doubt)",
        "return RecordOnly()",
        "once",
        Configuration("current", Bounds(kills=1, changes=2), values="AC", exact=True, current=True),
    ),
)

"""What happens to a reimage when the VM is looked at. Previews and updates call the same function."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.inputs.changes import failed
from pulumi_azure_reimage.inputs.parameters import DesiredReimage, Guards
from pulumi_azure_reimage.reimage import decide as decide_module
from pulumi_azure_reimage.reimage.decide import KeepCurrent, RecordBaseline, SendReimage, decide, is_fresh
from pulumi_azure_reimage.reimage.record import Record

from ..fakes import START, desired, disk, requested

BASELINE = Record(before=disk())
TO_CURRENT = desired(exact_version="1.0.0", guards=Guards(skip_if_current=True))


def vm(name: str = "old", *, state: str = "Succeeded", **facts: Any) -> VirtualMachine:  # noqa: ANN401 - see disk.
    """Return a VM whose OS disk is called `name`."""
    return VirtualMachine("web", state, None, disk(name, **facts), created_at=START, read_at=START)


@pytest.mark.parametrize(
    ("now", "reimage", "last", "expected"),
    [
        pytest.param(vm(), desired(), BASELINE, SendReimage, id="the VM of the baseline"),
        pytest.param(vm(), desired(), None, SendReimage, id="the first one"),
        pytest.param(vm(vm="vm-2"), desired(), BASELINE, RecordBaseline, id="another VM"),
        pytest.param(vm("new", vm="vm-2"), TO_CURRENT, BASELINE, RecordBaseline, id="another VM comes first"),
        pytest.param(vm("new"), desired(), BASELINE, SendReimage, id="another disk than the baseline's"),
        pytest.param(vm("new"), desired(), requested(), SendReimage, id="the disk of the last reimage"),
        pytest.param(vm("new"), TO_CURRENT, BASELINE, KeepCurrent, id="another disk, and current"),
        pytest.param(vm(), TO_CURRENT, BASELINE, KeepCurrent, id="current"),
        pytest.param(vm(), TO_CURRENT, None, KeepCurrent, id="current when it is created"),
        pytest.param(vm(version="0.9"), TO_CURRENT, BASELINE, SendReimage, id="another version"),
        pytest.param(
            vm(), desired(exact_version="1.0.0"), BASELINE, SendReimage, id="without skip_if_current"
        ),
        pytest.param(
            vm(), desired(guards=Guards(skip_if_current=True)), BASELINE, SendReimage, id="no version"
        ),
        pytest.param(vm(state="Failed"), TO_CURRENT, BASELINE, SendReimage, id="current and failed"),
        pytest.param(
            vm(),
            replace(TO_CURRENT, causes=(failed("Failed", "It broke."),)),
            BASELINE,
            SendReimage,
            id="current, and the last reimage failed",
        ),
    ],
)
def test_what_becomes_of_a_reimage(
    now: VirtualMachine, reimage: DesiredReimage, last: Record | None, expected: type
) -> None:
    """The VM decides, and each decision contains the look that it relies on."""
    decision = decide(now, reimage, last.before if last else None, 60.0)

    assert type(decision) is expected
    assert decision in (SendReimage(now), RecordBaseline(now.disk), KeepCurrent(now.disk, "1.0.0"))


@pytest.mark.parametrize(
    ("created", "cli_age", "fresh"),
    [
        pytest.param(-30, 60.0, True, id="after the CLI had started"),
        pytest.param(-90, 60.0, False, id="before the CLI started"),
        pytest.param(-54, 60.0, True, id="six seconds after its start"),
        pytest.param(
            -55, 60.0, False, id="five seconds after its start, because `Date` and its way are not exact"
        ),
        pytest.param(-60, 60.0, False, id="in the very second of its start"),
        pytest.param(-3500, None, True, id="in the last hour, and the start cannot be read"),
        pytest.param(-3594, None, True, id="just in the last hour"),
        pytest.param(-3595, None, False, id="an hour ago, less five seconds"),
        pytest.param(-3700, None, False, id="earlier, and the start cannot be read"),
        pytest.param(-3500, 7200.0, True, id="in a run of two hours"),
        pytest.param(6, 0.0, True, id="by a clock of Azure's that is ahead"),
        pytest.param(0, 0.0, False, id="in a run that has just begun"),
    ],
)
def test_a_vm_is_fresh_if_it_was_created_since_the_cli_started(
    created: float, cli_age: float | None, *, fresh: bool
) -> None:
    """Azure's clock counts: the `Date` of the answer minus the time that has passed here."""
    now = replace(vm(), created_at=START + timedelta(seconds=created))

    assert is_fresh(now, None, cli_age) is fresh


@pytest.mark.parametrize(
    ("now", "version"),
    [
        pytest.param(replace(vm(), created_at=None), None, id="no time of its creation"),
        pytest.param(replace(vm(), read_at=None), None, id="no `Date`"),
        pytest.param(vm(), "2.0.0", id="another version than the one that is asked for"),
        pytest.param(replace(vm(), disk=disk(version="")), "2.0.0", id="a version that is not known"),
    ],
)
def test_a_vm_of_which_that_is_not_known_is_not_fresh(now: VirtualMachine, version: str | None) -> None:
    """A requested reimage must not be dropped on a guess."""
    assert not is_fresh(now, version, 60.0)


def test_a_decision_that_the_preview_or_the_update_does_not_handle_is_a_type_error(tmp_path: Path) -> None:
    """So a new member of the union never falls through to the request that wipes the disk."""
    pytest.importorskip("mypy", reason="not in the environment of the oldest dependencies")
    module = Path(decide_module.__file__)
    members = "Decision = RecordBaseline | KeepCurrent | SendReimage"
    text = module.read_text(encoding="utf-8")
    assert members in text
    with_one_more = tmp_path / "decide.py"
    with_one_more.write_text(text.replace(members, f"class Postpone:\n    pass\n\n\n{members} | Postpone"))

    checked = subprocess.run(  # noqa: S603 - our own list of arguments, without a shell.
        [
            *(sys.executable, "-m", "mypy", "--follow-imports=silent", "--no-error-summary"),
            *("--cache-dir", str(tmp_path / "cache"), "--shadow-file", str(module), str(with_one_more)),
            *(str(module.with_name(name)) for name in ("begin.py", "preview.py")),
        ],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )

    told = 'error: Argument 1 to "assert_never" has incompatible type "Postpone"; expected "Never"'
    errors = checked.stdout.splitlines()
    assert sorted(Path(line.partition(":")[0]).name for line in errors if told in line) == [
        "begin.py",
        "preview.py",
    ], checked.stdout
    assert len(errors) == 2

"""What the providers of a host process share, and how our errors leave it."""

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage.dynamic.host import HostProcess
from pulumi_azure_reimage.dynamic.one_line_errors import OneLineErrors
from pulumi_azure_reimage.errors import OperationFailedError, ReimageError, RequestRejectedError
from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import COMPONENT, INVENTORY, OTHER, FakeLog, Stack

BEFORE, AFTER = {"triggers": {"a": 1}}, {"triggers": {"a": 2}}


# Drift


def read(stack: Stack) -> None:
    """Read the result as a refresh does, without the diff that follows."""
    stack.restart()
    outputs = stack.result.provider.read(stack.result.id, dict(stack.result.outputs or {})).outs
    stack.result.outputs = dict(outputs or {})


def changed(stack: Stack) -> bool | None:
    """Diff the result as the engine does after a read."""
    resource = stack.result
    return resource.provider.diff(resource.id, dict(resource.outputs or {}), dict(resource.inputs)).changes


@pytest.fixture
def drifted(stack: Stack, simulator: Simulator) -> Stack:
    """Return a stack whose result was read after a stranger had replaced its disk."""
    stack.up(**BEFORE)
    simulator.recreate("web")
    read(stack)
    return stack


def test_every_diff_after_a_read_reports_the_same_drift(drifted: Stack) -> None:
    """A diff changes nothing, so later diffs and those of other threads answer like the first one."""
    one_by_one = [changed(drifted), changed(drifted)]
    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(lambda _: changed(drifted), range(64)))

    assert [*one_by_one, *at_once] == [True] * 66


def test_a_check_forgets_the_drift_and_every_later_diff_reports_none(drifted: Stack) -> None:
    """The engine checks before the diffs of an update, but not before the diff that follows a read."""
    found = changed(drifted)
    checked = drifted.result.provider.check(drifted.result.inputs, drifted.result.inputs)

    assert (found, checked.failures) == (True, [])
    assert [changed(drifted), changed(drifted)] == [False, False]


def test_a_vm_has_no_drift_because_another_one_has(drifted: Stack, inventory: Path, clock: FakeClock) -> None:
    """Drift belongs to one VM, no matter which diffs come in between and how many run at a time."""
    web, other = drifted, Stack(inventory, clock)
    other.up(vm_id=OTHER, **BEFORE)
    # One run of the engine reads both, so they share its host process.
    other.result.provider.host = web.result.provider.host
    other.result.provider.read(other.result.id, dict(other.result.outputs or {}))

    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(changed, [web, other] * 32))
    other.result.provider.check(other.result.inputs, other.result.inputs)

    assert at_once == [True, False] * 32
    assert changed(web), "The check of another VM does not forget its drift."


def test_two_components_on_one_vm_both_show_its_drift(
    drifted: Stack, inventory: Path, clock: FakeClock
) -> None:
    """A program that declares both is refused, but the state of an older one can contain both."""
    other = Stack(inventory, clock)
    other.up(**BEFORE)
    known = {**other.told, "os_disk_id": "/disks/another"}
    other.result.outputs = {**(other.result.outputs or {}), "result": known}
    other.result.provider.host = drifted.result.provider.host

    read(other)

    assert [changed(drifted), changed(other)] == [True, True]


def test_stacks_with_separate_host_processes_do_not_see_each_others_drift(
    drifted: Stack, tmp_path: Path, clock: FakeClock
) -> None:
    """Two simulated stacks have VMs with the same id, so what is known of them must not be shared."""
    inventory = tmp_path / "another.toml"
    inventory.write_text(INVENTORY)
    another = Stack(inventory, clock)
    another.up(**BEFORE)

    read(another)

    assert [changed(drifted), changed(another), changed(drifted)] == [True, False, True]


def test_a_host_process_shares_nothing_with_another() -> None:
    """They do not even share their initial values."""
    one, other = HostProcess(FakeLog()), HostProcess(FakeLog())
    one.previews.begin(COMPONENT, "subject", lambda: None)
    one.drifted.add("web")

    assert not other.previews.has_begun(COMPONENT, "subject")
    assert other.drifted == set()


# Errors


def test_secrets_are_collected_only_if_there_is_an_error() -> None:
    """Collecting them may read a file."""
    collected: list[str] = []

    def secrets() -> tuple[str, ...]:
        collected.append("once")
        return ("hunter2-secret",)

    with OneLineErrors(secrets):
        pass
    before = list(collected)
    with pytest.raises(ReimageError, match=r"^\[secret\] is not allowed\.$"), OneLineErrors(secrets):
        raise ReimageError("hunter2-secret is not allowed.")

    assert (before, collected) == ([], ["once"])


def test_an_error_of_ours_keeps_its_facts_and_loses_causes_and_frames() -> None:
    """Otherwise the host prints the traceback of every cause before the sentence that matters."""

    def fail() -> None:
        try:
            raise KeyError("inner")  # noqa: TRY301 - a cause like that of a library.
        except KeyError as error:
            raise RequestRejectedError("No.", code="Gone", http_status=410) from error

    with pytest.raises(RequestRejectedError) as caught, OneLineErrors():
        fail()

    shown = "".join(traceback.format_exception(caught.value))
    assert (caught.value.message, caught.value.code, caught.value.http_status) == ("No.", "Gone", 410)
    assert "inner" not in shown
    assert "in fail" not in shown


def test_an_error_that_is_not_ours_leaves_as_it_is() -> None:
    """It is a bug, and its frames help to find it."""
    with pytest.raises(ZeroDivisionError) as caught, OneLineErrors():
        _ = 1 / 0

    assert caught.value.__traceback__ is not None
    assert not caught.value.__suppress_context__


def test_an_error_that_is_not_ours_shows_no_secret() -> None:
    """The host prints its traceback with its causes, and a library may quote what it was given."""

    def fail() -> None:
        try:
            raise KeyError("hunter2-secret")  # noqa: TRY301 - a cause like that of a library.
        except KeyError as error:
            raise ValueError(7, "first line\nnot hunter2-secret, but a number") from error

    with pytest.raises(ValueError, match="secret") as caught, OneLineErrors(lambda: ["hunter2-secret"]):
        fail()

    shown = "".join(traceback.format_exception(caught.value))
    assert caught.value.args == (7, "first line not [secret], but a number")
    assert "KeyError: '[secret]'" in shown
    assert "in fail" in shown


def test_causes_in_a_circle_end() -> None:
    """Python allows them."""
    one, other = ValueError("hunter2-secret"), ValueError("x")
    one.__context__, other.__context__ = other, one

    with pytest.raises(ValueError, match=r"^\[secret\]$"), OneLineErrors(lambda: ["hunter2-secret"]):
        raise one


def test_the_code_of_an_error_shows_no_secret() -> None:
    """The code follows the message, and Azure can write anything there."""
    with pytest.raises(ReimageError) as caught, OneLineErrors(lambda: ["hunter2-secret"]):
        raise ReimageError("No.", code="Bad hunter2-secret")

    assert str(caught.value) == "No. (Bad [secret])"


# The file with custom data


class Noted(FileIO):
    """A file that records each read of its content."""

    def __init__(self, path: Path, reads: list[str]) -> None:
        super().__init__(path)
        self._reads = reads

    def read(self, size: int | None = -1, /) -> bytes:
        """Record the read, and read."""
        self._reads.append(Path(str(self.name)).name)
        return super().read(size) or b""


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of the custom data file each time its content is read."""
    found: list[str] = []
    really = Path.open

    def open_noted(path: Path, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Path.open.
        return Noted(path, found) if path.name == "user-data" else really(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_noted)
    return found


@pytest.fixture
def custom_data(tmp_path: Path) -> dict[str, object]:
    """Return the input that names a file."""
    file = tmp_path / "user-data"
    file.write_bytes(b"#cloud-config")
    return {"os_profile": {"custom_data_file": str(file)}}


@pytest.mark.parametrize(
    ("run", "count"),
    [
        pytest.param(lambda stack, given: stack.preview(**BEFORE, **given), 0, id="an unchanged preview"),
        pytest.param(lambda stack, given: stack.up(**BEFORE, **given), 0, id="an unchanged up"),
        pytest.param(lambda stack, given: stack.preview(**AFTER, **given), 0, id="a preview of a reimage"),
        pytest.param(lambda stack, _: stack.refresh(), 0, id="a refresh"),
        pytest.param(lambda stack, given: stack.begin(**AFTER, **given), 1, id="the request"),
        pytest.param(lambda stack, given: stack.up(**AFTER, **given), 1, id="an up that reimages"),
    ],
)
def test_a_custom_data_file_is_read_for_the_request_and_only_then(
    stack: Stack,
    custom_data: dict[str, object],
    reads: list[str],
    run: Callable[[Stack, dict[str, object]], object],
    count: int,
) -> None:
    """This is also true if the input names the same file in every run."""
    stack.up(**BEFORE, **custom_data)
    baseline = list(reads)

    run(stack, custom_data)

    assert baseline == []
    assert reads == ["user-data"] * count


def test_a_custom_data_file_is_read_again_where_an_error_is_masked(
    stack: Stack, simulator: Simulator, custom_data: dict[str, object], reads: list[str]
) -> None:
    """Azure may quote its content, but neither the error nor the next preview may show it.

    The update reads the file for the POST, for the answer that quotes it, for the failure that is kept, and
    for the error. What is kept is masked, so that the preview does not have to read it.
    """
    stack.up(**BEFORE, **custom_data)
    simulator.fail("web", "InvalidParameter", "Azure does not like #cloud-config there.")
    with pytest.raises(OperationFailedError):
        stack.up(**AFTER, **custom_data)
    sent = len(reads)

    stack.preview(**AFTER, **custom_data)

    assert (sent, len(reads)) == (4, 4)
    assert any("does not like [secret] there" in text for text in stack.log.warnings)

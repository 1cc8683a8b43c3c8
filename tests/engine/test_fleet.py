"""A fleet on the real engine: one line per machine, the rest once, and the limits of the stack."""

from collections.abc import Mapping

import pytest

from .conftest import NewStack
from .harness import EngineResult
from .reimaging import COMPONENT, Reimaging

NAMES = tuple(f"web-{number:02}" for number in range(12))
FLEET: Mapping[str, Mapping[str, object]] = {
    name: {"os_disk": "Ephemeral"} if number < 2 else {} for number, name in enumerate(NAMES)
}
LIMIT, PREVENT = "azure-reimage:maxReimagesPerRun", "azure-reimage:preventReimage"


def kept_lines(result: EngineResult, name: str) -> list[str]:
    """Return the messages that stay on the row of a machine."""
    return [
        said.message.strip()
        for said in result.diagnostics
        if (said.urn or "").endswith(f"{COMPONENT}::{name}") and not said.ephemeral
    ]


def of_the_stack(result: EngineResult) -> list[str]:
    """Return the messages that stay on the row of the stack."""
    return [said.message.strip() for said in result.diagnostics if COMPONENT not in (said.urn or "")]


def change(fleet: Reimaging, *names: str) -> None:
    """Change the trigger of some machines."""
    for name in names:
        fleet.inputs[name]["triggers"] = {"image": "2"}


def test_a_preview_has_one_line_for_a_machine_and_says_the_rest_once(new_stack: NewStack) -> None:
    """It also says how many machines that concerns."""
    fleet = Reimaging.with_baseline(new_stack, FLEET)
    change(fleet, *NAMES[:-1])

    preview = fleet.stack.preview()

    lines = {name: kept_lines(preview, name) for name in NAMES}
    summary = of_the_stack(preview)
    assert preview.ok, preview.text
    assert lines == {
        name: [f"VM {name} will be reimaged: triggers.image changed."] for name in NAMES[:-1]
    } | {NAMES[-1]: []}
    assert sum("11 of 12 machines will be reimaged." in text for text in summary) == 1
    (kept,) = [text for text in summary if "Azure keeps the old one" in text]
    (reset,) = [text for text in summary if "The OS disk is ephemeral" in text]
    assert kept.startswith("9 machines: Lost: everything on its OS disk.")
    assert reset.startswith("web-00 and web-01: Lost: everything on its OS disk.")


def test_an_update_has_one_line_for_a_machine(new_stack: NewStack) -> None:
    """The line says that Azure has accepted it, with what support needs. The preview said what is lost."""
    fleet = Reimaging.with_baseline(new_stack, FLEET)

    result = fleet.up(triggers={"image": "2"})

    lines = [line for name in NAMES for line in kept_lines(result, name)]
    assert result.ok, result.text
    assert len(lines) == len(NAMES)
    assert [line for line in lines if "accepted by Azure (correlation " not in line] == []
    assert max(len(line) for line in lines) <= 120
    assert fleet.posts == len(NAMES)


@pytest.mark.parametrize("previews", [True, False], ids=["preview", "--skip-preview"])
def test_nothing_is_sent_above_the_limit_of_the_stack(new_stack: NewStack, *, previews: bool) -> None:
    """Nothing is sent even to the machines within the limit."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES[:6]})
    fleet.stack.set_config(LIMIT, "5")
    change(fleet, *NAMES[:6])

    refused = fleet.stack.preview() if previews else fleet.stack.up()

    assert not refused.ok
    assert "6 machines would be reimaged in this run, and azure-reimage:maxReimagesPerRun allows 5" in (
        refused.text
    )
    assert "Traceback" not in refused.text
    assert fleet.posts == 0


def test_what_the_limit_refused_is_sent_when_it_is_raised(new_stack: NewStack) -> None:
    """After that, nothing is due."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES[:3]})
    fleet.stack.set_config(LIMIT, "2")
    change(fleet, *NAMES[:3])
    fleet.stack.up()
    before = fleet.posts
    fleet.stack.set_config(LIMIT, "3")

    preview = fleet.stack.preview()
    result = fleet.stack.up()
    unchanged = fleet.stack.preview()

    assert before == 0
    assert preview.ok, preview.text
    assert result.ok, result.text
    assert fleet.posts == 3
    assert unchanged.changes.keys() == {"same"}


@pytest.mark.parametrize("fresh", [True, False], ids=["a run in between", "at once"])
def test_a_change_that_is_taken_back_after_a_refusal_does_not_count(
    new_stack: NewStack, *, fresh: bool
) -> None:
    """It may have been sent by an earlier run, so the others wait until the update knows that it was not."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES[:3]})
    fleet.stack.set_config(LIMIT, "2")
    change(fleet, *NAMES[:3])
    refused = fleet.stack.up()
    if fresh:
        fleet.stack.up()
    fleet.inputs[NAMES[0]]["triggers"] = {"image": "1"}

    preview = fleet.stack.preview()
    result = fleet.stack.up()

    assert not refused.ok
    assert preview.ok, preview.text
    assert result.ok, result.text
    assert {post.name for post in fleet.simulator.reimage_requests()} == set(NAMES[1:3])
    assert fleet.posts == 2


def test_machines_that_are_current_do_not_count(new_stack: NewStack) -> None:
    """They are read, and left as they are."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in NAMES[:3]})
    version = fleet.simulator.machine(NAMES[0]).image_version
    fleet.stack.set_config(LIMIT, "1")
    change(fleet, NAMES[0])
    for name in NAMES[1:3]:
        fleet.inputs[name] |= {"exact_version": version, "skip_if_current": True}

    preview = fleet.stack.preview()
    result = fleet.stack.up()

    assert preview.ok, preview.text
    assert result.ok, result.text
    assert fleet.posts == 1


def test_a_stack_that_prevents_reimages_sends_none(new_stack: NewStack) -> None:
    """The program cannot change that."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})
    fleet.stack.set_config(PREVENT, "true")
    change(fleet, "web")

    preview = fleet.stack.preview()
    result = fleet.stack.up()
    fleet.stack.set_config(PREVENT, "false")
    allowed = fleet.stack.up()

    assert not preview.ok
    assert "azure-reimage:preventReimage is true." in preview.text
    assert not result.ok
    assert "pulumi config set azure-reimage:preventReimage false" in result.text
    assert allowed.ok, allowed.text
    assert fleet.posts == 1


@pytest.mark.parametrize(
    ("setting", "value", "right"),
    [
        (LIMIT, "many", "must be a whole number"),
        (LIMIT, "-1", "must be a whole number"),
        (LIMIT, "", "must be a whole number"),
        (PREVENT, "yes", "must be true or false"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused_by_name(
    new_stack: NewStack, setting: str, value: str, right: str
) -> None:
    """It must not count as no limit."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})
    fleet.stack.set_config(setting, value)

    result = fleet.preview(triggers={"image": "2"})

    assert not result.ok
    assert f"{setting} {right}" in result.text


def test_an_excluded_component_keeps_its_disk_although_the_engine_does_not_exclude_its_children(
    new_stack: NewStack,
) -> None:
    """`--exclude` names the component, and the next `pulumi up` does what was left out."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "other": {}})
    change(fleet, "web", "other")
    (urn,) = [one["urn"] for one in fleet.stack.resources() if one["urn"].endswith(f"{COMPONENT}::web")]

    preview = fleet.stack.preview(exclude=[urn])
    excluded = fleet.stack.up(exclude=[urn])
    sent = [post.path.split("/")[-2] for post in fleet.simulator.reimage_requests()]
    included = fleet.stack.up()

    assert "This component is excluded by --exclude, so nothing is done for it: triggers.image changed." in (
        preview.text
    )
    assert excluded.ok, excluded.text
    assert sent == ["other"]
    assert included.ok, included.text
    assert fleet.posts == 2

"""One table of what users do and what follows, which does not depend on the language of the program."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi_azure_reimage.simulator import Request, Simulator
from tests.engine.reimaging import vm_id

PASSWORD, CUSTOM_DATA = "correct-Horse-battery-1", "I2Nsb3VkLWNvbmZpZyBzdGFwbGU="
NEWER = "24.04.202611010"
LIMIT, JOURNAL = "azure-reimage:maxReimagesPerRun", "azure-reimage:journal"
AN_HOUR = 3600.0
Verb = Literal["preview", "up", "refresh", "destroy"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the program marks as secret."""

    value: Any


@dataclass(frozen=True, slots=True)
class OutputOf:
    """A text that ends with an output of another machine's reimage, which the first preview does not know.

    Attributes:
        machine: The other machine.
        output: The output, under its name in Python.
        before: The text in front of it.
    """

    machine: str
    output: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what it must lead to.

    Attributes:
        command: The command of the CLI.
        inputs: The inputs of each machine that change before the command; None unsets an input.
        code: The CLI's exit code.
        posts: How many reimages were requested by then, since the beginning.
        says: Parts of what is printed, with the names of inputs as Python spells them.
        event: What happens in Azure before the command.
        flags: The flags of the command.
        any_machine: Whether the engine may choose which machine it reports first, and whether it continues.
    """

    command: Verb
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    code: int = 0
    posts: int = 0
    says: tuple[str, ...] = ()
    event: Callable[[Simulator], object] | None = None
    flags: tuple[str, ...] = ()
    any_machine: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps on a stack of their own.

    Attributes:
        steps: In their order.
        machines: Settings of the inventory by machine.
        config: The stack's configuration.
        inventory: Further keys of the inventory.
    """

    steps: tuple[Step, ...]
    machines: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: {"web": {}})
    config: Mapping[str, object] = field(default_factory=dict)
    inventory: Mapping[str, object] = field(default_factory=dict)


def web(**inputs: object) -> dict[str, dict[str, object]]:
    """Return inputs of the machine `web`."""
    return {"web": inputs}


def image(value: str) -> dict[str, object]:
    """Return the trigger that most steps change."""
    return {"triggers": {"image": value}}


def fail(simulator: Simulator) -> None:
    """Make Azure's next reimage fail."""
    simulator.fail("web", "AllocationFailed", "Allocation failed for lack of capacity.")


def finish(simulator: Simulator) -> None:
    """End the running reimage."""
    assert simulator.finish("web")


def reimage_by_others(simulator: Simulator) -> None:
    """Request a reimage that no stack knows about."""
    url = f"https://management.azure.com{vm_id('web')}/reimage?api-version=2024-07-01"
    assert simulator.handle(Request("POST", url, {"authorization": "Bearer x"}, b"")).status == 202


BASELINE = Step("up", web(**image("1")), says=("Baseline: OS disk web_OsDisk_1_", "Nothing is reimaged."))

SCENARIOS: Mapping[str, Scenario] = {
    "the first run records a baseline": Scenario(
        (
            Step("preview", web(**image("1")), says=("Baseline: OS disk web_OsDisk_1_",)),
            BASELINE,
            Step("up", says=("5 unchanged",)),
            Step("destroy", says=("5 deleted",)),
        )
    ),
    "a changed trigger reimages once": Scenario(
        (
            BASELINE,
            Step("preview", web(**image("2")), says=("VM web will be reimaged: triggers.image changed.",)),
            Step("up", posts=1, says=("accepted by Azure",)),
            Step("up", posts=1, says=("5 unchanged",)),
        )
    ),
    "an exact version reimages to it": Scenario(
        (
            BASELINE,
            Step(
                "preview",
                web(exact_version=NEWER),
                says=("VM web will be reimaged: exact_version added.", f"24.04.202610010 -> {NEWER}"),
            ),
            Step("up", posts=1),
        )
    ),
    "two causes are one reimage": Scenario(
        (
            BASELINE,
            Step(
                "preview",
                web(exact_version=NEWER, triggers={"image": "2", "more": ["a"]}),
                says=("triggers.image changed, triggers.more added, exact_version added",),
            ),
            Step("up", posts=1),
        )
    ),
    "secrets of the OS profile stay secret": Scenario(
        (
            Step(
                "up",
                web(
                    **image("1"),
                    os_profile={"admin_password": Secret(PASSWORD), "custom_data": Secret(CUSTOM_DATA)},
                ),
            ),
            Step("preview", web(**image("2")), flags=("--diff",)),
            Step("up", posts=1),
            Step(
                "up",
                web(
                    os_profile={"admin_password": Secret(f"{PASSWORD}2"), "custom_data": Secret(CUSTOM_DATA)}
                ),
                posts=1,
                says=("os_profile changed. The new value is stored for the next reimage",),
            ),
            Step("refresh", posts=1),
        ),
        config={JOURNAL: "journal.jsonl"},
    ),
    "a refused OS profile does not show it": Scenario(
        (
            BASELINE,
            Step(
                "preview",
                web(
                    **image("2"), os_profile={"admin_password": Secret("hunter2"), "custom_data": Secret("%")}
                ),
                code=1,
                says=("os_profile.custom_data",),
            ),
        )
    ),
    "a failed reimage is repeated by the next run": Scenario(
        (
            BASELINE,
            Step("up", web(**image("2")), code=1, posts=1, says=("AllocationFailed",), event=fail),
            Step("preview", posts=1, says=("VM web may be reimaged again (attempt 2)",)),
            Step("up", posts=2),
            Step("up", posts=2, says=("5 unchanged",)),
        )
    ),
    "a reimage that is prevented is refused": Scenario(
        (
            BASELINE,
            Step(
                "preview",
                web(**image("2"), prevent_reimage=True),
                code=1,
                says=("prevent_reimage", "will be reimaged"),
            ),
            Step("up", code=1, says=("prevent_reimage",)),
            Step("up", web(prevent_reimage=None), posts=1),
        )
    ),
    "a cause that is not allowed is refused": Scenario(
        (
            BASELINE,
            Step("up", web(**image("2"), allowed_causes=["exact_version"]), code=1, says=("allowed_causes",)),
            Step("up", web(allowed_causes=["triggers.image"]), posts=1),
        )
    ),
    "too many machines are refused": Scenario(
        (
            Step("up", {"web": image("1"), "db": image("1")}),
            Step(
                "preview",
                {"web": image("2"), "db": image("2")},
                code=1,
                says=(f"2 machines would be reimaged in this run, and {LIMIT} allows 1.",),
                any_machine=True,
            ),
            Step("up", {"db": image("1")}, posts=1),
            Step(
                "up",
                {"web": image("3"), "db": image("3")},
                code=1,
                posts=1,
                says=(f"{LIMIT} allows 1.",),
                any_machine=True,
            ),
        ),
        machines={"web": {}, "db": {}},
        config={LIMIT: "1"},
    ),
    "a creation reimages if it shall": Scenario(
        (
            Step(
                "preview",
                web(**image("1"), reimage_on_create=True),
                says=("VM web will be reimaged", "reimage_on_create"),
            ),
            Step("up", posts=1),
            Step("up", posts=1, says=("5 unchanged",)),
        )
    ),
    "a VM that is current is left alone": Scenario(
        (
            BASELINE,
            Step("up", web(exact_version="24.04.202610010", skip_if_current=True), says=("skip_if_current",)),
            Step("up", web(exact_version=NEWER), posts=1),
        )
    ),
    "another VM replaces the resource": Scenario(
        (
            BASELINE,
            Step("up", web(vm_id=vm_id("db"), **image("2")), says=("Baseline: OS disk db_OsDisk_1_",)),
            Step("up", web(**image("3")), posts=1),
        ),
        machines={"web": {}, "db": {}},
    ),
    "an invalid timeout is refused": Scenario(
        (
            Step("preview", web(**image("1"), timeout="soon"), code=1, says=("timeout",)),
            Step("up", web(timeout="90s")),
        )
    ),
    "a switch with a wrong value is refused": Scenario(
        (Step("preview", web(**image("1"), require_delete_option="Keep"), code=1, says=("Keep", "Detach")),)
    ),
    "a trigger that a preview does not know may reimage": Scenario(
        (
            Step("up", {"web": image("1"), "db": {"triggers": {"disk": OutputOf("web", "os_disk_id")}}}),
            Step("preview", {"web": image("2")}, says=("db may be reimaged: triggers.disk",)),
            Step("up", posts=2),
        ),
        machines={"web": {}, "db": {}},
    ),
    "a VM whose id a preview does not know": Scenario(
        (
            Step(
                "preview",
                {
                    "web": image("1"),
                    "Baseline": {**image("1"), "vm_id": OutputOf("web", "status", vm_id(""))},
                },
            ),
            Step("up", says=("Baseline: OS disk Baseline_OsDisk_1_",)),
            Step("up", {"Baseline": image("2")}, posts=1),
        ),
        machines={"web": {}, "Baseline": {}},
    ),
    "a wait that timed out is resumed": Scenario(
        (
            BASELINE,
            Step("up", web(**image("2"), timeout=1), code=10, posts=1, says=("still running",)),
            Step("up", web(timeout="5m"), posts=1, event=finish),
            Step("up", posts=1, says=("5 unchanged",)),
        ),
        inventory={"operation_seconds": AN_HOUR},
    ),
    "a disk that others replaced is drift": Scenario(
        (
            BASELINE,
            Step("refresh", flags=("--expect-no-changes",)),
            Step(
                "refresh",
                flags=("--expect-no-changes",),
                code=7,
                posts=1,
                says=("This stack knew the OS disk",),
                event=reimage_by_others,
            ),
            Step("up", posts=1),
        )
    ),
}

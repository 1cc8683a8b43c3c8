"""What a program may pass. Anything else is refused by name, in one line, before Pulumi's SDK sees it."""

import asyncio
import collections
import dataclasses
import enum
import math
import types
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import Output
from pulumi.runtime import rpc

from pulumi_azure_reimage import Provider
from pulumi_azure_reimage.dynamic.arguments import checked_arguments
from tests.unit.output_text import output_in_text

WEB = "VirtualMachineReimage web: "
checked = partial(checked_arguments, "VirtualMachineReimage", "web")


class Colour(enum.Enum):
    """An enum that JSON cannot express."""

    RED = "hunter2"


class Mode(enum.StrEnum):
    """An enum whose values are strings."""

    FAST = "fast"


@dataclasses.dataclass
class Plan:
    """A class that JSON cannot express."""

    name: str = "hunter2"


def nested(levels: int) -> dict[str, Any]:
    """Return nested mappings."""
    return {"a": nested(levels - 1)} if levels else {}


def in_itself() -> list[Any]:
    """Return a list that contains itself."""
    found: list[Any] = []
    found.append(found)
    return found


def refusal(**args: object) -> str:
    """Return why arguments are refused, which must be one line that shows no value."""
    with pytest.raises(pulumi.RunError) as caught:
        checked(args)
    message = str(caught.value)
    assert message.startswith(WEB)
    assert message.endswith(". Nothing was sent.")
    assert "\n" not in message
    assert "hunter2" not in message
    return message.removeprefix(WEB).removesuffix(" Nothing was sent.")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (1, "the number 1"),
        (1.5, "the number 1.5"),
        (True, "true"),
        (None, "a value of the type NoneType"),
        ((1, 2), "a list"),
        (b"a", "a value of the type bytes"),
        (Colour.RED, "a value of the type Colour"),
        (date(2026, 1, 2), "a value of the type date"),
    ],
)
def test_a_key_that_is_not_a_string_is_refused_at_each_depth(key: object, shown: str) -> None:
    """Protocol buffers allow only string keys, and the SDK's TypeError for others names no input."""
    assert refusal(triggers={key: "hunter2"}) == f"triggers has a key that is {shown}, and must be a string."
    for trigger in ({key: "hunter2"}, [{"b": {key: "hunter2"}}]):
        assert refusal(triggers={"a": trigger}).startswith("triggers.a has a key that is ")
    assert refusal(os_profile={key: "hunter2"}).startswith("os_profile has a key that is ")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"hunter2", "a value of the type bytes. Use a string, such as its hex()."),
        (bytearray(b"hunter2"), "a value of the type bytearray. Use a string, such as its hex()."),
        ({1, 2}, "a value of the type set. Use sorted() of it, because a set has no order."),
        (frozenset({1}), "a value of the type frozenset. Use sorted() of it, because a set has no order."),
        (datetime.now(UTC), "a value of the type datetime. Use its isoformat()."),
        (date(2026, 1, 2), "a value of the type date. Use its isoformat()."),
        (Path("hunter2"), "a value of the type PosixPath. Use str() of it, or trigger_files"),
        (Decimal("1.5"), "a value of the type Decimal. Use str() of it."),
        (uuid.UUID(int=1), "a value of the type UUID. Use str() of it."),
        (Colour.RED, "a value of the type Colour. Use its value."),
        (Plan(), "a value of the type Plan. Use a string, a number, True, False, a list or a mapping."),
        (pulumi.StringAsset("hunter2"), "a value of the type StringAsset. Use trigger_files"),
        (pulumi.FileArchive("hunter2"), "a value of the type FileArchive. Use trigger_files"),
        (object(), "a value of the type object. Use a string, a number"),
        (lambda: "hunter2", "a value of the type function. Use a string, a number"),
        ((item for item in ["hunter2"]), "a value of the type generator. Use a string, a number"),
        (range(3), "a value of the type range. Use a string, a number"),
        (1j, "a value of the type complex. Use a string, a number"),
        (ValueError("hunter2"), "a value of the type ValueError. Use a string, a number"),
        (10**400, "a number that is too large to be sent. Use a string."),
        (-(10**400), "a number that is too large to be sent. Use a string."),
        ("hunter2\ud800", "a string that is not Unicode. Decode it with another encoding."),
        (nested(70), "something that is nested too deeply. Use a hash of it."),
        (in_itself(), "something that is nested too deeply. Use a hash of it."),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_value_that_cannot_be_sent_is_refused_with_what_to_use_instead(value: object, reason: str) -> None:
    """This is true in a trigger, deeper inside it, and in every other input."""
    assert refusal(triggers={"a": value}).startswith(f"triggers.a is or holds {reason}")
    assert refusal(triggers={"a": {"b": ["x", value]}}).startswith(f"triggers.a is or holds {reason}")
    for name in ("vm_id", "exact_version", "timeout", "allowed_causes", "os_profile", "temp_disk"):
        assert refusal(**{name: value}).startswith(f"{name} is or holds {reason}")
    assert refusal(os_profile={"admin_password": "hunter2", "custom_data": value}).startswith(
        f"os_profile.custom_data is or holds {reason}"
    )


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**70, 2**70),
        (1.5, 1.5),
        ("text", "text"),
        (Mode.FAST, "fast"),
        (["a", ("b", 1)], ["a", ["b", 1]]),
        (collections.deque(["a"]), ["a"]),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        ({"a": {"b": [None, False]}}, {"a": {"b": [None, False]}}),
        (nested(60), nested(60)),
        (pulumi.UNKNOWN, pulumi.UNKNOWN),
    ],
)
def test_what_json_can_express_is_passed_on(value: object, sent: object) -> None:
    """It is passed on unchanged."""
    assert checked({"triggers": {"a": value}, "temp_disk": None}) == {
        "triggers": {"a": sent},
        "temp_disk": None,
    }


def test_infinity_is_left_to_the_check() -> None:
    """It can be sent, and the check then reports it."""
    assert checked({"timeout": math.inf}) == {"timeout": math.inf}


async def serialized(make: Callable[[], object]) -> Any:  # noqa: ANN401 - a protocol buffer.
    """Return how the SDK serializes a trigger that contains an Output."""
    return await rpc.serialize_properties(checked({"triggers": {"a": make()}}), {})


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Output.from_input({"b": 1}).apply(lambda _: {1: "hunter2"}), id="an Output"),
        pytest.param(lambda: Output.secret(1).apply(lambda _: {2: "hunter2"}), id="a secret"),
        pytest.param(lambda: ["x", {"b": Output.from_input(1).apply(lambda _: {3: "hunter2"})}], id="deeper"),
        pytest.param(lambda: _awaited({4: "hunter2"}), id="an awaitable"),
    ],
)
def test_an_output_is_checked_when_its_value_is_known(make: Callable[[], object]) -> None:
    """The SDK would fail at the same moment, with its own error."""
    with pytest.raises(pulumi.RunError, match=r"^VirtualMachineReimage web: triggers\.a has a key that is a"):
        asyncio.run(serialized(make))


async def _awaited(value: object) -> object:
    return value


def test_an_output_keeps_what_is_known_and_what_is_secret() -> None:
    """In a preview, part of a value may be unknown, and the rest is compared."""

    async def run() -> tuple[object, bool]:
        known = Output.from_input({"b": [1, pulumi.UNKNOWN]})
        arguments = checked({"triggers": {"a": known, "s": Output.secret("x")}})["triggers"]
        return await arguments["a"].future(with_unknowns=True), await arguments["s"].is_secret()

    value, is_secret = asyncio.run(run())

    assert isinstance(value, dict)
    assert value["b"][0] == 1
    assert pulumi.contains_unknowns(value["b"][1])
    assert is_secret


def test_the_id_of_a_vm_is_passed_on_as_it_is() -> None:
    """Every program has that Output, and wrapping it would cost time."""

    async def run() -> bool:
        vm_id = Output.from_input("x")
        return checked({"vm_id": vm_id})["vm_id"] is vm_id

    assert asyncio.run(run())


def test_the_help_text_of_an_output_is_not_a_name() -> None:
    """It would become the name in the URNs of four resources."""
    with pytest.raises(pulumi.RunError, match=r"^The name of a VirtualMachineReimage holds Pulumi's help"):
        checked_arguments("VirtualMachineReimage", output_in_text(), {})


@pytest.mark.parametrize("wrap", [str, Output.secret], ids=["text", "Output"])
def test_the_name_of_a_file_is_that_of_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrap: Callable[[str], object]
) -> None:
    """A program of the Automation API runs in a different folder from the provider."""
    monkeypatch.chdir(tmp_path)

    async def run(name: str) -> object:
        arguments = checked({"os_profile": {"custom_data_file": wrap(name), "custom_data": "x"}})
        sent = arguments["os_profile"]["custom_data_file"]
        return await sent.future() if isinstance(sent, Output) else sent

    assert asyncio.run(run("conf/init.yaml")) == str(tmp_path / "conf" / "init.yaml")
    assert asyncio.run(run("/etc/init.yaml")) == "/etc/init.yaml"
    assert asyncio.run(run("")) == ""


@pytest.mark.parametrize("moved", [False, True])
def test_a_name_stays_relative_where_pulumi_has_started_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, moved: bool
) -> None:
    """State is then the same on every machine, unless the program changes its folder."""
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: "/somewhere")
    if moved:
        monkeypatch.chdir(tmp_path)

    arguments = checked({"os_profile": {"custom_data_file": "init.yaml"}})

    assert arguments["os_profile"]["custom_data_file"] == (
        str(tmp_path / "init.yaml") if moved else "init.yaml"
    )


def test_a_provider_refuses_the_help_text_of_an_output_and_what_cannot_be_sent() -> None:
    """Its settings have no separate check, and the SDK would show a secret that is bytes."""
    with pytest.raises(
        pulumi.RunError, match=r"^Provider other: tenant_id holds Pulumi's help text"
    ) as caught:
        Provider("other", tenant_id=output_in_text("hunter2"))
    with pytest.raises(pulumi.RunError, match=r"^Provider other: client_secret is or holds a value of"):
        Provider("other", client_secret=b"hunter2")  # type: ignore[arg-type]

    assert "hunter2" not in str(caught.value)

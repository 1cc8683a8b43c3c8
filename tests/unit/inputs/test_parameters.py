"""The inputs as one typed value, and the request body that they become."""

from pathlib import Path

import pytest

from pulumi_azure_reimage.inputs.parameters import (
    Cause,
    DesiredReimage,
    Guards,
    ReimageParameters,
    parse_inputs,
    secrets_in,
)
from pulumi_azure_reimage.inputs.unknown import UNKNOWN

ENVIRON = {"VM_PASSWORD": "Correct-horse-2", "WEAK": "hunter2"}
CAUSES = (Cause("triggers.image", "triggers.image changed"),)
VM_ID = "/subscriptions/0e5c/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"


def _body(news: dict[str, object]) -> dict[str, object] | None:
    return parse_inputs({"vm_id": VM_ID} | news, ENVIRON).parameters.resolved().to_arm()


@pytest.mark.parametrize(
    ("news", "body"),
    [
        pytest.param({}, None, id="nothing set"),
        pytest.param(
            {"triggers": {"a": 1}, "timeout": 9.0, "reimage_on_create": True}, None, id="nothing for ARM"
        ),
        pytest.param({"exact_version": None, "temp_disk": None, "os_profile": None}, None, id="nulls"),
        pytest.param({"os_profile": {}}, None, id="empty os_profile"),
        pytest.param({"os_profile": {"admin_password": None}}, None, id="os_profile of nulls"),
        pytest.param({"component_urn": "urn:x"}, None, id="names of the layer above"),
        pytest.param({"exact_version": "1.2"}, {"exactVersion": "1.2"}, id="version"),
        pytest.param({"temp_disk": False}, {"tempDisk": False}, id="false is sent"),
        pytest.param(
            {
                "exact_version": "1.2",
                "temp_disk": True,
                "os_profile": {"admin_password": "Correct-horse-1", "custom_data": "dGVzdA=="},
            },
            {
                "exactVersion": "1.2",
                "tempDisk": True,
                "osProfile": {"adminPassword": "Correct-horse-1", "customData": "dGVzdA=="},
            },
            id="everything",
        ),
    ],
)
def test_the_body_is_spelled_as_arm_spells_it(news: dict[str, object], body: object) -> None:
    """Only what is set is sent. If nothing is set, there is no body."""
    assert _body(news) == body


def test_a_custom_data_file_becomes_custom_data(tmp_path: Path) -> None:
    """The file is read when the request is sent, so its content never enters state."""
    file = tmp_path / "user-data"
    file.write_bytes(b"test")

    assert _body({"os_profile": {"custom_data_file": str(file)}}) == {"osProfile": {"customData": "dGVzdA=="}}


def test_the_secrets_are_those_of_the_os_profile() -> None:
    """They are masked in every message."""
    assert secrets_in({"vm_id": VM_ID, "os_profile": {"admin_password": "Correct-horse-1"}}, ENVIRON) == (
        "Correct-horse-1",
    )
    assert secrets_in({"vm_id": VM_ID}, ENVIRON) == ()


def test_a_desired_reimage_holds_what_the_inputs_say() -> None:
    """Only the values for ARM have ARM's spelling."""
    news = {
        "vm_id": VM_ID,
        "triggers": {"image": 1.0},
        "exact_version": "2.0",
        "temp_disk": True,
        "os_profile": {"admin_password_env": "VM_PASSWORD"},
        "timeout": "20m",
        "require_delete_option": "Detach",
        "allowed_causes": ["triggers"],
        "prevent_reimage": True,
        "skip_if_current": True,
        "preflight": "warn",
    }

    inputs = parse_inputs(news, ENVIRON)
    reimage = inputs.desired(CAUSES)

    assert (str(inputs.vm_id), inputs.triggers, inputs.timeout) == (VM_ID, {"image": 1.0}, 1200.0)
    assert reimage.causes == CAUSES
    assert reimage.parameters.resolved().to_arm() == {
        "exactVersion": "2.0",
        "tempDisk": True,
        "osProfile": {"adminPassword": "Correct-horse-2"},
    }
    assert reimage.guards == Guards(
        "Detach", frozenset({"triggers"}), prevent_reimage=True, skip_if_current=True, preflight="warn"
    )
    profile = reimage.parameters.os_profile
    assert (reimage.parameters.exact_version, reimage.parameters.temp_disk) == ("2.0", True)
    assert profile is not None
    assert profile.admin_password == ENVIRON["VM_PASSWORD"]


def test_a_desired_reimage_without_anything_has_no_parameter_and_no_guard() -> None:
    """Everything is off by default."""
    reimage = parse_inputs({"vm_id": VM_ID}, ENVIRON).desired(CAUSES)

    assert (reimage.parameters, reimage.guards) == (ReimageParameters(), Guards(None, None))


def test_what_a_preview_does_not_know_yet_is_left_out() -> None:
    """The known fields next to it are kept."""
    news = {
        "vm_id": UNKNOWN,
        "exact_version": UNKNOWN,
        "os_profile": {"admin_password": UNKNOWN, "custom_data": "aGk="},
        "allowed_causes": UNKNOWN,
        "prevent_reimage": UNKNOWN,
        "preflight": UNKNOWN,
    }

    inputs = parse_inputs(news, ENVIRON)

    assert (inputs.vm_id, inputs.exact_version) == (UNKNOWN, UNKNOWN)
    assert inputs.parameters.to_arm() == {"osProfile": {"customData": "aGk="}}
    assert inputs.guards == Guards(preflight="warn"), "a preview that refuses what may be sent is a dead end"


def test_the_file_is_read_for_the_request_and_for_a_mask_only(tmp_path: Path) -> None:
    """Parsing, comparing and checking do not read it. It may be large, and may change until it is sent."""
    file = tmp_path / "user-data"
    file.write_bytes(b"first")
    news = {"vm_id": VM_ID, "os_profile": {"custom_data_file": str(file)}}
    parameters = parse_inputs(news, ENVIRON).parameters
    file.write_bytes(b"second")

    sent = parameters.resolved()
    file.unlink()

    assert sent.to_arm() == {"osProfile": {"customData": "c2Vjb25k"}}
    assert sent.secrets == ("c2Vjb25k", "second")


@pytest.mark.parametrize(
    ("triggers", "allowed", "unmatched"),
    [
        pytest.param({"image": 1}, ["triggers.image", "exact_version", "failed"], (), id="all there"),
        pytest.param({"image": 1}, ["triggers.imgae", "triggers"], ("triggers.imgae",), id="misspelled"),
        pytest.param(UNKNOWN, ["triggers.image"], (), id="not known yet"),
        pytest.param({"image": UNKNOWN}, ["triggers.image"], (), id="a value is not known yet"),
        pytest.param({}, None, (), id="every cause"),
    ],
)
def test_a_name_that_no_trigger_has_is_found(
    triggers: object, allowed: object, unmatched: tuple[str, ...]
) -> None:
    """It may be a typo that blocks every reimage."""
    inputs = parse_inputs({"vm_id": VM_ID, "triggers": triggers, "allowed_causes": allowed}, {})

    assert inputs.unmatched_causes == unmatched


CHANGED = Cause("triggers.image", "triggers.image changed")
PERHAPS = Cause("exact_version", "exact_version not known yet", certain=False)
REPEATED = Cause("failed", "the last reimage ended Failed")


@pytest.mark.parametrize(
    ("causes", "is_certain", "repeats"),
    [
        ((CHANGED,), True, False),
        ((PERHAPS,), False, False),
        ((PERHAPS, CHANGED), True, False),
        ((REPEATED,), True, True),
        ((REPEATED, CHANGED), True, False),
    ],
)
def test_the_causes_make_a_reimage_certain_or_a_repeat(
    causes: tuple[Cause, ...], *, is_certain: bool, repeats: bool
) -> None:
    """One certain cause makes it certain. It is a repeat only if all causes are repeats."""
    desired = DesiredReimage(causes)

    assert desired.certain is is_certain
    assert desired.repeats is repeats
    assert desired.why == ", ".join(cause.text for cause in causes)
    assert not desired.as_uncertain().certain
    assert desired.as_uncertain().why == desired.why


@pytest.mark.parametrize(("given", "parsed"), [(True, True), (False, False), (None, False), (UNKNOWN, False)])
def test_a_creation_is_a_cause_only_if_the_program_says_so(given: object, *, parsed: bool) -> None:
    """A value that is not known yet counts as unset."""
    assert parse_inputs({"vm_id": VM_ID, "reimage_on_create": given}, {}).reimage_on_create is parsed


def test_a_cause_that_is_not_known_yet_allows_nothing() -> None:
    """The known causes still allow theirs."""
    inputs = parse_inputs({"vm_id": VM_ID, "allowed_causes": ["triggers", UNKNOWN]}, {})

    assert inputs.guards.allowed_causes == frozenset({"triggers"})

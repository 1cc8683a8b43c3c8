"""Texts about a component are in the spelling of the program that declares it."""

from typing import Any

import pytest

from pulumi_azure_reimage.dynamic.callers import Callers, RespellingLog
from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.spelling import OTHERS

from ..stack import COMPONENT, WEB, FakeLog, Stack

OTHER_COMPONENT = COMPONENT.replace("::web", "::other")
SERVED = {"component_urn": COMPONENT, "spelling": OTHERS, "triggers": {"vm_id": 1}}
OF_PYTHON: dict[str, Any] = {"component_urn": OTHER_COMPONENT}


@pytest.fixture
def callers() -> Callers:
    """Two programs: one of another language, and one of Python."""
    callers = Callers()
    callers.note(SERVED)
    callers.note(OF_PYTHON)
    return callers


def test_a_message_on_a_row_is_in_the_spelling_of_its_component(callers: Callers) -> None:
    """Also where a program of Python uses a component of another language."""
    log = FakeLog()
    respelling = RespellingLog(log, callers)

    for urn in (COMPONENT, OTHER_COMPONENT):
        respelling.warn("exact_version changed", urn)
        respelling.inform("temp_disk changed", urn)
        respelling.progress("vm_id", urn)

    assert log.warnings == ["exactVersion changed", "exact_version changed"]
    assert log.informed == ["tempDisk changed", "temp_disk changed"]
    assert log.progressed == ["vmId", "vm_id"]
    assert respelling.is_heard()


def test_a_message_about_the_run_is_in_the_spelling_of_another_language(callers: Callers) -> None:
    """It stays as it is in a run of Python alone."""
    log = FakeLog()
    RespellingLog(log, callers).warn_once("With `skip_if_current` it is left alone.")
    RespellingLog(log, Callers()).warn_once("With `skip_if_current` it is left alone.")

    assert log.warnings == [
        "With `skipIfCurrent` it is left alone.",
        "With `skip_if_current` it is left alone.",
    ]


def test_the_key_of_a_trigger_stays(callers: Callers) -> None:
    """It is the program's, also if it is the name of an input."""
    assert callers.respell("triggers.vm_id added, The trigger 'vm_id', vm_id", COMPONENT) == (
        "triggers.vm_id added, The trigger 'vm_id', vmId"
    )


def test_refusals_and_errors_are_respelled(stack: Stack) -> None:
    """Those of a check, and those of a step."""
    stack.up(spelling=OTHERS)
    checked = stack.request.provider.check({}, {"vm_id": WEB, "exact_version": 1.0, **SERVED})

    assert [failure.reason.partition(" is ")[0] for failure in checked.failures] == ["exactVersion"]
    with (
        pytest.raises(InvalidInputError, match=r"^osProfile is wrong\.$"),
        stack.request.provider.errors(SERVED),
    ):
        raise InvalidInputError("", "os_profile is wrong.")


def test_how_a_program_spells_names_is_no_input(stack: Stack) -> None:
    """A stack whose program gets another language changes nothing."""
    stack.up(triggers={"a": 1}, temp_disk=False)

    assert stack.up(triggers={"a": 1}, temp_disk=False, spelling=OTHERS) == ("same", "same")
    assert stack.log.informed == []
    assert stack.up(triggers={"a": 1}, temp_disk=False) == ("same", "same")


def test_a_refresh_knows_the_spelling_too(stack: Stack) -> None:
    """It is given the outputs in state, and nothing of the program; those of Python have nothing more."""
    resources = (stack.request, stack.operation, stack.result)
    stack.up(spelling=OTHERS)
    assert [(resource.outputs or {}).get("spelling") for resource in resources] == [OTHERS] * 3

    stack.up(triggers={"a": 1})
    assert [(resource.outputs or {}).get("spelling") for resource in resources] == [None] * 3

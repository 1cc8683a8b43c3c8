"""Messages about a component use the spelling of the program that declares it."""

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
    """Return the callers of two components: one of another language, and one of Python."""
    callers = Callers()
    callers.note(SERVED)
    callers.note(OF_PYTHON)
    return callers


def test_a_message_on_a_row_is_in_the_spelling_of_its_component(callers: Callers) -> None:
    """This is also true if a Python program uses a component of another language."""
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
    """In a run with only Python, it is unchanged."""
    log = FakeLog()
    RespellingLog(log, callers).warn_once("With `skip_if_current` it is left alone.")
    RespellingLog(log, Callers()).warn_once("With `skip_if_current` it is left alone.")

    assert log.warnings == [
        "With `skipIfCurrent` it is left alone.",
        "With `skip_if_current` it is left alone.",
    ]


def test_the_key_of_a_trigger_stays(callers: Callers) -> None:
    """The key is the program's, even if an input has the same name."""
    assert callers.respell("triggers.vm_id added, The trigger 'vm_id', vm_id", COMPONENT) == (
        "triggers.vm_id added, The trigger 'vm_id', vmId"
    )


def test_refusals_and_errors_are_respelled(stack: Stack) -> None:
    """This covers those of a check and those of a step."""
    stack.up(spelling=OTHERS)
    checked = stack.request.provider.check({}, {"vm_id": WEB, "exact_version": 1.0, **SERVED})

    assert [failure.reason.partition(" is ")[0] for failure in checked.failures] == ["exactVersion"]
    with (
        pytest.raises(InvalidInputError, match=r"^osProfile is wrong\.$"),
        stack.request.provider.errors(SERVED),
    ):
        raise InvalidInputError("", "os_profile is wrong.")


def test_the_spelling_of_a_program_is_not_an_input(stack: Stack) -> None:
    """Rewriting a program in another language changes nothing in its stack."""
    stack.up(triggers={"a": 1}, temp_disk=False)

    assert stack.up(triggers={"a": 1}, temp_disk=False, spelling=OTHERS) == ("same", "same")
    assert stack.log.informed == []
    assert stack.up(triggers={"a": 1}, temp_disk=False) == ("same", "same")


def test_a_refresh_knows_the_spelling_too(stack: Stack) -> None:
    """A refresh has only the outputs in state, so they keep the spelling. Those of Python need none."""
    resources = (stack.request, stack.operation, stack.result)
    stack.up(spelling=OTHERS)
    assert [(resource.outputs or {}).get("spelling") for resource in resources] == [OTHERS] * 3

    stack.up(triggers={"a": 1})
    assert [(resource.outputs or {}).get("spelling") for resource in resources] == [None] * 3

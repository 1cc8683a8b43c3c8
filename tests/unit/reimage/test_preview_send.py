"""The preview of a known request and of a repeat. Each decision has its own sentence."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from pulumi_azure_reimage.errors import RefusedError
from pulumi_azure_reimage.inputs.parameters import DesiredReimage, Guards
from pulumi_azure_reimage.reimage.decide import (
    Nothing,
    RecordOnly,
    Resolve,
    SendDecision,
    SendFresh,
    Withdraw,
)
from pulumi_azure_reimage.reimage.preview import (
    preview_leaving,
    preview_reimage,
    preview_repeat,
    preview_send,
    preview_withdrawal,
)
from pulumi_azure_reimage.reimage.repeat import (
    Failure,
    GiveUp,
    LookAgain,
    ResumeRepeat,
    SendAgain,
    describe_repeat,
)
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from ..fakes import LOOK, Azure, desired, disk, requested, vm_reply
from .steps import LOOK_BEFORE, decided

GUARDED = desired(guards=Guards(prevent_reimage=True))
RESOLVE = Resolve(LOOK_BEFORE, unsure=False)
WAYS_OUT = "To reimage the VM, change a trigger and run `pulumi up`."


def said(azure: Azure, decision: SendDecision, reimage: DesiredReimage | None = None) -> list[str]:
    """Return the messages of the preview of a decision."""
    context = azure.context()
    preview_send(context, decided(context), reimage or desired(), decision)
    return azure.warnings


# A known request


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        pytest.param(RecordOnly(leaves=True), ["VM web stays as it is."], id="left"),
        pytest.param(SendFresh(after_fence=True, unsure=True), [], id="fresh, so that it was announced"),
        pytest.param(Withdraw(LOOK_BEFORE, "1"), ["The change of VM web was taken back."], id="taken back"),
        pytest.param(Withdraw(None, "1"), ["The change of VM web was taken back."], id="with two doubts"),
        pytest.param(RecordOnly(), [], id="a baseline"),
        pytest.param(RecordOnly(after_doubt=True), [], id="a baseline behind a doubt"),
        pytest.param(Nothing(), [], id="nothing"),
    ],
)
def test_a_decision_that_needs_no_look_is_said_without_one(
    azure: Azure, decision: SendDecision, words: list[str]
) -> None:
    """The request has the look on which the decision was made."""
    found = said(azure, decision)

    assert [text.startswith(word) for text, word in zip(found, words, strict=True)] == [True] * len(words)
    assert azure.http.sent == []


def test_a_doubt_is_not_counted_as_a_reimage_that_is_certain(azure: Azure) -> None:
    """The fleet's preview counts the two kinds separately."""
    certain: list[bool] = []
    azure.http.forever(LOOK, vm_reply())
    context = replace(azure.context(), announce=lambda said: certain.append(said.certain))

    preview_send(context, decided(context), desired(), RESOLVE)

    assert certain == [False]


def test_a_doubt_says_what_is_looked_at_and_what_each_finding_leads_to(azure: Azure) -> None:
    """It does not say that the VM will be reimaged, because this is not known."""
    azure.http.forever(LOOK, vm_reply())

    text, lost = said(azure, RESOLVE)

    assert "An earlier run may have requested this reimage." in text
    assert lost.startswith("Lost: everything on its OS disk.")
    assert "If the VM is as it was before, nothing was accepted, and the reimage is sent." in text
    assert "If that cannot be read, nothing is sent" in text
    assert WAYS_OUT in text
    assert "will be reimaged" not in text


def test_a_doubt_about_a_vm_that_must_not_be_reimaged_is_refused_as_by_the_update(azure: Azure) -> None:
    """The guard may have been set after the killed run."""
    azure.http.forever(LOOK, vm_reply())

    with pytest.raises(RefusedError, match="prevent_reimage is true"):
        said(azure, RESOLVE, GUARDED)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "free"])
def test_a_doubt_about_a_vm_that_cannot_be_read_says_what_is_known(azure: Azure, *, guarded: bool) -> None:
    """A guard refuses it, because guards do not depend on the VM."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))

    if guarded:
        with pytest.raises(RefusedError, match="prevent_reimage is true"):
            said(azure, RESOLVE, GUARDED)
    else:
        said(azure, RESOLVE)

    assert "VM web cannot be read, so what follows is what the last run knew" in azure.warnings[1]


def test_another_vm_under_the_same_id_is_said(azure: Azure) -> None:
    """This run did not create it, so the reimage is still due."""
    azure.http.forever(LOOK, vm_reply("new", vm="vm-2"))

    preview_reimage(azure.context(), desired(), disk())

    assert azure.warnings[0] == "VM web is a different VM than before, under the same id."
    assert azure.warnings[1].startswith("VM web will be reimaged: ")


def test_a_change_that_was_taken_back_and_a_vm_that_is_left_have_their_sentences(azure: Azure) -> None:
    """The preview has these sentences before ReimageRequest has decided."""
    preview_withdrawal(azure.context())
    preview_leaving(azure.context())

    taken_back, left = azure.warnings
    assert taken_back.startswith(
        "The change of VM web was taken back. The update sends nothing, unless Azure's"
    )
    assert taken_back.endswith("If nothing shows whether it was, the update stops and says how to continue.")
    assert left == "VM web stays as it is. The update records a new baseline and sends nothing."


# A repeat


def failure(what: Disk = Disk.IN_DOUBT, attempt: int = 1, **facts: Any) -> Failure:  # noqa: ANN401 - see Failure.
    """Return the failure of a request."""
    return Failure(what, "It broke.", attempt, **{"look": LOOK_BEFORE, **facts})


@pytest.mark.parametrize(
    ("before", "words"),
    [
        pytest.param(
            failure(Disk.REBUILT), "It is not requested again; the update checks whether", id="rebuilt"
        ),
        pytest.param(
            failure(Disk.UNKNOWN), "It is not requested again; the update checks whether", id="not known"
        ),
        pytest.param(
            failure(attempt=2, sent=requested()), "resumes the wait for attempt 2.", id="a repeat still runs"
        ),
        pytest.param(
            failure(attempt=3), f"It was sent 3 times. It is not sent again automatically. {WAYS_OUT}", id="3"
        ),
        pytest.param(failure(look=None), "could not be looked at reliably", id="no look"),
    ],
)
def test_what_is_not_repeated_is_said_without_a_look(azure: Azure, before: Failure, words: str) -> None:
    """The update sends nothing either."""
    preview_repeat(azure.context(), desired(), before)

    (text,) = azure.warnings
    assert words in text
    assert azure.http.sent == []


def test_a_repeat_says_what_is_looked_at_and_which_attempt_it_is(azure: Azure) -> None:
    """An earlier run may already have repeated it, so the repeat is not certain."""
    azure.http.forever(LOOK, vm_reply())

    preview_repeat(azure.context(), desired(), failure())

    assert azure.warnings[0].startswith("VM web may be reimaged again (attempt 2): its last reimage failed.")
    assert "An earlier run may have repeated the request." in azure.warnings[0]
    assert WAYS_OUT in azure.warnings[0]
    assert azure.warnings[1].startswith("Lost: everything on its OS disk.")


def test_a_repeat_that_a_guard_forbids_is_refused_as_by_the_update(azure: Azure) -> None:
    """Today's inputs decide."""
    azure.http.forever(LOOK, vm_reply())

    with pytest.raises(RefusedError, match="prevent_reimage is true"):
        preview_repeat(azure.context(), GUARDED, failure())


def test_a_repeat_on_a_vm_that_cannot_be_read_says_what_is_known(azure: Azure) -> None:
    """The update would not send anything either."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))

    preview_repeat(azure.context(), desired(), failure())

    assert "VM web cannot be read" in azure.warnings[0]
    assert not any("attempt" in text for text in azure.warnings)


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (LookAgain(), "The next `pulumi up` checks whether it is healthy. Ways out."),
        (GiveUp("Why."), "Why. It is not sent again automatically. Ways out."),
        (
            SendAgain(2, LOOK_BEFORE),
            (
                "The next `pulumi up` requests the reimage again (attempt 2 of 3), unless the VM has "
                "changed by then. Ways out."
            ),
        ),
        (ResumeRepeat(requested()), "The next `pulumi up` resumes the wait and sends nothing."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_an_error_says_about_the_next_run(
    decision: LookAgain | GiveUp | SendAgain | ResumeRepeat, sentence: str
) -> None:
    """Each sentence names both ways out, unless only a wait is left."""
    assert describe_repeat(decision, "Ways out.").endswith(sentence)

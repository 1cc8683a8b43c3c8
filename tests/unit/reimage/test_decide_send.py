"""How ReimageOperation continues with a request: each row of the table in `decide_send`."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.reimage.decide import (
    Nothing,
    RecordOnly,
    Resolve,
    SendDecision,
    SendFresh,
    Today,
    Withdraw,
    decide_send,
)
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation, Outcome
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.request import Kind, Predecessor, Request

from ..fakes import disk

BEFORE_1, BEFORE_2, BEFORE_3 = (Look(disk(name), "") for name in ("first", "second", "third"))
# The first request and two later ones. 0 is the baseline that was recorded before them.
FIRST = Request("1", "Reimage", (), "host", BEFORE_1)
SECOND = Request("2", "Reimage", (), "host", BEFORE_2, Predecessor("1", BEFORE_1, "0"))
THIRD = Request("3", "Reimage", (), "host", BEFORE_3, Predecessor("2", BEFORE_2, "1"))
AGAIN = Today(is_taken_back=True)
NOTHING_TO_SEND: tuple[Kind, ...] = ("Baseline", "Current")
KINDS: tuple[Kind, ...] = (*NOTHING_TO_SEND, "Reimage")
DOUBTS: tuple[Outcome, ...] = ("Rejected", "NotSent", "Unknown")
NOT_ON_CREATION = Today(wants_creation=False)


def kept(
    request_id: str, outcome: Outcome = "Taken", look: Look | None = None, *, unsure: bool = False
) -> Operation:
    """Return what ReimageOperation keeps of a request."""
    return Operation(request_id, outcome, Record(disk()), look, unsure=unsure)


UNKNOWN_1 = kept("1", "Unknown", BEFORE_1)
UNSURE_1 = kept("1", "Rejected", BEFORE_1, unsure=True)

# (the request, what ReimageOperation keeps, today's inputs, the decision if this run made the request, and
# the decision if another run made it)
ROWS = [
    pytest.param(SECOND.refused("No."), kept("1"), AGAIN, Nothing(), Nothing(), id="refused"),
    pytest.param(FIRST.refused("No."), None, Today(), Nothing(), Nothing(), id="refused and never sent"),
    pytest.param(SECOND, kept("2"), AGAIN, Nothing(), Nothing(), id="done"),
    pytest.param(SECOND, kept("2", "Withdrawn"), AGAIN, Nothing(), Nothing(), id="done, it was withdrawn"),
    pytest.param(FIRST, kept("1"), NOT_ON_CREATION, Nothing(), Nothing(), id="done, on creation"),
    pytest.param(
        FIRST,
        None,
        Today(),
        SendFresh(after_fence=False, unsure=False),
        Resolve(BEFORE_1, unsure=False),
        id="a first one",
    ),
    pytest.param(
        SECOND,
        None,
        Today(),
        SendFresh(after_fence=True, unsure=True),
        Resolve(BEFORE_2, unsure=True),
        id="a later one, and nothing is known of the first",
    ),
    pytest.param(
        FIRST,
        None,
        NOT_ON_CREATION,
        RecordOnly(leaves=True, after_doubt=True),
        RecordOnly(leaves=True, after_doubt=True),
        id="on creation, which is not wanted any more",
    ),
    pytest.param(
        FIRST,
        UNKNOWN_1,
        NOT_ON_CREATION,
        RecordOnly(leaves=True, after_doubt=True),
        RecordOnly(leaves=True, after_doubt=True),
        id="on creation, perhaps sent, and not wanted any more",
    ),
    *(
        pytest.param(replace(FIRST, kind=kind), None, Today(), *[RecordOnly()] * 2, id=f"a first {kind}")
        for kind in NOTHING_TO_SEND
    ),
    *(
        pytest.param(
            replace(FIRST, id="new", kind=kind),
            last,
            Today(),
            RecordOnly(leaves=True, after_doubt=True),
            RecordOnly(leaves=True, after_doubt=True),
            id=f"replaced, {kind}, {last.outcome}",
        )
        for kind in KINDS
        for last in (kept("1"), UNKNOWN_1)
    ),
    *(
        pytest.param(
            replace(SECOND, kind=kind),
            last,
            AGAIN,
            RecordOnly(after_doubt=last.in_doubt),
            RecordOnly(after_doubt=last.in_doubt),
            id=f"{kind} after {last.outcome}",
        )
        for kind in NOTHING_TO_SEND
        for last in (kept("1"), UNKNOWN_1)
    ),
    pytest.param(
        replace(THIRD, kind="Current"),
        kept("1"),
        AGAIN,
        RecordOnly(after_doubt=True),
        RecordOnly(after_doubt=True),
        id="current after a request that ReimageOperation never saw",
    ),
    *(
        pytest.param(
            FIRST,
            kept("1", outcome, BEFORE_3),
            Today(),
            Resolve(BEFORE_3, unsure=False),
            Resolve(BEFORE_3, unsure=False),
            id=f"its own, {outcome}",
        )
        for outcome in DOUBTS
    ),
    pytest.param(
        FIRST, UNSURE_1, Today(), *[Resolve(BEFORE_1, unsure=True)] * 2, id="its own, behind another doubt"
    ),
    pytest.param(
        SECOND,
        kept("1"),
        Today(),
        SendFresh(after_fence=False, unsure=False),
        Resolve(BEFORE_2, unsure=False),
        id="a later one",
    ),
    pytest.param(
        SECOND,
        kept("1"),
        AGAIN,
        SendFresh(after_fence=False, unsure=False),
        Resolve(BEFORE_2, unsure=False),
        id="for the same values, and nothing is in doubt",
    ),
    pytest.param(
        SECOND,
        UNKNOWN_1,
        Today(),
        SendFresh(after_fence=True, unsure=True),
        Resolve(BEFORE_2, unsure=True),
        id="a later one after a doubt",
    ),
    pytest.param(
        THIRD,
        kept("1"),
        Today(),
        SendFresh(after_fence=True, unsure=True),
        Resolve(BEFORE_3, unsure=True),
        id="a later one after a request that ReimageOperation never saw",
    ),
    pytest.param(
        SECOND,
        kept("1", "Withdrawn", unsure=True),
        Today(),
        SendFresh(after_fence=False, unsure=True),
        Resolve(BEFORE_2, unsure=True),
        id="an older doubt stays",
    ),
    pytest.param(
        SECOND, UNKNOWN_1, AGAIN, *[Withdraw(BEFORE_1, "1")] * 2, id="taken back, its own is in doubt"
    ),
    pytest.param(
        THIRD, kept("1"), AGAIN, *[Withdraw(BEFORE_2, "2")] * 2, id="taken back, one that it never saw"
    ),
    pytest.param(THIRD, UNKNOWN_1, AGAIN, *[Withdraw(None, "2")] * 2, id="taken back, two are in doubt"),
    pytest.param(SECOND, UNSURE_1, AGAIN, *[Withdraw(None, "1")] * 2, id="taken back, another send"),
    pytest.param(
        replace(THIRD, predecessor=Predecessor("2", BEFORE_2, "other")),
        kept("1"),
        AGAIN,
        *[Withdraw(None, "2")] * 2,
        id="taken back, two that it never saw",
    ),
]


@pytest.mark.parametrize(("request_", "last", "today", "of_this_run", "of_another"), ROWS)
def test_each_row_of_the_table(
    request_: Request,
    last: Operation | None,
    today: Today,
    of_this_run: SendDecision,
    of_another: SendDecision,
) -> None:
    """The decision is a value, so that a preview and its update can be compared."""
    assert decide_send(request_, last, today, is_fresh=True) == of_this_run
    assert decide_send(request_, last, today, is_fresh=False) == of_another

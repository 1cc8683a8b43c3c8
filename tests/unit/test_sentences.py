"""Sentences that are composed of our own texts and those of others."""

import pytest

from pulumi_azure_reimage.sentences import as_clause, join_sentences


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        pytest.param(("HTTP 500", "The next run goes on."), "HTTP 500. The next run goes on.", id="no mark"),
        pytest.param(
            ("timed out", "It was not sent."), "timed out. It was not sent.", id="an error of Python"
        ),
        pytest.param(("boom.. ", "Check it."), "boom. Check it.", id="two full stops and a blank"),
        pytest.param(("right?.", "Yes."), "right? Yes.", id="two marks"),
        pytest.param(("No!", "Yes"), "No! Yes.", id="an exclamation"),
        pytest.param(("cut in the mid…", "It goes on."), "cut in the mid… It goes on.", id="cut"),
        pytest.param(("wait...", "It goes on."), "wait... It goes on.", id="an ellipsis of dots"),
        pytest.param(("the cause is:", "Next."), "the cause is. Next.", id="a colon"),
        pytest.param(("one;", "two,", "three"), "one. two. three.", id="other marks"),
        pytest.param(('He said "No."', "Next."), 'He said "No." Next.', id="a quotation"),
        pytest.param(('a bad value "x"', "Next."), 'a bad value "x". Next.', id="a quoted word"),
        pytest.param(("refused (HTTP 403)", "Next."), "refused (HTTP 403). Next.", id="brackets"),
        pytest.param(
            ("It failed. (Code, correlation 1)", "Next."),
            "It failed. (Code, correlation 1) Next.",
            id="a remark",
        ),
        pytest.param(("失敗しました。", "Next."), "失敗しました。 Next.", id="another script"),
        pytest.param((" a\n", "\tb"), "a. b.", id="blanks"),
        pytest.param(("a", None, "", "  ", "."), "a.", id="nothing"),
        pytest.param((), "", id="no parts"),
    ],
)
def test_each_part_ends_with_one_mark(parts: tuple[str | None, ...], joined: str) -> None:
    """Joining again changes nothing."""
    assert join_sentences(*parts) == joined
    assert join_sentences(joined) == joined


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("ReadTimeout: timed out.", "ReadTimeout: timed out"),
        ("boom.. ", "boom"),
        ("right?", "right?"),
        ("right?.", "right?"),
        ("wait...", "wait..."),
        ("", ""),
    ],
)
def test_a_part_of_a_sentence_has_no_full_stop(text: str, clause: str) -> None:
    """Other punctuation is part of the text."""
    assert as_clause(text) == clause

"""The words that must not come back."""

from tools.english import find, words

LIST = """
[words]
'ask(?:s|ed)?\\s+after' = "poll"
"""


def test_a_word_is_also_found_across_a_line_end_and_in_capitals() -> None:
    """The result has its line and the replacement."""
    text = "One.\nIt asks\n    after it. Asked after?"

    assert list(find(text, words(LIST))) == [(2, "asks after", "poll"), (3, "Asked after", "poll")]


def test_a_part_of_a_word_is_not_found() -> None:
    """Only whole words count."""
    assert list(find("tasks afterwards", words(LIST))) == []

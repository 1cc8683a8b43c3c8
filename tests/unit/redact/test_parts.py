"""Parts of a secret: what is masked of a long secret, in base64, and where a text was cut."""

import base64
import random
import re
import string

import pytest

from pulumi_azure_reimage.redact import MASK, redact
from pulumi_azure_reimage.redact.search import find_secrets

_RANDOM = random.Random(1)  # noqa: S311 - any letters.
LONG = "".join(_RANDOM.choices(string.ascii_letters + string.digits, k=100))
LETTERS = "".join(_RANDOM.choices(string.ascii_lowercase, k=144))
# The shortest run of each secret that is masked has this length, or one less.
RUNS = [
    pytest.param(LONG, 20, id="random, whole blocks"),
    pytest.param(LONG[3:], 20, id="random, and a rest"),
    pytest.param(LETTERS, 32, id="prose, whole blocks"),
    pytest.param(LETTERS[5:], 32, id="prose, and a rest"),
]


def spaced(letters: str) -> str:
    """Return the letters of prose with spaces, which make it prose."""
    return " ".join(re.findall(".{1,8}", letters)) if letters in LETTERS else letters


@pytest.mark.parametrize(("whole", "run"), RUNS)
@pytest.mark.parametrize("shorter", [0, 1])
def test_each_run_of_a_long_secret_is_found_from_its_beginning_to_its_end(
    whole: str, run: int, shorter: int
) -> None:
    """Neither its place in the secret nor the text around it makes a difference."""
    for length in (run - shorter, run + 13):
        for start in range(len(whole) - length + 1):
            part = whole[start : start + length]

            assert find_secrets(part, [spaced(whole)]) == [(0, length)]
            assert find_secrets(f"жж <{part}> жж", [spaced(whole)]) == [(4, 4 + length)]


@pytest.mark.parametrize(("whole", "run"), RUNS)
def test_runs_of_a_long_secret_that_follow_each_other_are_found(whole: str, run: int) -> None:
    """They may be in another order, as on sorted lines, or follow parts that are too short."""
    first, second, short = whole[40 : 40 + run], whole[3 : 3 + run], whole[:12]

    for text in (f"{first}{second}", f"{short}{first}{second}", f"{first}{short}{second}"):
        spans = find_secrets(f"<{text}> x", [spaced(whole)])

        assert sum(end - start for start, end in spans) >= 2 * run


@pytest.mark.parametrize(("whole", "run"), RUNS)
def test_a_short_run_of_a_long_secret_is_found_in_no_text_by_chance(whole: str, run: int) -> None:
    """A word of custom data is also in other texts."""
    for start in range(len(whole)):
        part = whole[start : start + run - 4]

        assert find_secrets(f"жж <{part}> жж", [spaced(whole)]) == []


def test_no_bit_of_a_secret_is_shown_of_a_longer_text_in_base64() -> None:
    """The text around it is shown, except the part that shares four characters with it."""
    secret = "correct-Horse-1"  # noqa: S105 - a password to look for.
    for size in range(24):
        before, behind = ("user:name" * 3)[:size], ("@host.com" * 3)[:size]
        encoded = base64.b64encode(f"{before}{secret}{behind}".encode()).decode()

        shown = redact(encoded, [secret])

        first, _, last = shown.partition(MASK)
        assert redact(f"Wrong: {encoded} x", [secret]) == f"Wrong: {shown} x"
        assert len(before) * 8 - 64 < len(first) * 6 <= len(before) * 8
        assert len(behind) * 8 - 64 < len(last.rstrip("=")) * 6 <= len(behind) * 8


@pytest.mark.parametrize("signs", ["<?!", "?!", "!"])
def test_the_signs_around_a_secret_are_masked_also_if_some_were_cut(signs: str) -> None:
    """These signs are part of the secret."""
    secret = f"(((<?!pass1word{signs[::-1]}"

    assert redact(f"{signs}pass1word", [secret]) == MASK


@pytest.mark.parametrize("end", ["", "…", "... and so on"])
def test_a_text_that_begins_with_the_beginning_of_a_secret_hides_it(end: str) -> None:
    """A server may quote only this beginning."""
    shown = redact(f"correct-Hor{end}", ["correct-Horse-1"])

    assert shown.startswith(MASK)
    assert "orre" not in shown


@pytest.mark.parametrize("echo", ["correct-Hor", "…rse-1"])
def test_a_part_of_a_secret_is_masked_in_the_middle_of_a_long_text(echo: str) -> None:
    """A quoted text inside the text may have been cut there."""
    shown = redact(f"{'words ' * 30}{echo}… {'and more ' * 30}", ["correct-Horse-1"])

    assert "orre" not in shown
    assert "rse" not in shown


@pytest.mark.parametrize("echo", ["!? %&$#*", "!?+%&$#*", "!?\n  %&$#*", "!?%20%&$#*", "!?%&$#*"])
def test_a_secret_of_signs_is_masked_however_its_spaces_are_written(echo: str) -> None:
    """A form writes a plus, and a log may break the line."""
    assert redact(f"Wrong: [{echo}]", ["!? %&$#*"]) == f"Wrong: [{MASK}]"


def test_what_a_secret_reads_as_is_not_masked_if_it_is_too_short() -> None:
    """Two letters are in many words."""
    assert redact("a cab and %61%62", ["%61%62"]) == f"a cab and {MASK}"


@pytest.mark.parametrize("word", ["required", "changeme"])
def test_an_ordinary_word_that_custom_data_names_a_password_stays_in_a_sentence(word: str) -> None:
    """It would be masked in every sentence. Next to its key it is masked in any case."""
    custom_data = f"#cloud-config\npassword: {word}\nhostname: web-01 # of the shop in the north\n"

    assert redact(f"A value is {word} here.", [custom_data]) == f"A value is {word} here."
    assert (
        redact("A value is x-9-y here.", [custom_data.replace(word, "x-9-y")]) == f"A value is {MASK} here."
    )


@pytest.mark.parametrize("secret", ["a!1b", "a!1bc", "a!1bcd"])
def test_the_shortest_secrets_are_masked_in_base64(secret: str) -> None:
    """Here the whole encoded text is the secret, and not only a part of it."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")

    assert redact(f"Got '{encoded}' x", [secret]) == f"Got '{MASK}' x"

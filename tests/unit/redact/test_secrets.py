"""Secrets in a text: every spelling and every telling part is masked, and nothing else."""

import base64
import gzip
import html
import json
import random
import re
import textwrap
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_azure_reimage.redact import MASK, redact
from pulumi_azure_reimage.redact.search import find_secrets

PASSWORD = "P@ss+w!rd(1)"  # noqa: S105 - a password to look for.
WITH_QUOTES = """a"b'c\\d <é&ü> %41+x"""
FEW_LETTERS = "!#a&1$%?"
SECRETS = [
    PASSWORD,
    WITH_QUOTES,
    FEW_LETTERS,
    "!?%&$#*",
    "Tr0ub4dor&3",
    "пароль-Ж1",
    "two words 1A",
    "%2541&amp;quot;x1",
]


def partly_quoted(text: str) -> str:
    """Percent-encode what ASP.NET encodes, and leave the rest."""
    return quote(text, safe="+!()&$,;='\"")


def json_escaped(text: str) -> str:
    """Escape once."""
    return json.dumps(text)[1:-1]


def of_python(text: str) -> str:
    """Escape as tracebacks do it."""
    return repr(text)[1:-1]


def json_of_dotnet(text: str) -> str:
    """Escape as System.Text.Json does, including what is special in HTML."""
    return "".join(char if char.isalnum() and char.isascii() else f"\\u{ord(char):04X}" for char in text)


def as_entities(text: str) -> str:
    """Escape each sign by its number."""
    return "".join(char if char.isalnum() else f"&#{ord(char)};" for char in text)


def as_hexadecimal_entities(text: str) -> str:
    """Escape each sign by its number in hexadecimal digits."""
    return "".join(char if char.isalnum() else f"&#x{ord(char):x};" for char in text)


def in_a_shell(text: str) -> str:
    """Escape each sign with a backslash."""
    return re.sub(r"([^\w\s])", r"\\\1", text)


def javascript(text: str) -> str:
    """Escape each sign as JavaScript may."""
    return "".join(char if char.isalnum() or ord(char) > 255 else f"\\x{ord(char):02x}" for char in text)


def base64_of(text: str) -> str:
    """Encode it."""
    return base64.b64encode(text.encode()).decode()


def url_safe_base64_of(text: str) -> str:
    """Encode it as in tokens."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def base64_of_utf16(text: str) -> str:
    """Encode it as PowerShell and the answer files of Windows do."""
    return base64.b64encode(text.encode("utf-16-le")).decode()


def hexadecimal(text: str) -> str:
    """Encode it."""
    return text.encode().hex().upper()


def quotes_doubled(text: str) -> str:
    """Escape quotes as SQL, PowerShell and CSV do."""
    return text.replace("'", "''").replace('"', '""')


ESCAPES: list[Callable[[str], str]] = [
    *(str, str.upper, of_python, partly_quoted, quote, quote_plus, lambda text: quote(text, safe="").lower()),
    *(
        json_escaped,
        json_of_dotnet,
        html.escape,
        as_entities,
        as_hexadecimal_entities,
        in_a_shell,
        javascript,
    ),
]
ENCODINGS: list[Callable[[str], str]] = [
    *(base64_of, url_safe_base64_of, base64_of_utf16, hexadecimal, quotes_doubled),
]


# The padding of base64 that may remain.
PADDING = r"(?:=|%3D|%253D|%3d|%253d|&#61;|&#x3d;|\\+=|\\+u003D|\\+x3d)*"


def survived(echo: str, secret: str) -> bool:
    """Return whether any of an echo is shown, or the text around it is not."""
    shown = redact(f"Wrong: [{echo}] was refused.", [secret])
    return not re.fullmatch(rf"Wrong: \[{re.escape(MASK)}{PADDING}\] was refused\.", shown)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spell", [*ESCAPES, *ENCODINGS])
def test_a_secret_is_masked_in_one_spelling(spell: Callable[[str], str], secret: str) -> None:
    """The text around it is not masked."""
    assert not survived(spell(secret), secret)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked_in_a_spelling_of_a_spelling(secret: str) -> None:
    """A proxy may log what a server quoted, as JSON inside JSON."""
    # In capitals, an escape is no longer an escape.
    outside = [escape for escape in ESCAPES if escape is not str.upper]
    echoes = {outer(inner(secret)) for outer in outside for inner in (*ESCAPES, base64_of)}

    assert [echo for echo in echoes if survived(echo, secret)] == []


@pytest.mark.parametrize(
    "echo",
    [
        pytest.param("\\ud83d\\ude00-caf\\u00e9-1a", id="JSON, as two halves"),
        pytest.param("\\U0001F600-caf\\xe9-1a", id="Python"),
        pytest.param("\\u{1f600}-caf\\u{E9}-1a", id="JavaScript"),
        pytest.param("\U0001f600-caf%u00E9-1a", id="IIS"),
        pytest.param("%F0%9F%98%80-caf%E9-1a", id="Latin-1"),
        pytest.param("\U0001f600-cafe\u0301-1a", id="decomposed"),
        pytest.param("&#128512;-caf&eacute-1a", id="HTML without semicolon"),
        pytest.param("\\UFFFFFFFF\U0001f600-café-1a", id="behind an escape of nothing"),
    ],
)
def test_a_secret_beyond_ascii_is_masked(echo: str) -> None:
    """It is masked in each way to write its characters."""
    shown = redact(f"Wrong: {echo}", ["\U0001f600-café-1a"])

    assert MASK in shown
    assert "caf" not in shown


# Letters that JSON writes as two escapes each, and letters whose neighbours are letters as well.
BEYOND = "".join(map(chr, range(0x20000, 0x20008)))
STREETS = "Stra\xdfe-\xd8-12"


@pytest.mark.parametrize(
    ("echo", "secret"),
    [
        pytest.param(json.dumps(BEYOND), BEYOND, id="letters beyond 65,536 in JSON"),
        pytest.param(quote(STREETS, encoding="latin-1"), STREETS, id="Latin-1 in a URL"),
    ],
)
def test_each_letter_of_a_secret_is_read_as_itself(echo: str, secret: str) -> None:
    """A neighbouring letter would make another secret."""
    assert redact(f"Wrong: '{echo}'", [secret]).replace('"', "") == f"Wrong: '{MASK}'"


@pytest.mark.parametrize("escape", ["&#x110000;", "\\U00110000", "&#x10FFFF;", "\\U0010FFFF"])
def test_an_escape_beyond_the_last_character_is_no_error(escape: str) -> None:
    """The text comes from outside, and may contain anything."""
    assert redact(f"{escape} {PASSWORD} x", [PASSWORD]).endswith(f" {MASK} x")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked_at_the_beginning_and_at_the_end(secret: str) -> None:
    """A message may consist of nothing else."""
    assert redact(f"{secret} is bad", [secret]) == f"{MASK} is bad"
    assert redact(f"bad: {secret}", [secret]) == f"bad: {MASK}"
    assert redact(f"{secret} {secret}", [secret]) in {f"{MASK} {MASK}", MASK}


def test_secrets_side_by_side_are_one_mask() -> None:
    """The number of secrets does not help a reader."""
    assert redact("hunter2-1passw0rd-2 x", ["hunter2-1", "passw0rd-2"]) == f"{MASK} x"


def test_custom_data_of_64_kilobytes_is_masked() -> None:
    """This is Azure's limit. It is masked both in the clear and as it is sent."""
    content = "".join(f"{number:x}," for number in range(13_000))

    for echo in (
        content,
        base64_of(content),
        json.dumps(content)[:700],
        quote(base64_of(content), safe="")[300:900],
    ):
        shown = redact(f"Wrong: '{echo}'", [content, base64_of(content)])

        assert shown.replace('"', "") == f"Wrong: '{MASK}'"


def test_a_password_is_masked_where_only_some_of_its_signs_are_encoded() -> None:
    """Encoders differ: a plus stays a plus in a path, and is a space in a query."""
    assert redact("adminPassword=P%40ss+w!rd(1) is bad", [PASSWORD]) == f"adminPassword={MASK} is bad"
    assert redact("the value P%40ss+w!rd(1) is bad", [PASSWORD]) == f"the value {MASK} is bad"
    assert redact("the value P%2540ss%2Bw!rd%281) is bad", [PASSWORD]) == f"the value {MASK} is bad"


@pytest.mark.parametrize("before", ["", "x", "xy", "user:"])
def test_a_secret_inside_of_a_text_in_base64_is_masked(before: str) -> None:
    """The header of a basic authorization is such a text. Its base64 depends on what precedes the secret."""
    secret = "correct-Horse-1"  # noqa: S105 - a password to look for.
    encoded = base64_of(f"{before}{secret}@host")

    shown = redact(f"Wrong: {encoded}", [secret])

    kept = shown.removeprefix("Wrong: ").replace(MASK, "")
    assert MASK in shown
    assert len(kept) <= len(encoded) - len(base64_of(secret)) + 4
    assert "orrect" not in base64.b64decode(kept + "=" * (-len(kept) % 4), validate=False).decode("latin-1")


BINARY = random.Random(1).randbytes(1125)  # noqa: S311 - any bytes.
BINARY_ENCODED = base64.b64encode(BINARY).decode()
# 1,500 characters.


def longest_common(text: str, secret: str) -> int:
    """Return the length of the longest part of a secret that is in a text."""
    folded, whole = (re.sub(r"[\W_]", "", part).lower() for part in (text, secret))
    longest = 0
    for start in range(len(whole)):
        while start + longest < len(whole) and whole[start : start + longest + 1] in folded:
            longest += 1
    return longest


@pytest.mark.parametrize(
    "echo",
    [
        pytest.param(BINARY_ENCODED, id="whole"),
        pytest.param(BINARY_ENCODED[:889], id="cut behind"),
        pytest.param(BINARY_ENCODED[611:], id="cut before"),
        pytest.param(BINARY_ENCODED[300:700], id="a part"),
        pytest.param(f"{BINARY_ENCODED[:37]}...{BINARY_ENCODED[-37:]}", id="both ends"),
        pytest.param("\r\n".join(textwrap.wrap(BINARY_ENCODED, 76)), id="wrapped at 76"),
        pytest.param("\n".join(textwrap.wrap(BINARY_ENCODED, 64)), id="wrapped at 64"),
        pytest.param(json.dumps("\r\n".join(textwrap.wrap(BINARY_ENCODED, 76))), id="wrapped, in JSON"),
        pytest.param(
            json.dumps(json.dumps("\n".join(textwrap.wrap(BINARY_ENCODED, 76)))), id="wrapped, JSON twice"
        ),
        pytest.param(base64.urlsafe_b64encode(BINARY).decode(), id="url-safe"),
        pytest.param(quote(BINARY_ENCODED, safe=""), id="percent-encoded"),
        pytest.param(quote(BINARY_ENCODED, safe="")[:500], id="percent-encoded and cut"),
        pytest.param(BINARY_ENCODED.replace("+", " "), id="a form decoded it"),
    ],
)
@pytest.mark.parametrize("limit", [300, 3000])
def test_no_part_of_binary_custom_data_is_shown(echo: str, limit: int) -> None:
    """The data may be cut or wrapped anywhere, and so may the text afterwards."""
    shown = redact(f"customData '{echo}' is bad", [BINARY_ENCODED], limit=limit)

    assert longest_common(shown, BINARY_ENCODED) < 8
    assert shown.endswith("is bad")


CLOUD_CONFIG = """#cloud-config
hostname: web-01
users:
  - name: admin
    passwd: hunter2!x
packages:
  - nginx
write_files:
  - path: /etc/app.conf
    content: |
      connection=Server=tcp:db.example;User=app;Pwd=Zx81
runcmd:
  - curl -H 'X-Api-Key: 4711-0815' https://example.org/join
"""


@pytest.mark.parametrize("line", [line for line in CLOUD_CONFIG.splitlines() if re.search(r"\d|#", line)])
def test_one_line_of_custom_data_is_masked(line: str) -> None:
    """A YAML parser quotes the line that is wrong."""
    assert redact(f"Line 3 is wrong: {line.strip()}", [CLOUD_CONFIG]) == f"Line 3 is wrong: {MASK}"
    assert redact(f"Line 3 is wrong: {json.dumps(line)}", [CLOUD_CONFIG]).count(MASK) == 1


def test_a_value_with_the_name_of_a_secret_is_masked_alone() -> None:
    """A parser may quote only the value."""
    assert redact("the value 'hunter2!x' is too short", [CLOUD_CONFIG]) == f"the value '{MASK}' is too short"


def test_the_words_of_custom_data_stay_in_a_sentence() -> None:
    """Custom data has names of machines and packages, and a message without them is of no use."""
    text = "VM web-01 was reimaged, but nginx is not running; runcmd: hostname users packages of admin."

    assert redact(text, [CLOUD_CONFIG]) == text


def test_custom_data_is_masked_where_a_text_quotes_half_of_it() -> None:
    """The quote goes from the middle of one line to the middle of another."""
    half = CLOUD_CONFIG[len(CLOUD_CONFIG) // 3 : -30]

    assert longest_common(redact(f"Wrong: {half}", [CLOUD_CONFIG]), CLOUD_CONFIG) < 16


@pytest.mark.parametrize("end", ["", "…", "...", "'...", " …"])
def test_the_beginning_of_a_secret_is_masked_where_a_text_was_cut(end: str) -> None:
    """Half a secret is a leak, no matter what cut the text."""
    shown = redact(f"The value 'correct-Hor{end}", ["correct-Horse-1"])

    assert shown.startswith(f"The value '{MASK}")
    assert "correct" not in shown


def test_the_beginning_of_a_secret_is_masked_where_its_spelling_was_cut() -> None:
    """The cut is in the middle of an escape."""
    for cut in range(len("P%2540ss%252Bw"), len(quote(quote(PASSWORD, safe=""), safe=""))):
        echo = quote(quote(PASSWORD, safe=""), safe="")[:cut]

        assert "ss" not in redact(f"The value {echo}", [PASSWORD]), echo


def test_the_end_of_a_secret_is_masked_behind_an_ellipsis() -> None:
    """A text can be cut at both ends."""
    assert redact("The value …rect-Horse-1 is bad", ["correct-Horse-1"]) == f"The value …{MASK} is bad"


def test_a_secret_is_masked_that_was_cut_before_it_was_known() -> None:
    """One layer may cut a text, and only the next one knows the secret."""
    once = redact("The value correct-Horse-1-and-more is bad", limit=26)

    assert "correct" not in redact(once, ["correct-Horse-1-and-more"])


def test_base64_of_something_else_is_masked_too() -> None:
    """It may be another user's certificate, key or custom data, and is of no use to a reader."""
    for echo in (BINARY_ENCODED, "\n".join(textwrap.wrap(BINARY_ENCODED, 76)), BINARY_ENCODED[:70]):
        assert redact(f"Got '{echo}' instead.") == f"Got '{MASK}' instead."


@pytest.mark.parametrize(
    "text",
    [
        "/home/someone/Projects/Infrastructure/Production/Web/Machines/Configuration2026/CloudInit/init",
        f"sha256:{'0a' * 32}",
        "/subscriptions/0e5c0000-0000-0000-0000-000000000000/resourceGroups/Production2026Machines/providers",
    ],
)
def test_a_long_path_and_a_hash_stay(text: str) -> None:
    """They are long, but users look them up."""
    assert redact(text) == text


@settings(max_examples=300, deadline=None)
@given(
    secret=st.text(
        st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_categories=["Cc"]),
        min_size=10,
        max_size=72,
    ),
    steps=st.lists(st.sampled_from(ESCAPES[3:]), max_size=2),
    around=st.sampled_from(["'", '"', " ", "&", "%", "\\", "1", "a"]),
)
def test_no_generated_secret_survives(secret: str, steps: list[Callable[[str], str]], around: str) -> None:
    """Its characters and the text around it are arbitrary."""
    echo = secret
    for step in steps:
        echo = step(echo)

    assert find_secrets(f"x {around} {echo} {around} x", [secret]) != []


def test_compressed_custom_data_is_masked_as_it_is_sent() -> None:
    """Gzip is a format that cloud-init reads."""
    encoded = base64.b64encode(gzip.compress(CLOUD_CONFIG.encode(), mtime=0)).decode()

    assert redact(f"Got {encoded[:150]}", [encoded]) == f"Got {MASK}"

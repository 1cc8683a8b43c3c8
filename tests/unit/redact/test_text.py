"""Redaction: what is always removed, what stays readable, and how long it takes."""

import base64
import html
import itertools
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from pulumi_azure_reimage.redact import LIMIT, redact

ARM = "https://management.azure.com"
OPERATION = f"{ARM}/subscriptions/0e5c/providers/Microsoft.Compute/locations/westus/operations/6f1a"
SIGNED = "p=1f&api-version=2024-07-01&t=638&c=MIIHpTCCBo2&s=abcDEF_-123&h=qwe"
TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl_-"  # noqa: S105 - It has the shape of a token, but is not one.
HIDDEN = "S3cr\"t&<ü>/+'pass word\\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"GET {OPERATION}?{SIGNED} failed", "GET <operation URL> failed", id="operation"),
        pytest.param(
            f"GET {OPERATION}?{SIGNED}&monitor=true.", "GET <operation URL>.", id="end of a sentence"
        ),
        pytest.param(f"({OPERATION}?{SIGNED})", "(<operation URL>)", id="in parentheses"),
        pytest.param(
            f'"{OPERATION}&monitor=true&{SIGNED}"', '"<operation URL>"', id="malformed as in the sample"
        ),
        pytest.param(f"{ARM}/x/operationresults/1?a=b", "<operation URL>", id="operation results"),
        pytest.param(f"{ARM}/x/operationStatuses/1", "<operation URL>", id="operation statuses"),
        pytest.param(f"at {OPERATION.removeprefix(ARM)}?{SIGNED}", "at <operation URL>", id="relative"),
        pytest.param(quote(f"{OPERATION}?{SIGNED}", safe=""), "<operation URL>", id="URL-encoded"),
        pytest.param(
            f"{OPERATION}?{SIGNED}".replace("/", "\\/"), "<operation URL>", id="JSON-escaped slashes"
        ),
        pytest.param(OPERATION.upper(), "<operation URL>", id="in capitals"),
        pytest.param(f"{ARM}/x?sig=1&b=2 end", f"{ARM}/x end", id="query"),
        pytest.param(f"{ARM}/x#access_token=1 end", f"{ARM}/x end", id="fragment"),
        pytest.param(f"{ARM}?sig=1", ARM, id="query without a path"),
        pytest.param("https://user:pa55@host:8443/x", "https://host:8443/x", id="user info"),
        pytest.param("http://proxy/https://user:pa55@host/x", "http://proxy/...", id="user info in a path"),
        pytest.param("amqps://key:pa55@host/x", "amqps://host/x", id="another scheme"),
        pytest.param("https%3A%2F%2Fuser%3Apa55%40host%2Fx", "<URL>", id="URL-encoded user info"),
        pytest.param(f"{ARM}/subscriptions/0e5c/x", f"{ARM}/subscriptions/0e5c/x", id="plain URL stays"),
    ],
)
def test_a_url_keeps_only_what_helps_a_reader(text: str, shown: str) -> None:
    """Host and path show where it leads. The rest can be a credential."""
    assert redact(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"Authorization: Bearer {TOKEN}", "Authorization: Bearer [secret]", id="bearer"),
        pytest.param("authorization: bearer abc123", "authorization: bearer [secret]", id="short bearer"),
        pytest.param(f"got {TOKEN}, expired", "got [secret], expired", id="JWT"),
        pytest.param("sig=Ab%2F1&se=2026", "sig=[secret]&se=2026", id="signature"),
        pytest.param("SharedAccessSignature sr=a&sig=b x", "SharedAccessSignature [secret] x", id="SAS"),
        pytest.param('{"adminPassword": "a \\" b"}', '{"adminPassword": "[secret]"}', id="JSON"),
        pytest.param(
            '{\\"adminPassword\\":\\"a\\\\\\" b\\"}',
            '{\\"adminPassword\\":\\"[secret]\\"}',
            id="JSON in JSON",
        ),
        pytest.param("{'admin_password': 'a b'}", "{'admin_password': '[secret]'}", id="Python"),
        pytest.param("client_secret=abc&x=1", "client_secret=[secret]&x=1", id="form"),
        pytest.param('password="a b" x', 'password="[secret]" x', id="quoted argument"),
        pytest.param("password='a b' x", "password='[secret]' x", id="argument in single quotes"),
        pytest.param(f"c={'Ab1_-%' * 30} x", "[secret] x", id="torn certificate"),
    ],
)
def test_a_token_is_masked_in_its_place(text: str, shown: str) -> None:
    """The words around it are kept."""
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "The supplied password must be between 6-72 characters long and must satisfy at least 3 of 4.",
        "The bearer token is missing or expired.",
        "Bearer authentication failed.",
        'Bearer authorization_uri="x", error="invalid_token"',
        "Operation 'reimage' is not allowed on VM 'web' since another operation is in progress.",
        "The Image /subscriptions/0e5c/resourceGroups/rg_(1)/providers/Microsoft.Compute/images/x is gone.",
        "does not have authorization to perform action 'Microsoft.Compute/virtualMachines/reimage/action'",
        "correlation 6f1a0c2e-93a4-4b41-9a55-0d1e2f3a4b5c",
        "größer als 5 µm … 再イメージ化",
        "",
    ],
)
def test_ordinary_sentences_stay_as_they_are(text: str) -> None:
    """A mask that hides the reason would be of no use."""
    assert redact(text) == text


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(HIDDEN, id="plain"),
        pytest.param(json.dumps(HIDDEN), id="JSON"),
        pytest.param(json.dumps(HIDDEN, ensure_ascii=False), id="JSON without escapes of letters"),
        pytest.param(
            "S3cr\\u0022t\\u0026\\u003C\\u00FC\\u003E/\\u002B\\u0027pass word\\\\n", id="JSON of .NET"
        ),
        pytest.param(repr(HIDDEN), id="Python"),
        pytest.param(html.escape(HIDDEN), id="HTML"),
        pytest.param(quote(HIDDEN, safe=""), id="URL"),
        pytest.param(quote(HIDDEN, safe="").lower(), id="URL in lower case"),
        pytest.param(quote_plus(HIDDEN), id="form"),
        pytest.param(base64.b64encode(HIDDEN.encode()).decode(), id="base64"),
        pytest.param(base64.urlsafe_b64encode(HIDDEN.encode()).decode().rstrip("="), id="URL-safe base64"),
        pytest.param(HIDDEN.upper(), id="in capitals"),
    ],
)
def test_a_secret_is_masked_in_every_spelling(spelling: str) -> None:
    """Servers, proxies and tracebacks each have their own spelling."""
    shown = redact(f"before <{spelling}> after", [HIDDEN])

    assert "[secret]" in shown
    assert shown.startswith("before <")
    assert shown.endswith("> after")
    assert not any(part in shown for part in ("S3cr", "s3cr", "pass", "PASS", "UzNjc"))


def test_a_secret_of_several_lines_is_masked_also_on_one() -> None:
    """Custom data is a whole file, which an error may quote on one line."""
    content = "#cloud-config\nusers:\n  - name: admin\n"

    assert redact(f"<{content}>", [content]) == "<[secret]>"
    assert redact("<#cloud-config users: - name: admin>", [content]) == "<[secret]>"


def test_a_secret_that_holds_another_one_is_masked_whole() -> None:
    """The longest is masked first, in any order of the secrets."""
    assert redact("x hunter2-longer x hunter2 x", ["hunter2", "hunter2-longer"]) == "x [secret] x [secret] x"


def test_a_secret_that_looks_like_the_mask_does_no_harm() -> None:
    """What is already masked stays masked."""
    assert redact("x secret hunter2 x", ["secret", "hunter2"]) == "x [secret] [secret] x"


@pytest.mark.parametrize("secret", ["", "a", "abc"])
def test_a_text_that_is_too_short_to_be_a_secret_is_left(secret: str) -> None:
    """Masking each of its letters would hide the message and reveal the secret."""
    assert redact("a b abc", [secret]) == "a b abc"


@pytest.mark.parametrize("echo", ["abc", "616263", "610062006300", "YQBiAGMA"])
def test_a_text_that_is_too_short_is_not_looked_for_in_another_encoding(echo: str) -> None:
    """It would also match parts of hashes and ids."""
    assert redact(f"x {echo} x", ["abc"]) == f"x {echo} x"


def test_a_text_of_four_characters_is_a_secret() -> None:
    """Shorter texts are not secrets."""
    assert redact("the value a!1b is bad", ["a!1b"]) == "the value [secret] is bad"


def test_a_text_that_is_as_long_as_may_be_is_not_cut() -> None:
    """With one more character, the text is too long."""
    text = "word " * (LIMIT // 5 - 1) + "words"

    assert redact(text) == text
    assert redact(f"{text}s").endswith("word …")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\r\nb\tc\x00d\x1b[31me", "a b c d [31me", id="control characters"),
        pytest.param("a\u202eb\u2028c\u200bd", "a b c d", id="invisible characters"),
        pytest.param("a\ud800b", "a b", id="half a surrogate pair"),
        pytest.param("  a   b  ", "a b", id="runs of spaces"),
    ],
)
def test_the_result_is_one_printable_line(text: str, shown: str) -> None:
    """So a server cannot forge lines of Pulumi's output."""
    assert redact(text) == shown


def test_a_long_text_is_cut_at_a_word() -> None:
    """The reader sees that the text was longer."""
    shown = redact("word " * 1000)

    assert len(shown) <= LIMIT
    assert shown.endswith("word …")


def test_a_long_word_is_cut_anywhere() -> None:
    """There is no better place to cut it."""
    shown = redact("a.b-" * 1000)

    assert len(shown) == LIMIT
    assert shown.endswith(" …")


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    """Half a secret is still a leak."""
    shown = redact("x" * 15 + " " + "hunter2-and-more", ["hunter2-and-more"], limit=22)

    assert "hunter2" not in shown


FRAGMENTS = (
    *("password", '"', "'", ":", "=", "\\", "bearer ", "eyJ0eXAiOiJK", "a" * 25, "https://", "user:pw@", "?"),
    *("/operations/", "#", "sig=", "\n", "/subscriptions/", "%3a%2f%2f", "[secret]", "<URL>", "."),
    *("sharedaccesssignature ", "…", "token"),
)


@pytest.mark.parametrize("limit", [24, LIMIT])
def test_redacting_again_changes_nothing(limit: int) -> None:
    """Texts pass through several layers, and each of them redacts."""
    texts = ("".join(parts) for parts in itertools.product(FRAGMENTS, repeat=3))
    once = {redact(text, limit=limit) for text in texts}

    assert {text for text in once if redact(text, limit=limit) != text} == set()
    assert max(map(len, once)) <= max(limit, 75)


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a.", "://", "https://", "https://a@", "bearer ", "eyJ", "eyJaaaaaaaa.", "\\", "\x00", " "),
        *('"password":"', '"password":"\\', 'token="', "/subscriptions/", "%3a%2f%2f", "a" * 99 + " "),
    ],
)
def test_a_hostile_text_takes_no_longer_than_a_harmless_one(piece: str) -> None:
    """Nothing is scanned twice. Quadratic time would mean hours here, and the run would be killed."""
    shown = redact(piece * ((1 << 18) // len(piece)), ["hunter2-and-more"])

    assert len(shown) <= LIMIT


def test_a_megabyte_of_every_fragment_is_one_line() -> None:
    """This is the largest body that is read."""
    shown = redact("".join(FRAGMENTS) * 6000, ["hunter2-and-more"])

    assert len(shown) <= LIMIT


def base64_of(text: str) -> str:
    """Return a text in the form in which ARM expects custom data."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("spell", [str, repr, json.dumps, html.escape, quote, quote_plus, base64_of])
def test_a_text_that_is_exactly_a_secret_is_hidden_in_each_spelling(spell: Callable[[str], str]) -> None:
    """No spelling is shorter than the secret with single spaces, so a shorter text is safe."""
    secret = "#cloud-config\n\n  - name:\t web & db  \n"  # noqa: S105 - a secret to look for.

    assert redact(spell(secret), [secret]).strip("\"'=") == "[secret]"
    assert redact(" ".join(secret.split()), [secret]) == "[secret]"

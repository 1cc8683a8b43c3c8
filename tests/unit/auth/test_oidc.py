"""Token files: what surrounds a token is left out, and anything else is refused without being shown."""

import codecs
from pathlib import Path

import pytest

from pulumi_azure_reimage.auth.oidc import from_file
from pulumi_azure_reimage.errors import ConfigurationError

TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln-_"  # noqa: S105 - a made-up token.


@pytest.mark.parametrize(
    "content",
    [
        TOKEN.encode(),
        f" {TOKEN}\r\n\n".encode(),
        codecs.BOM_UTF8 + TOKEN.encode(),
        codecs.BOM_UTF16_LE + f"{TOKEN}\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TOKEN.encode("utf-16-be"),
    ],
)
def test_a_file_is_read_as_text_whichever_program_wrote_it(tmp_path: Path, content: bytes) -> None:
    """It is read at each call, because another program renews it."""
    file = tmp_path / "token"
    read = from_file(str(file))
    file.write_bytes(content)

    assert read() == TOKEN

    file.write_bytes(b"another")
    assert read() == "another"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (codecs.BOM_UTF8 + b"\n", "is empty"),
        (TOKEN.encode("utf-16-le"), "holds something other than a token"),
        (b"hunter2 hunter2", "holds something other than a token"),
        (b"\xff\x00", "holds something other than a token"),
    ],
)
def test_text_that_is_not_a_token_is_not_sent(tmp_path: Path, content: bytes, said: str) -> None:
    """It is not shown, either."""
    file = tmp_path / "token"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=rf"^The token file .*token {said}\.$") as caught:
        from_file(str(file))()

    assert "hunter2" not in str(caught.value)

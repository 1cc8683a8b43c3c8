"""A token file is read as text, independent of the program that wrote it."""

import codecs
from collections.abc import Callable

import pytest

from pulumi_azure_reimage.errors import ConfigurationError
from tests.signin.test_methods import APPLICATION
from tests.signin.world import World

WRITTEN: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "line end": lambda token: f"{token}\n".encode(),
    "CRLF": lambda token: f"{token}\r\n".encode(),
    "blank lines around it": lambda token: f"\n  {token} \n\n".encode(),
    "byte order mark": lambda token: codecs.BOM_UTF8 + f"{token}\n".encode(),
    "UTF-16, little end first": lambda token: codecs.BOM_UTF16_LE + f"{token}\r\n".encode("utf-16-le"),
    "UTF-16, big end first": lambda token: codecs.BOM_UTF16_BE + f"{token}\r\n".encode("utf-16-be"),
}
NO_TOKEN = {
    "empty": (b"", "is empty"),
    "blank": (b" \r\n", "is empty"),
    "a mark alone": (codecs.BOM_UTF8, "is empty"),
    "UTF-16 without a mark": ("token".encode("utf-16-le"), "holds something other than a token"),
    "bytes": (b"\x80\x81\x82", "holds something other than a token"),
    "two tokens": (b"one\ntwo\n", "holds something other than a token"),
    "JSON": (b'{"token": "one"}', "holds something other than a token"),
}


def settings(world: World) -> dict[str, object]:
    """Return the settings that name the file."""
    return {**APPLICATION, "useOidc": "true", "oidcTokenFilePath": str(world.folder / "token")}


@pytest.mark.parametrize("form", WRITTEN)
def test_the_token_goes_to_entra_without_what_is_around_it(world: World, form: str) -> None:
    """PowerShell writes byte order marks, and most programs end a file with a line end."""
    assertion = world.issuer.assertion()
    (world.folder / "token").write_bytes(WRITTEN[form](assertion))

    world.target(settings(world)).look()

    (token,) = world.tokens_at_arm()
    assert world.entra.issued[token]["client_assertion"] == assertion


@pytest.mark.parametrize("form", NO_TOKEN)
def test_a_file_without_a_token_is_named_and_not_shown(world: World, form: str) -> None:
    """Entra would answer with a misleading code."""
    content, said = NO_TOKEN[form]
    (world.folder / "token").write_bytes(content)

    with pytest.raises(ConfigurationError, match=rf"The token file .*token {said}\.") as caught:
        world.target(settings(world)).look()

    assert "two" not in str(caught.value)
    assert not any(request.path.endswith("/token") for request in world.internet.log)


def test_a_folder_is_not_a_token_file(world: World) -> None:
    """The preview already refuses it. Here it has replaced the file since then."""
    (world.folder / "token").mkdir()

    with pytest.raises(ConfigurationError, match=r"(?i)is a directory.*token"):
        world.target(settings(world)).look()
    with pytest.raises(ConfigurationError, match=r"cannot be read: .*token\. Nothing was sent\."):
        world.session(settings(world)).require_configuration()

"""Documents that describe a cloud, and so decide where secrets go."""

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_azure_reimage.auth.clouds import Cloud, cloud_from_cli, cloud_from_metadata
from pulumi_azure_reimage.errors import ConfigurationError

AUTHORITY = "https://adfs.stack.example/adfs/"
ENDPOINT = "https://management.stack.example/"
AUDIENCE = "https://management.stack.example/6a8f"


def metadata(
    authority: object = AUTHORITY, audience: object = AUDIENCE, endpoint: object = ENDPOINT, **named: object
) -> dict[str, Any]:
    """Return what a metadata endpoint answers."""
    sign_in = {"loginEndpoint": authority, "audiences": [audience]}
    return {"authentication": sign_in, "resourceManager": endpoint, **named}


def shown(
    authority: object = AUTHORITY, audience: object = AUDIENCE, endpoint: object = ENDPOINT, **named: object
) -> dict[str, Any]:
    """Return what `az cloud show` prints."""
    endpoints = {
        "activeDirectory": authority,
        "activeDirectoryResourceId": audience,
        "resourceManager": endpoint,
    }
    return {"endpoints": endpoints, **named}


SOURCES = [
    pytest.param(lambda **parts: cloud_from_metadata(metadata(**parts)), id="metadata"),
    pytest.param(lambda **parts: cloud_from_cli(shown(**parts)), id="Azure CLI"),
]
Read = Callable[..., Cloud]


@pytest.mark.parametrize("read", SOURCES)
def test_a_cloud_has_the_addresses_of_its_document(read: Read) -> None:
    """An authority may be AD FS, which has a path. A document may name the cloud."""
    cloud = Cloud("https://management.stack.example", "https://adfs.stack.example/adfs", AUDIENCE)

    assert read() == cloud
    assert read(name="Stack").name == "Stack"


@pytest.mark.parametrize("read", SOURCES)
@pytest.mark.parametrize("part", ["authority", "audience", "endpoint"])
@pytest.mark.parametrize("value", [None, 1, [ENDPOINT]])
def test_a_document_that_lacks_an_address_is_refused(read: Read, part: str, value: object) -> None:
    """No default replaces a missing address."""
    with pytest.raises(ConfigurationError, match="does not state the authority, audience and endpoint"):
        read(**{part: value})


@pytest.mark.parametrize("read", SOURCES)
@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("authority", "http://adfs.stack.example/adfs"),
        ("endpoint", "http://management.stack.example"),
        ("endpoint", "https://management.stack.example/path"),
        ("endpoint", "https://user:hunter2@management.stack.example"),
    ],
)
def test_an_address_in_a_document_to_which_no_secret_may_go_is_refused(
    read: Read, part: str, value: str
) -> None:
    """A document is trusted no more than a setting."""
    with pytest.raises(
        ConfigurationError, match=rf"The {part} of the cloud \(.*must have the form https://host"
    ):
        read(**{part: value})

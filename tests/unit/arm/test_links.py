"""Links to operations: what is read from a header, and what ARM needs in a query."""

import pytest

from pulumi_azure_reimage.arm.links import split_links, with_api_version

PATH = "https://arm/subscriptions/1/operations/a"
VERSION = "2024-07-01"


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ("", []),
        (" , ,", []),
        (PATH, [PATH]),
        (f"{PATH}, {PATH}?b", [PATH, f"{PATH}?b"]),
        (f"{PATH},HTTPS://arm/b", [PATH, "HTTPS://arm/b"]),
        (f"{PATH}?names=a,b,c", [f"{PATH}?names=a,b,c"]),
        (f"{PATH}?next=https://arm/b", [f"{PATH}?next=https://arm/b"]),
    ],
)
def test_the_links_of_a_header_are_told_apart(value: str, links: list[str]) -> None:
    """A comma inside a link is part of the link."""
    assert split_links(value) == links


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (PATH, f"{PATH}?api-version={VERSION}"),
        (f"{PATH}?", f"{PATH}?api-version={VERSION}"),
        (f"{PATH}?a=b", f"{PATH}?a=b&api-version={VERSION}"),
        (f"{PATH}?a=b&", f"{PATH}?a=b&api-version={VERSION}"),
        (f"{PATH}?t=1&c=MII%2b&s=S1_-~", f"{PATH}?t=1&c=MII%2b&s=S1_-~&api-version={VERSION}"),
        (f"{PATH}?api-version=", f"{PATH}?api-version={VERSION}"),
        (f"{PATH}?api-version", f"{PATH}?api-version={VERSION}"),
        (f"{PATH}?API-Version=%20&a=b", f"{PATH}?a=b&api-version={VERSION}"),
        (f"{PATH}?a=b&api-version=", f"{PATH}?a=b&api-version={VERSION}"),
        (f"{PATH}?x-api-version=1", f"{PATH}?x-api-version=1&api-version={VERSION}"),
        (f"{PATH}#api-version=1", f"{PATH}?api-version={VERSION}"),
        (f"{PATH}?a=b#c", f"{PATH}?a=b&api-version={VERSION}"),
    ],
)
def test_a_link_without_an_api_version_gets_that_of_the_request(url: str, expected: str) -> None:
    """Nothing else in the link changes."""
    assert with_api_version(url, VERSION) == expected


@pytest.mark.parametrize(
    "query",
    [
        "api-version=2019-03-01",
        "a=b&Api-Version=2019-03-01&c=%2b",
        "API-VERSION=2019-03-01",
        "api%2Dversion=2019-03-01",
        "api-version=&api-version=2019-03-01",
    ],
)
def test_a_link_with_an_api_version_is_used_as_it_is(query: str) -> None:
    """It is signed, and the service that made it chose the version."""
    assert with_api_version(f"{PATH}?{query}", VERSION) == f"{PATH}?{query}"

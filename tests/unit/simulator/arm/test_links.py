"""A signed URL is trusted in every spelling that clients use, and in no other."""

from collections.abc import Callable
from random import Random
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_azure_reimage.simulator.arm.links import LinkSigner

from ..client import FakeNow, World, code, status_url

Pairs = list[tuple[str, str]]
PATH = "/subscriptions/s/providers/Microsoft.Compute/locations/westus/operations/o"
SIGNER = LinkSigner.new()


def links(world: World) -> tuple[str, str]:
    """Return both URLs of an operation."""
    accepted = world.send("POST", f"{world.simulator.machine('kept').id}/reimage?api-version=2024-07-01")
    return status_url(accepted), accepted.headers["location"]


def changed(url: str, change: Callable[[Pairs], Pairs]) -> str:
    """Return a URL with other parameters."""
    return f"{url.partition('?')[0]}?{urlencode(change(parse_qsl(urlsplit(url).query)))}"


def with_version(version: str) -> Callable[[Pairs], Pairs]:
    """Replace the API version."""
    return lambda pairs: [(name, version if name == "api-version" else value) for name, value in pairs]


@pytest.mark.parametrize(
    "change",
    [
        sorted,
        lambda pairs: [*reversed(pairs)],
        with_version("2026-04-01"),
        with_version("2026-08-06-preview"),
        lambda pairs: sorted(with_version("2020-12-01")(pairs)),
        lambda pairs: [*pairs, ("api-version", "2026-04-01")],
        lambda pairs: [("api-version", "2026-04-01"), *pairs],
        lambda pairs: [(name.replace("api-version", "API-Version"), value) for name, value in pairs],
    ],
    ids=["sorted", "reversed", "replaced", "preview", "sorted and replaced", "added", "first", "letter case"],
)
def test_a_client_may_order_the_parameters_and_choose_the_version(
    world: World, change: Callable[[Pairs], Pairs]
) -> None:
    """Both URLs still work."""
    status, location = links(world)

    assert world.get(changed(status, change)).json() == world.get(status).json()
    assert world.get(changed(location, change)).status == world.get(location).status == 202
    world.simulator.finish("kept")
    assert world.get(changed(status, change)).json()["status"] == "Succeeded"
    assert world.get(changed(location, change)).status == 200


def test_an_equivalent_escape_is_accepted(world: World) -> None:
    """A client may percent-encode what does not need it."""
    status, _ = links(world)
    query = urlsplit(status).query
    escaped = "&".join(f"{name}={quote(value).replace('-', '%2D')}" for name, value in parse_qsl(query))

    assert world.get(status.replace(query, escaped)).status == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("locations/westus", "locations/eastus"),
        lambda url: url.replace("/operations/", "/operations/0"),
        lambda url: url.replace("&t=", "&t=1"),
        lambda url: url.replace("&c=", "&c=A"),
        lambda url: url.replace("&s=", "&s=A"),
        lambda url: url.replace("&h=", "&h=A"),
        lambda url: url.replace("?p=", "?P="),
        lambda url: url.replace("&s=", "&S="),
        lambda url: url.replace("?p=", "?p=&p="),
        lambda url: url.replace("&t=", "&u="),
        lambda url: url.replace("/operations/", "%2Foperations/"),
        lambda url: url.replace("?", "/?"),
        lambda url: f"{url}&s=%C3%A9",
        lambda url: f"{url}&s={dict(parse_qsl(url))['s']}",
        lambda url: f"{url}&more=",
        lambda url: f"{url}&more",
        lambda url: f"{url}&monitor=true",
        lambda url: f"{url}&monitor=false",
        lambda url: f"{url}&MONITOR=true",
        lambda url: url.replace("&api-version", "&monitor=true&api-version"),
        lambda url: url.replace("&monitor=true", ""),
        lambda url: url.replace("monitor=true", "monitor=false"),
        lambda url: changed(url, lambda pairs: [pair for pair in pairs if pair[0] != "t"]),
        lambda url: changed(url, lambda pairs: [pair for pair in pairs if pair[0] not in "sh"]),
        lambda url: changed(url, lambda pairs: pairs[:3]),
    ],
)
def test_any_other_change_is_refused(world: World, change: Callable[[str], str]) -> None:
    """This holds for each URL that the change concerns. The original URL still works."""
    urls = links(world)
    refused = [world.get(change(url)) for url in urls if change(url) != url]

    assert refused
    assert {(one.status, code(one)) for one in refused} == {(403, "InvalidOperationLink")}
    assert [world.get(url).status for url in urls] == [200, 202]


def test_neither_url_can_be_derived_from_the_other(world: World) -> None:
    """The `monitor` of one does not work with the signature of the other."""
    status, location = links(world)
    ours, theirs = dict(parse_qsl(urlsplit(status).query)), dict(parse_qsl(urlsplit(location).query))
    mixed = {**theirs, "s": ours["s"], "h": ours["h"]}

    assert world.get(f"{location.partition('?')[0]}?{urlencode(mixed)}").status == 403


def test_a_url_of_another_operation_is_refused(world: World) -> None:
    """A signature is for one path."""
    status, _ = links(world)
    other = status_url(world.reimage("deleted"))

    assert world.get(f"{other.partition('?')[0]}?{urlsplit(status).query}").status == 403


NAMES = st.sampled_from(["p", "monitor", "t", "c", "s", "h", "", "x"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=3)), max_size=4), st.randoms())
def test_parameters_are_trusted_in_any_order_and_nothing_is_added(added: Pairs, random: Random) -> None:
    """This holds for any parameters."""
    now = FakeNow().time
    url = SIGNER.sign(PATH, location="westus", api_version="2024-07-01", at=now, monitor=False)
    pairs = parse_qsl(urlsplit(url).query)
    random.shuffle(pairs)

    assert SIGNER.trusts(PATH, urlencode(pairs))
    assert SIGNER.trusts(PATH, urlencode([*pairs, *added])) == (not added)
    assert not LinkSigner.new().trusts(PATH, urlencode(pairs))

"""Throttling: documented buckets, recorded headers, and 429 in both shapes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import SimulatorError

from ..client import API_VERSION, World, code, status_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..client import FakeNow

NARROW = """
operation_seconds = 0
[throttling.UpdateVMResource]
bucket = 2
per_minute = 4
[throttling.SubscriptionWrites]
bucket = 4
per_minute = 60
[[machine]]
name = "one"
[[machine]]
name = "two"
[[machine]]
name = "three"
"""


@pytest.fixture
def narrow(tmp_path: Path, now: FakeNow) -> Iterator[World]:
    """Return a world whose buckets are small."""
    (tmp_path / "narrow.toml").write_text(NARROW)
    with World.open(tmp_path / "narrow.toml", now) as opened:
        yield opened


def test_a_reimage_reports_what_is_left_as_recorded(world: World) -> None:
    """This is the first reimage in a quiet subscription."""
    headers = world.reimage("kept").headers

    assert headers["x-ms-ratelimit-remaining-resource"] == (
        "Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11"
    )
    assert headers["x-ms-ratelimit-remaining-subscription-writes"] == "199"
    assert headers["x-ms-ratelimit-remaining-subscription-global-writes"] == "2999"


def test_polls_and_gets_count_in_buckets_of_their_own(world: World) -> None:
    """A minute later they are full again."""
    status = status_url(world.reimage("kept"))
    vm = f"{world.simulator.machine('kept').id}?{API_VERSION}"
    polls = [world.get(status).headers["x-ms-ratelimit-remaining-resource"] for _ in range(2)]
    gets = [world.get(vm).headers["x-ms-ratelimit-remaining-resource"] for _ in range(2)]
    world.now.advance(60)
    later = world.get(status).headers["x-ms-ratelimit-remaining-resource"]

    assert polls[1] == (
        "Microsoft.Compute/GetOperationResource;43,Microsoft.Compute/GetOperationSubscriptionMaximum;14998"
    )
    assert gets[1] == (
        "Microsoft.Compute/LowCostGetSubscriptionMaximum;23998,Microsoft.Compute/LowCostGetResource;34"
    )
    assert later.startswith("Microsoft.Compute/GetOperationResource;44,")


def test_an_empty_bucket_of_a_machine_is_429_without_an_outer_error(narrow: World) -> None:
    """The documented body is bare, and Retry-After says when there is a token again."""
    narrow.reimage("one")
    narrow.reimage("one")
    refused = narrow.reimage("one")
    details = refused.json()["details"]

    assert refused.status == 429
    assert refused.headers["retry-after"] == "15"
    assert refused.headers["x-ms-ratelimit-remaining-resource"].endswith(
        "Microsoft.Compute/UpdateVMResource;0"
    )
    assert refused.json()["code"] == "OperationNotAllowed"
    assert (details[0]["code"], details[0]["target"]) == ("TooManyRequests", "UpdateVMResource")
    assert json.loads(details[0]["message"])["allowedRequestCount"] == 2
    assert narrow.reimage("two").status == 202


def test_waiting_as_long_as_the_header_says_is_enough(narrow: World) -> None:
    """One second less is not enough."""
    narrow.reimage("one")
    narrow.reimage("one")
    narrow.now.advance(14)
    early = narrow.reimage("one").status
    narrow.now.advance(1)
    late = narrow.reimage("one").status

    assert (early, late) == (429, 202)


def test_an_empty_bucket_of_a_subscription_is_429_with_an_envelope(narrow: World) -> None:
    """The limit is ARM's, not the compute service's."""
    accepted = [narrow.reimage(name).status for name in ("one", "two", "one", "two")]
    refused = narrow.reimage("three")

    assert accepted == [202] * 4
    assert (refused.status, code(refused)) == (429, "SubscriptionRequestsThrottled")
    assert refused.headers["retry-after"] == "1"


def test_a_throttled_request_starts_nothing(narrow: World) -> None:
    """It was refused before it was carried out."""
    for _ in range(2):
        narrow.reimage("one")
    etag = narrow.vm("one")["etag"]
    narrow.reimage("one")

    assert narrow.vm("one")["etag"] == etag


def test_a_stranger_whose_request_is_throttled_is_refused_by_name(narrow: World) -> None:
    """The answer of the compute service's limit has no `error` around it."""
    for _ in range(2):
        narrow.simulator.reimage("one")

    with pytest.raises(SimulatorError, match="the reimage of one is refused: OperationNotAllowed"):
        narrow.simulator.reimage("one")


def test_throttling_can_be_switched_off(tmp_path: Path, now: FakeNow) -> None:
    """There are then no headers and no limits."""
    (tmp_path / "machines.toml").write_text('[throttling]\nenabled = false\n[[machine]]\nname = "one"')
    with World.open(tmp_path / "machines.toml", now) as world:
        vm = f"{world.simulator.machine('one').id}?{API_VERSION}"
        answers = [world.get(vm) for _ in range(50)]

    assert {answer.status for answer in answers} == {200}
    assert "x-ms-ratelimit-remaining-resource" not in answers[0].headers

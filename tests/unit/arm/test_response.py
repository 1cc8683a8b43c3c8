"""What is read of an answer in addition to its body."""

from datetime import UTC, datetime

import pytest

from pulumi_azure_reimage.arm.response import Response

SENT = datetime(2026, 11, 25, 23, 36, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Wed, 25 Nov 2026 23:36:00 GMT",
        "Wed, 25 Nov 2026 23:36:00 -0000",
        "Wed, 25 Nov 2026 23:36:00",
        # This is how httpx joins a header that came twice, because a proxy has added one.
        "Wed, 25 Nov 2026 23:36:00 GMT, Wed, 25 Nov 2026 23:36:01 GMT",
    ],
)
def test_a_date_is_in_utc_under_any_name_of_its_zone(text: str) -> None:
    """It can then be compared with the times in ARM's documents."""
    assert Response(200, {"date": text}, b"").date == SENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "Wed, 99 Nov 2026 23:36:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -0500",
        "Wed, 25 Nov 12026 23:36:00 GMT",
        "Wed, 25 Nov 2026 23:36:00 +9999",
    ],
)
def test_a_date_that_cannot_be_read_is_none(text: str) -> None:
    """No decision needs a header."""
    assert Response(200, {"date": text}, b"").date is None


def test_an_id_that_came_twice_is_shown_once() -> None:
    """Two headers of one name are joined by httpx."""
    answer = Response(500, {"x-ms-request-id": "1f3, 1f3"}, b"")

    assert answer.request_id == "1f3"

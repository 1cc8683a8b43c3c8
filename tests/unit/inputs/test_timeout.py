"""The input `timeout`: a number of seconds, or a duration."""

import math

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.timeout import DEFAULT_TIMEOUT, parse_timeout


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        (None, DEFAULT_TIMEOUT),
        (90, 90.0),
        (90.0, 90.0),
        (0.5, 0.5),
        ("90s", 90.0),
        ("45m", 2700.0),
        ("2h", 7200.0),
        ("1h30m", 5400.0),
        ("1h0m30s", 3630.0),
        ("1.5h", 5400.0),
    ],
)
def test_a_timeout_is_a_number_of_seconds_or_a_duration(timeout: object, seconds: float) -> None:
    """The units are those of Go, as in Pulumi's own timeouts."""
    assert parse_timeout(timeout) == seconds


@pytest.mark.parametrize(
    "timeout",
    [
        *(0.0, -1.0, math.nan, math.inf, -math.inf, 1e300, 10**400, -(10**400), True, False, [], {}),
        *(
            "",
            "0s",
            "0h0m",
            "90",
            "-90s",
            "s",
            "90 s",
            "90S",
            "1d",
            "30m1h",
            "1.s",
            ".5h",
            "1e3s",
            "٩s",
            "90s\n",
        ),
        "9" * 400 + "h",
    ],
)
def test_any_other_timeout_is_refused(timeout: object) -> None:
    """An endless wait, or none at all, is never what was meant."""
    with pytest.raises(InvalidInputError, match="positive number of seconds") as refusal:
        parse_timeout(timeout)

    assert refusal.value.input_name == "timeout"


def test_the_default_timeout_is_longer_than_azures_own() -> None:
    """Azure stops provisioning after 40 minutes."""
    assert DEFAULT_TIMEOUT == 60 * 60

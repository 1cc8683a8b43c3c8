"""The connection to a simulator, from which nothing may leave this machine."""

import pytest

from pulumi_azure_reimage.auth.configuration import Configuration, Simulated
from pulumi_azure_reimage.connection import connect
from pulumi_azure_reimage.errors import ConfigurationError

from .fakes import FakeClock


@pytest.mark.parametrize(
    "url",
    [
        "http://management.azure.com",
        "http://localhost@management.azure.com/",
        "http://[::1",
        "http://xn--\udcff/",
        "ftp://localhost",
    ],
)
def test_a_served_simulator_elsewhere_is_refused(url: str, clock: FakeClock) -> None:
    """So is one at a URL that cannot be parsed."""
    with pytest.raises(ConfigurationError, match=r"must be on this machine.*Nothing was sent\.$"):
        connect(Configuration(Simulated(url)), clock)

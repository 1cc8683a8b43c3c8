"""A configured provider: what it refuses before anything is sent. Nothing shortens the fence on Azure."""

from collections.abc import Mapping

import pytest

from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.auth.configuration import Simulated, read_configuration
from pulumi_azure_reimage.dynamic.engine_log import ComponentRow
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.reimage.run import Run

from ..fakes import FakeClock
from ..stack import WEB, FakeLog

SIMULATOR, SCALE = "azure-reimage:simulator", "azure-reimage:simulatorTimeScale"
# What a user may try: the setting as a variable, in the forms that other settings have.
SCALES_ELSEWHERE = {
    "AZURE_REIMAGE_SIMULATOR_TIME_SCALE": "0",
    "ARM_SIMULATOR_TIME_SCALE": "0",
    "PULUMI_CONFIG": '{"azure-reimage:simulatorTimeScale": "0"}',
    "PULUMI_AZURE_REIMAGE_SIMULATOR_TIME_SCALE": "0",
}
AZURES: Mapping[str, Mapping[str, str]] = {
    "public": {},
    "government": {"azure-native:environment": "usgovernment"},
    "own endpoint": {
        "azure-native:resourceManagerEndpoint": "https://127.0.0.1:1",
        "azure-native:resourceManagerAudience": "https://127.0.0.1:1",
        "azure-native:activeDirectoryAuthorityHost": "https://127.0.0.1:1",
    },
}


def session(
    settings: Mapping[str, str], clock: FakeClock, environ: Mapping[str, str] | None = None
) -> Session:
    """Return a session with these settings of the stack."""
    return Session(settings.get, environ or {}, FakeLog(), clock)


def time_scale(settings: Mapping[str, str], clock: FakeClock, environ: Mapping[str, str]) -> float:
    """Return the factor of the fence for a VM that is reached with these settings."""
    row = ComponentRow(FakeLog(), "")
    found = session(settings, clock, environ).context(VirtualMachineId.parse(WEB), row, timeout=1.0)
    return found.time_scale


@pytest.mark.parametrize("value", ["true", "TRUE", "1"])
def test_a_run_without_checkpoints_is_refused_before_anything_is_sent(value: str, clock: FakeClock) -> None:
    """A preview and each resource of an update refuse it, because nothing would be saved before the send."""
    refusing = session({SIMULATOR: "machines.toml"}, clock, {"PULUMI_SKIP_CHECKPOINTS": value})

    with pytest.raises(ConfigurationError, match=r"PULUMI_SKIP_CHECKPOINTS is set.*Nothing was sent"):
        refusing.require_configuration()
    with pytest.raises(ConfigurationError, match="PULUMI_SKIP_CHECKPOINTS is set"):
        refusing.begin_update(Run())


@pytest.mark.parametrize("value", ["false", "0", "", "yes"])
def test_an_engine_that_saves_is_not_refused(value: str, clock: FakeClock) -> None:
    """Only `1` and `true` make the engine skip checkpoints."""
    session({}, clock, {"PULUMI_SKIP_CHECKPOINTS": value}).begin_update(Run())


@pytest.mark.parametrize("azure", AZURES, ids=str)
def test_no_setting_shortens_the_fence_of_azure(
    azure: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the simulator's setting nor such a variable does, even at an endpoint on this machine."""
    secret = {"azure-native:clientId": "c", "azure-native:clientSecret": "s", "azure-native:tenantId": "t"}
    for name, value in SCALES_ELSEWHERE.items():
        monkeypatch.setenv(name, value)

    scale = time_scale({**AZURES[azure], **secret, SCALE: "0"}, clock, SCALES_ELSEWHERE)

    assert scale == 1.0


@pytest.mark.parametrize(
    "url", ["https://management.azure.com", "http://10.0.0.4:8080", "http://example.com"]
)
def test_a_simulator_elsewhere_is_refused_with_any_scale(url: str, clock: FakeClock) -> None:
    """So the fence is never shortened for a URL that is not on this machine."""
    with pytest.raises(ConfigurationError, match="must be on this machine"):
        time_scale({SIMULATOR: url, SCALE: "0"}, clock, {})


@pytest.mark.parametrize("text", ["-1", "1.5", "nan", "inf", "half", "0x1"])
def test_a_malformed_scale_is_refused(text: str) -> None:
    """It may shorten the fence of a simulator, but not lengthen it."""
    with pytest.raises(ConfigurationError, match="simulatorTimeScale must be a number from 0 to 1"):
        read_configuration({SIMULATOR: "machines.toml", SCALE: text}.get, {})


def test_a_scale_is_that_of_the_simulator() -> None:
    """The value is used as it is written."""
    found = read_configuration({SIMULATOR: "machines.toml", SCALE: "0.01"}.get, {})

    assert found.where == Simulated("machines.toml", 0.01)

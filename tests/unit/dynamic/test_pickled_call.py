"""What state has of a provider, loaded by a Python with this package and by one without it."""

import base64
import subprocess
import sys

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.resources import ProviderByName, load_provider
from pulumi_azure_reimage.dynamic.session_provider import SessionProvider
from pulumi_azure_reimage.version import VERSION

READ = "import base64, pickle, sys; pickle.loads(base64.b64decode(sys.argv[1]))"


def test_a_python_without_the_package_says_which_one_it_is_and_what_to_do() -> None:
    """It does so for programs in every language, and in a refresh or a destroy, which run no program."""
    state = serialize_provider(ProviderByName("request"))

    ended = subprocess.run(  # noqa: S603 - our own program.
        [sys.executable, "-I", "-S", "-c", READ, state], capture_output=True, check=False, text=True
    )

    assert ended.stderr.splitlines()[-1] == (
        f"ImportError: {sys.executable} has no pulumi-azure-reimage. Nothing was sent. Set "
        "PULUMI_PYTHON_CMD to a Python that has it."
    )


def test_what_is_in_state_six_times_for_each_vm_is_short() -> None:
    """A file backend writes the whole state at every step: docs/decisions/0016-small-state.md."""
    assert len(base64.b64decode(serialize_provider(ProviderByName("operation")))) < 400


@pytest.mark.parametrize("name", ["request", "operation", "result"])
@pytest.mark.parametrize("other", ["0.0.1", "99.0"])
def test_a_program_with_another_version_than_the_host_is_refused(name: str, other: str) -> None:
    """An input that only one of them knows could be a guard."""
    provider = load_provider(name, other)

    assert isinstance(provider, SessionProvider)
    (failure,) = provider.refuse_other_version()
    assert failure.property == ""
    assert failure.reason == (
        f"The program, or the plugin if it is in another language, has pulumi-azure-reimage {other}, and "
        f"{sys.executable}, which Pulumi runs its resources with, has {VERSION}. Nothing was sent. Install "
        f"the same version in both, or set PULUMI_PYTHON_CMD to the Python that has {other}."
    )


@pytest.mark.parametrize("version", ["", VERSION])
def test_the_same_version_is_accepted_and_state_that_does_not_name_one(version: str) -> None:
    """A destroy may load an old state."""
    provider = load_provider("request", version)

    assert isinstance(provider, ReimageRequestProvider)
    assert provider.refuse_other_version() == []

"""The Azure CLI, a command that may be absent, slow or broken, or print something unexpected."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from pulumi_azure_reimage.auth.azure_cli import Account, read_account, run_az
from pulumi_azure_reimage.auth.cloud_discovery import resolve_cloud
from pulumi_azure_reimage.auth.clouds import PUBLIC, ActiveCloud
from pulumi_azure_reimage.auth.configuration import Azure, Explanation, SignIn
from pulumi_azure_reimage.auth.method import AzureCli, ManagedIdentity, Method
from pulumi_azure_reimage.errors import ConfigurationError


def install(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an `az` on PATH."""
    az = folder / "az"
    az.write_text(script)
    az.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_it_prints_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call requests JSON."""
    install(tmp_path, '#!/bin/sh\necho "[\\"$*\\"]"\n', monkeypatch)

    assert run_az(["account", "show"]) == ["account show --output json"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\necho hello\n", "`az account show` did not print JSON."),
        ("#!/bin/sh\necho 'not now' >&2; exit 3\n", "`az account show` failed: not now"),
        ("#!/bin/sh\nexit 3\n", "`az account show` failed: it exited with code 3"),
        ("#!/bin/sh\nsleep 5\n", "`az account show` did not end within 1 s."),
        ("#!/nowhere/sh\n", "`az account show` could not be run: "),
        ("#!/bin/sh\necho 'token=eyJabcdefghij.klm' >&2; exit 1\n", "failed: token=[secret]"),
    ],
    ids=["text", "error", "no words", "slow", "broken", "secret"],
)
def test_any_other_behaviour_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """The error is one line, without a secret."""
    install(tmp_path, script, monkeypatch)

    with pytest.raises(ConfigurationError) as caught:
        run_az(["account", "show"], seconds=1.0)

    assert said in str(caught.value)


def test_without_it_the_error_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the last method, which is used when no other is configured."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigurationError, match=r"there is no `az` on PATH\. Install it and run `az login`"):
        run_az(["account", "show"])


def test_a_batch_file_is_run_on_windows_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems, a file of that name is not the Azure CLI."""
    install(tmp_path, '#!/bin/sh\necho "[1]"\n', monkeypatch)
    batch_file = tmp_path / "az.cmd"
    batch_file.write_text('#!/bin/sh\necho "[2]"\n')
    batch_file.chmod(0o755)

    assert run_az(["account", "show"]) == [1]


def test_a_failure_names_the_command_without_its_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The options are long, and do not help the user."""
    install(tmp_path, "#!/bin/sh\necho gone >&2\nexit 1\n", monkeypatch)

    with pytest.raises(ConfigurationError, match=r"^`az account show` failed: gone"):
        run_az(["account", "show", "--subscription", "sub"])


def test_it_runs_in_a_folder_of_the_system_with_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other users cannot put a program into that folder. Colours are turned off in the output."""
    install(tmp_path, '#!/bin/sh\necho "[\\"$(pwd -P) $AZURE_CORE_NO_COLOR $OURS\\"]"\n', monkeypatch)
    monkeypatch.setenv("OURS", "kept")
    monkeypatch.chdir(tmp_path)

    assert run_az(["account", "show"]) == [f"{os.path.realpath('/bin')} true kept"]


@pytest.mark.parametrize("of_the_vm", [True, False])
def test_the_subscription_of_the_vm_is_named_if_it_is_not_known(*, of_the_vm: bool) -> None:
    """The message of the Azure CLI already names a configured one."""

    def run(arguments: Sequence[str]) -> object:
        assert list(arguments) == ["account", "show", "--subscription", "sub"]
        raise ConfigurationError("`az account show` failed: not found.")

    with pytest.raises(ConfigurationError) as caught:
        resolve_cloud(azure(AzureCli(None, "sub", of_the_vm=of_the_vm)), run)

    said = "It was run for sub, the subscription of the VM."
    assert str(caught.value).startswith("`az account show` failed: not found.")
    assert (said in str(caught.value)) == of_the_vm


@pytest.mark.parametrize("document", [None, [], {}, {"id": None}])
def test_an_account_may_be_empty(document: object) -> None:
    """Such an account names no cloud."""
    assert read_account(None, lambda _: document) == Account("", "", "")


def azure(method: Method) -> Azure:
    """Return a configuration that names no cloud."""
    return Azure(ActiveCloud(), SignIn(method), None, Explanation())


@pytest.mark.parametrize("name", ["", "--help", "a;b"])
def test_a_cloud_with_a_strange_name_is_not_queried(name: str) -> None:
    """The name would become an argument of a command."""
    asked: list[Sequence[str]] = []

    def run(arguments: Sequence[str]) -> object:
        asked.append(arguments)
        return {"environmentName": name}

    with pytest.raises(ConfigurationError, match="does not say which cloud"):
        resolve_cloud(azure(AzureCli(None, None)), run)

    assert asked == [["account", "show"]]


def test_only_the_azure_cli_has_an_active_cloud() -> None:
    """For other methods, the Azure CLI is not called."""
    assert resolve_cloud(azure(ManagedIdentity(None))) == PUBLIC

"""The sign-in lasts as long as a wait does, and if it ends before, the operation is not lost."""

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pulumi_azure_reimage.dynamic.host import HostProcess
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.errors import ConfigurationError, OperationStillRunningError
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.wait import wait_for_reimage
from tests.signin.entra import CLIENT, SECRET, TENANT
from tests.signin.internet import Host, Request, Response
from tests.signin.test_methods import APPLICATION, AZURE_DEVOPS, GITHUB
from tests.signin.world import World
from tests.unit.fakes import VM_ID, desired, disk
from tests.unit.reimage.steps import decide_and_send, handed_on

ARM = "management.azure.com"


def reimaged(world: World, stack: Mapping[str, object], environ: Mapping[str, str] | None = None) -> None:
    """Request the reimage and wait for its end: ten minutes of the fake clock."""
    target = world.target(stack, environ, timeout=3600.0)
    record = decide_and_send(target, desired())

    assert wait_for_reimage(target, record).status == "Succeeded"
    assert len(world.simulator.reimage_requests()) == 1


def result_provider(world: World, stack: Mapping[str, object]) -> ReimageResultProvider:
    """Return ReimageResult's provider, configured with the settings of a stack."""
    provider = ReimageResultProvider()
    provider.host = HostProcess(world.log)
    provider.session = world.session(stack)
    return provider


def before_each_request(world: World, change: Host) -> None:
    """Call a function whenever a request reaches Azure Resource Manager. What it returns is the answer."""
    arm = world.internet.hosts[ARM]

    def changed(request: Request) -> Response:
        answer = change(request)
        return arm(request) if answer.status == 100 else answer

    world.internet.hosts[ARM] = changed


GO_ON = Response(100)
MANY = 8


@pytest.mark.parametrize("variables", [GITHUB, AZURE_DEVOPS], ids=["github", "azure-devops"])
def test_each_sign_in_of_a_long_wait_asks_for_a_new_assertion(
    world: World, variables: dict[str, str]
) -> None:
    """Access tokens expire at once here, and no assertion is accepted twice."""
    world.entra.lifetime = 0

    reimaged(world, {**APPLICATION, "useOidc": "true"}, variables)

    tokens = world.tokens_at_arm()
    assert len(set(tokens)) == len(tokens) > 10
    assert world.issuer.given == len(tokens)


@pytest.mark.parametrize("switch", ["ARM_USE_OIDC", "ARM_USE_AKS_WORKLOAD_IDENTITY"])
def test_a_token_file_that_is_rotated_is_read_again(world: World, switch: str) -> None:
    """Another program writes it at any time."""
    file = world.folder / "token"
    world.issuer.write(file)
    world.entra.lifetime = 0

    def rotate(_: Request) -> Response:
        world.issuer.write(file)
        return GO_ON

    before_each_request(world, rotate)

    reimaged(world, APPLICATION, {"AZURE_FEDERATED_TOKEN_FILE": str(file), switch: "true"})

    assert len(set(world.tokens_at_arm())) > 10


def test_a_token_that_lives_is_used_again(world: World) -> None:
    """There is one sign-in for the whole wait."""
    reimaged(world, {**APPLICATION, "clientSecret": SECRET})

    assert len(world.tokens_at_arm()) > 10
    assert len(world.entra.issued) == 1


def test_an_assertion_that_cannot_be_renewed_loses_no_operation(world: World) -> None:
    """The next run has another one, waits for the same operation, and sends nothing."""
    world.entra.lifetime = 0
    world.entra.single_use = False
    stack = {**APPLICATION, "useOidc": "true", "oidcToken": world.issuer.assertion()}
    target = world.target(stack, timeout=3600.0)
    record = decide_and_send(target, desired())
    world.entra.assertions.clear()

    with pytest.raises(OperationStillRunningError) as caught:
        wait_for_reimage(target, record)
    stack["oidcToken"] = world.issuer.assertion()
    resumed = wait_for_reimage(world.target(stack, timeout=3600.0), record)

    assert resumed.status == "Succeeded"
    assert len(world.simulator.reimage_requests()) == 1
    text = str(caught.value)
    assert "AADSTS700024: Client assertion is not within its valid time range." in text
    assert "a token file or a request URL" in text
    assert "The next `pulumi up` resumes the wait and sends nothing." in text
    assert "assertion-1" not in text
    assert isinstance(caught.value.__cause__, ConfigurationError)


def test_a_secret_that_is_withdrawn_in_the_middle_of_a_wait_loses_no_operation(world: World) -> None:
    """This holds for every answer of Entra."""
    world.entra.lifetime = 0
    stack = {**APPLICATION, "clientSecret": SECRET}
    target = world.target(stack, timeout=3600.0)
    record = decide_and_send(target, desired())
    world.entra.refusal = (
        "invalid_client",
        f"AADSTS7000222: The provided client secret {SECRET} is expired.",
    )

    with pytest.raises(OperationStillRunningError, match="AADSTS7000222: The provided") as caught:
        wait_for_reimage(target, record)
    world.entra.refusal = None
    resumed = wait_for_reimage(world.target(stack, timeout=3600.0), record)

    assert SECRET not in str(caught.value)
    assert resumed.status == "Succeeded"
    assert len(world.simulator.reimage_requests()) == 1


@pytest.mark.parametrize(
    "stack",
    [{"useOidc": "true"}, {"metadataHost": "unreachable.example", "useMsi": "true"}, {"environment": "moon"}],
)
def test_a_configuration_that_is_broken_when_a_wait_is_resumed_loses_no_operation(
    world: World, stack: dict[str, object]
) -> None:
    """The resource fails with advice, keeps its state, and is run again."""
    record = decide_and_send(world.target({**APPLICATION, "clientSecret": SECRET}), desired())
    provider = result_provider(world, stack)

    with pytest.raises(
        OperationStillRunningError, match="The reimage of web was requested and may still"
    ) as e:
        provider.create({"vm_id": VM_ID, "timeout": 60, **handed_on(record)})

    assert "Nothing was sent" not in str(e.value)
    assert "sends nothing." in str(e.value)


def test_a_baseline_needs_no_configuration_to_be_kept(world: World) -> None:
    """ReimageResult sends nothing for it, so a configuration that cannot work does not matter."""
    provider = result_provider(world, {"environment": "moon"})

    outputs = provider.create({"vm_id": VM_ID, **handed_on(Record(disk()))}).outs or {}

    assert outputs["result"]["status"] == "Baseline"


def test_a_revoked_token_is_replaced_by_one_that_answers_the_challenge(world: World) -> None:
    """Continuous Access Evaluation: ARM says which claims it requires, and Entra is asked for them."""
    challenged: list[str] = []

    def challenge(request: Request) -> Response:
        if challenged:
            return GO_ON
        challenged.append(request.bearer)
        # Base64 of JSON that requires the claim `nbf`.
        claims = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="
        header = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
        return Response(401, headers={"WWW-Authenticate": header})

    before_each_request(world, challenge)

    world.target({**APPLICATION, "clientSecret": SECRET}).look()

    first, second = world.tokens_at_arm()
    assert challenged == [first]
    assert '"nbf"' in world.entra.issued[second]["claims"]


def test_a_token_that_is_revoked_during_many_requests_is_replaced_once(world: World) -> None:
    """All of them are refused before the first of them signs in again."""
    target = world.target({**APPLICATION, "clientSecret": SECRET})
    target.look()
    (revoked,) = world.entra.issued
    together = Barrier(MANY)

    def refuse(request: Request) -> Response:
        if request.bearer != revoked:
            return GO_ON
        together.wait(timeout=60)
        return Response(401, {"error": {"code": "InvalidAuthenticationToken", "message": "Revoked."}})

    before_each_request(world, refuse)

    with ThreadPoolExecutor(MANY) as pool:
        for look in [pool.submit(target.look) for _ in range(MANY)]:
            look.result()

    assert len(world.entra.issued) == 2


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (
            {"clientSecret": "n0t-the-secret"},
            "AADSTS7000215: Invalid client secret provided. The application has no such client secret",
        ),
        ({"clientSecret": SECRET, "clientId": "another"}, "AADSTS700016: Application was not found"),
        ({"clientSecret": SECRET, "tenantId": "another"}, "AADSTS90002: Tenant 'another' not found."),
        ({"useOidc": "true", "oidcToken": "0ld-assertion"}, "AADSTS700024: Client assertion is not within"),
    ],
)
def test_what_entra_says_is_shown_and_no_secret_is(world: World, stack: dict[str, object], said: str) -> None:
    """The error also says what to do, if that is known, and that nothing was sent."""
    with pytest.raises(ConfigurationError) as caught:
        world.target({**APPLICATION, **stack}).look()

    text = str(caught.value)
    assert said in text
    assert text.endswith("Nothing was sent; no disk was touched.")
    assert "\n" not in text
    for secret in ("n0t-the-secret", SECRET, "0ld-assertion"):
        assert secret not in text
    assert world.tokens_at_arm() == []


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({**GITHUB, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "wrong-bearer"}, "answered with HTTP 401"),
        (
            {**GITHUB, "ACTIONS_ID_TOKEN_REQUEST_URL": "https://nowhere.example/"},
            "nowhere.example failed: 502",
        ),
        (
            {**AZURE_DEVOPS, "SYSTEM_ACCESSTOKEN": "wrong-bearer"},
            "to dev.azure.com was answered with HTTP 302",
        ),
    ],
)
def test_an_issuer_that_refuses_is_named(world: World, environ: dict[str, str], said: str) -> None:
    """The error leaves out the bearer token, which the issuer may quote."""
    with pytest.raises(ConfigurationError) as caught:
        world.target({**APPLICATION, "useOidc": "true"}, environ).look()

    assert "The OIDC token request to " in str(caught.value)
    assert said in str(caught.value)
    assert "wrong-bearer" not in str(caught.value)


def test_a_wait_outlasts_hosts_that_do_not_answer(world: World) -> None:
    """Entra and the issuer do not answer some requests in the middle, and nothing is given up."""
    world.entra.lifetime = 0
    target = world.target({**APPLICATION, "useOidc": "true"}, GITHUB, timeout=3600.0)
    record = decide_and_send(target, desired())
    issuer = world.internet.hosts["runner.actions.example"]
    away = iter([Response(500), Response(503), Response(502)])
    world.internet.hosts["runner.actions.example"] = lambda request: next(away, None) or issuer(request)

    result = wait_for_reimage(target, record)

    assert result.status == "Succeeded"
    assert next(away, None) is None


def test_an_unanswered_sign_in_is_not_a_wrong_configuration(world: World) -> None:
    """A read is retried. In the end, the error says what could not be reached."""
    del world.internet.hosts["runner.actions.example"]

    with pytest.raises(ConfigurationError) as caught:
        world.target({**APPLICATION, "useOidc": "true"}, GITHUB).look()

    assert "Azure could not be reached: Could not sign in to Azure (OIDC request URL): The OIDC token" in str(
        caught.value
    )
    assert world.clock.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"value": ""}', b'{"value": 1}', b"<html>"])
def test_an_issuer_that_gives_no_token_is_named(world: World, answer: bytes) -> None:
    """Every other answer of the issuer is refused."""
    world.internet.hosts["runner.actions.example"] = lambda _: Response(body=answer)

    with pytest.raises(
        ConfigurationError, match=r"to runner\.actions\.example was answered without a token\."
    ):
        world.target({**APPLICATION, "useOidc": "true"}, GITHUB).look()


def test_an_empty_token_file_is_named(world: World) -> None:
    """Otherwise it would end in a misleading error of Entra."""
    file = world.folder / "token"
    file.touch()

    with pytest.raises(ConfigurationError, match=r"The token file .*token is empty\."):
        world.target({**APPLICATION, "useOidc": "true", "oidcTokenFilePath": str(file)}).look()


def test_an_azure_cli_in_another_cloud_is_refused(world: World) -> None:
    """azure-native refuses it too, because its token would not be accepted."""
    world.az_signed_in("AzureChinaCloud")

    with pytest.raises(
        ConfigurationError, match=r"AzureCloud is not the one .* AzureChinaCloud: run `az cloud"
    ):
        world.target({"environment": "public"})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            "ERROR: Please run 'az login' to setup account.",
            "`az account show` failed: ERROR: Please run 'az login'",
        )
    ],
)
def test_no_account_is_signed_in_with_the_azure_cli(world: World, error: str, said: str) -> None:
    """The error of the Azure CLI says what to do."""
    world.az("account show", None, error=error)

    with pytest.raises(ConfigurationError) as caught:
        world.target({})

    assert said in str(caught.value)


def test_there_is_no_azure_cli(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is configured, and there is no Azure CLI to ask."""
    monkeypatch.setenv("PATH", str(world.folder))

    with pytest.raises(ConfigurationError, match="there is no `az` on PATH"):
        world.target({})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response(404), "answered HTTP 404"),
        (Response(302, headers={"Location": "https://evil.example/"}), "answered HTTP 302"),
        (Response(body=b"<html>"), "did not return JSON"),
        (Response(body=[]), "does not state the authority"),
        (
            Response(
                body={
                    "authentication": {"loginEndpoint": "http://login.example", "audiences": ["x"]},
                    "resourceManager": "https://management.example",
                }
            ),
            "must have the form https://host",
        ),
    ],
)
def test_a_metadata_endpoint_that_describes_no_cloud_is_refused(
    world: World, answer: Response, said: str
) -> None:
    """The endpoint decides where secrets go."""
    world.internet.hosts[ARM] = lambda _: answer

    with pytest.raises(ConfigurationError, match=said):
        world.target({"metadataHost": ARM, "useMsi": "true"})


def test_nothing_is_printed_that_was_not_redacted(world: World) -> None:
    """Python prints the warnings of azure-identity's loggers, unless something else handles them."""
    world.entra.refusal = ("invalid_client", f"AADSTS50000: {SECRET}")
    program = (
        "import os, sys\n"
        "from pulumi_azure_reimage.arm.resource_id import VirtualMachineId\n"
        "from pulumi_azure_reimage.dynamic.engine_log import ComponentRow\n"
        "from pulumi_azure_reimage.dynamic.session import Session\n"
        "from tests.unit.stack import FakeLog\n"
        "session = Session({}.get, os.environ, FakeLog())\n"
        "row = ComponentRow(FakeLog(), '')\n"
        f"session.context(VirtualMachineId.parse({VM_ID!r}), row, timeout=9).look()\n"
    )
    variables = {"ARM_TENANT_ID": TENANT, "ARM_CLIENT_ID": CLIENT, "ARM_CLIENT_SECRET": SECRET}

    ended = subprocess.run(  # noqa: S603 - our own program.
        [sys.executable, "-c", program],
        env={**os.environ, **variables, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        text=True,
    )

    last = ended.stderr.splitlines()[-1]
    assert "Could not sign in to Azure (client secret): Authentication failed: AADSTS50000: [secret]" in last
    assert ended.stderr.startswith("Traceback")

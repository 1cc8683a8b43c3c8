"""The doctor: what is configured, whether it works, and an exit code for scripts."""

import io

from pulumi_azure_reimage.arm.rights import RIGHTS
from pulumi_azure_reimage.doctor import main
from tests.signin.entra import CLIENT, SECRET, TENANT
from tests.signin.internet import Response
from tests.signin.world import World
from tests.unit.fakes import VM_ID

ENVIRONMENT = {"ARM_TENANT_ID": TENANT, "ARM_CLIENT_ID": CLIENT, "ARM_CLIENT_SECRET": SECRET}


ALLOWED = [f"allowed {right.action}" for right in RIGHTS]


def doctor(*arguments: str, environ: dict[str, str]) -> tuple[int, list[str]]:
    """Run it without a stack, and return the exit code and the lines with single spaces."""
    out = io.StringIO()
    code = main((*arguments, "--no-stack"), environ, out)
    assert SECRET not in out.getvalue()
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    return code, lines[1:] if lines[0] == "stack none is read" else lines


def test_it_says_what_is_configured_and_that_it_works(world: World) -> None:
    """No VM is given."""
    code, lines = doctor(environ=ENVIRONMENT)

    assert lines == [
        "sign-in client secret, because ARM_CLIENT_SECRET is set",
        "found ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET",
        "cloud AzureCloud, because no other is set",
        "https://management.azure.com, authority https://login.microsoftonline.com",
        "subscription the one of each VM",
        "token received",
    ]
    assert code == 0
    assert len(world.entra.issued) == 1


def test_it_names_the_subscription_of_the_azure_cli(world: World) -> None:
    """It also names its cloud."""
    world.az_signed_in("AzureUSGovernment")

    code, lines = doctor(environ={})

    assert code == 0
    assert "cloud AzureUSGovernment, because the Azure CLI is signed in to it" in lines
    assert "subscription sub (Subscription), of the Azure CLI" in lines


def test_it_says_that_a_vm_can_be_read_and_reimaged(world: World) -> None:
    """It reimages nothing."""
    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-10:] == ["token received", "VM can be read: web, Succeeded", *ALLOWED]
    assert code == 0
    assert world.simulator.reimage_requests() == []


def test_it_says_that_a_role_does_not_allow_a_reimage(world: World) -> None:
    """The role can only read."""
    world.simulator.change("web", actions=["*/read"])

    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-8:] == [
        ALLOWED[0],
        "NOT ALLOWED Microsoft.Compute/virtualMachines/reimage/action",
        *ALLOWED[2:],
    ]
    assert code == 1


def test_a_list_without_what_was_just_done_is_not_complete(world: World) -> None:
    """The VM was read, and the list lacks the right to read it, so the list proves nothing."""
    arm = world.internet.hosts["management.azure.com"]
    nothing = Response(200, {"value": []})
    world.internet.hosts["management.azure.com"] = lambda request: (
        nothing if request.path.endswith("/permissions") else arm(request)
    )

    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert (
        "not listed Microsoft.Compute/virtualMachines/reimage/action. Azure's list of permissions is not "
        "complete." in lines
    )
    assert code == 0


def test_it_says_what_a_missing_optional_right_is_for(world: World) -> None:
    """It also says that this is not a failure. Only reading the log shows whether it can be read."""
    world.simulator.change("web", actions=[right.action for right in RIGHTS if right.required])
    arm = world.internet.hosts["management.azure.com"]
    refusal = Response(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    world.internet.hosts["management.azure.com"] = lambda request: (
        refusal if "Microsoft.Insights" in request.path else arm(request)
    )

    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-8:] == [
        *ALLOWED[:2],
        *(f"missing {right.action}, which is optional. {right.purpose}" for right in RIGHTS[2:]),
    ]
    assert "whether its request was accepted" in lines[-1]
    assert code == 0


def test_a_log_that_cannot_be_read_for_another_reason_is_not_a_failure(world: World) -> None:
    """The log is only an aid."""
    arm = world.internet.hosts["management.azure.com"]
    world.internet.hosts["management.azure.com"] = lambda request: (
        Response(404, {"error": {"code": "NoRegisteredProviderFound", "message": "None."}})
        if "Microsoft.Insights" in request.path
        else arm(request)
    )

    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-1] == "activity log cannot be read: None."
    assert code == 0


def test_it_says_that_a_vm_does_not_exist(world: World) -> None:
    """It uses Azure's words."""
    code, lines = doctor(VM_ID.replace("/web", "/none"), environ=ENVIRONMENT)

    (said,) = [line for line in lines if line.startswith("VM cannot be read: The Resource")]
    assert "If the VM was deleted, remove its reimage from the program" in said
    assert code == 1
    assert world.simulator.reimage_requests() == []


def test_it_says_what_entra_says(world: World) -> None:
    """It ends with exit code 1."""
    code, lines = doctor(environ={**ENVIRONMENT, "ARM_CLIENT_SECRET": "another"})

    assert lines[-1].startswith(
        "problem Could not sign in to Azure (client secret): Authentication failed: AADSTS7000215"
    )
    assert code == 1
    assert world.entra.issued == {}


def test_it_says_that_permissions_cannot_be_read(world: World) -> None:
    """What it cannot find out counts as not working."""
    arm = world.internet.hosts["management.azure.com"]
    refusal = Response(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    world.internet.hosts["management.azure.com"] = lambda request: (
        refusal if request.path.endswith("/permissions") else arm(request)
    )

    code, lines = doctor(VM_ID, environ=ENVIRONMENT)

    assert lines[-3:] == [
        "VM can be read: web, Succeeded",
        "permissions cannot be read: No.",
        ALLOWED[-1],
    ]
    assert code == 1


def test_it_says_what_is_missing() -> None:
    """It says so before anything is contacted."""
    code, lines = doctor(environ={"ARM_CLIENT_SECRET": SECRET})

    (line,) = lines
    assert "azure-native:tenantId or ARM_TENANT_ID" in line
    assert code == 1


def test_it_refuses_what_is_not_a_vm() -> None:
    """It quotes the rule for the id."""
    code, lines = doctor("web", environ={"ARM_USE_MSI": "true"})

    assert lines[-1].startswith("problem ")
    assert code == 1


def test_it_notes_what_may_surprise(world: World) -> None:
    """An example is an assertion that expires soon."""
    token = world.issuer.assertion()
    environ = {
        "ARM_TENANT_ID": TENANT,
        "ARM_CLIENT_ID": CLIENT,
        "ARM_USE_OIDC": "true",
        "ARM_OIDC_TOKEN": token,
    }

    code, lines = doctor(environ=environ)

    assert any(line.startswith("note ARM_OIDC_TOKEN cannot be renewed") for line in lines)
    assert code == 0

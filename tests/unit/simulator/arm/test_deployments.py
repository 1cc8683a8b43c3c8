"""Template deployments: their order, the rules that apply, and how they fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.simulator.client import API_VERSION, code, status_url

from .written_machine import machine as written_machine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_azure_reimage.simulator import Response
    from tests.unit.simulator.client import World

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/RG-one"
DEPLOYMENT = f"{GROUP}/providers/Microsoft.Resources/deployments/first"
VERSION = "api-version=2021-04-01"
MACHINES = f"{GROUP}/providers/Microsoft.Compute/virtualMachines"
NIC: Mapping[str, Any] = {
    "type": "Microsoft.Network/networkInterfaces",
    "name": "nic",
    "apiVersion": "2024-05-01",
    "location": "[resourceGroup().location]",
    "properties": {"ipConfigurations": [{"name": "one"}]},
}
EXTENSION: Mapping[str, Any] = {
    "type": "Microsoft.Compute/virtualMachines/extensions",
    "name": "new/agent",
    "apiVersion": "2024-07-01",
    "location": "westus",
    "dependsOn": ["[resourceId('Microsoft.Compute/virtualMachines', 'new')]"],
    "properties": {"publisher": "p", "type": "t", "typeHandlerVersion": "1.0"},
}


NESTED: dict[str, Any] = {}
for _ in range(300):
    NESTED = {"a": NESTED}


def machine() -> dict[str, Any]:
    """Return the resource of a VM, which uses the interface of the template."""
    written = written_machine()
    written["properties"]["networkProfile"] = {
        "networkInterfaces": [{"id": "[resourceId('Microsoft.Network/networkInterfaces', 'nic')]"}]
    }
    return {
        **written,
        "type": "Microsoft.Compute/virtualMachines",
        "name": "new",
        "apiVersion": "2024-07-01",
        "dependsOn": ["Microsoft.Network/networkinterfaces/nic"],
    }


def deployment(
    *resources: Mapping[str, Any], given: Mapping[str, Any] | None = None, **further: object
) -> dict[str, Any]:
    """Return the body of a deployment. `given` has the values of its parameters."""
    template = {"parameters": {}, "resources": list(resources), **further}
    return {"properties": {"mode": "Incremental", "template": template, "parameters": given or {}}}


def put(world: World, document: object) -> Response:
    """Send a deployment."""
    return world.send("PUT", f"{DEPLOYMENT}?{VERSION}", document)


def message(response: Response) -> str:
    """Return the message of an error envelope."""
    found: str = response.json()["error"]["message"]
    return found


def test_a_resource_waits_for_the_operation_of_what_it_depends_on(world: World) -> None:
    """The order in the template does not matter: interface, VM, then the extension when the VM exists."""
    accepted = put(world, deployment(EXTENSION, machine(), NIC))
    extension = f"{MACHINES}/new/extensions/agent?{API_VERSION}"
    early = world.get(extension)
    world.now.advance(75)
    begun = world.get(extension)
    between = world.get(status_url(accepted)).json()
    world.now.advance(75)

    assert (early.status, begun.status) == (404, 200)
    assert between == {"status": "Running"}
    assert world.get(status_url(accepted)).json() == {"status": "Succeeded"}


def test_a_deployment_continues_although_it_is_not_polled(world: World) -> None:
    """`--no-wait` leaves it like this. Only the machine is read."""
    put(world, deployment(EXTENSION, machine(), NIC))
    world.now.advance(75)
    world.simulator.machines()
    world.now.advance(75)

    assert (
        world.simulator.machine("new").extensions["agent"]["properties"]["provisioningState"] == "Succeeded"
    )


def test_a_refused_resource_fails_the_deployment_with_its_own_error(world: World) -> None:
    """What does not depend on it exists, and what depends on it does not."""
    wrong = machine()
    wrong["properties"]["osProfile"]["adminUsername"] = "root"
    accepted = put(world, deployment(NIC, wrong, EXTENSION))

    status = world.get(status_url(accepted)).json()
    read = world.get(f"{DEPLOYMENT}?{VERSION}").json()["properties"]

    assert accepted.status == 201
    assert (status["status"], status["error"]["code"]) == ("Failed", "DeploymentFailed")
    assert status["error"]["target"] == DEPLOYMENT
    assert [one["target"] for one in status["error"]["details"]] == ["adminUsername"]
    assert (read["provisioningState"], read["error"]) == ("Failed", status["error"])
    assert "outputResources" not in read
    assert world.get(f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic?{VERSION}").status == 200
    assert world.get(f"{MACHINES}/new?{API_VERSION}").status == 404


def test_a_machine_whose_creation_fails_fails_the_deployment(world: World) -> None:
    """The error of its operation is inside that of the resource."""
    world.simulator.script('operation new*: fail AllocationFailed "No room."')
    accepted = put(world, deployment(NIC, machine(), EXTENSION))
    world.now.advance(75)

    details = world.get(status_url(accepted)).json()["error"]["details"]

    assert [(one["code"], one["target"]) for one in details] == [
        ("ResourceDeploymentFailure", f"{MACHINES}/new")
    ]
    assert details[0]["details"] == [{"code": "AllocationFailed", "message": "No room."}]
    assert world.get(f"{MACHINES}/new/extensions/agent?{API_VERSION}").status == 404


def test_the_operations_say_what_each_resource_was_answered(world: World) -> None:
    """Both addresses have them. What was not sent yet has none."""
    put(world, deployment(NIC, machine(), EXTENSION))

    listed = world.get(f"{DEPLOYMENT}/operations?{VERSION}").json()
    short = world.get(f"{GROUP}/deployments/first/operations?{VERSION}").json()

    assert listed == short
    found = {
        one["properties"]["targetResource"]["resourceName"]: one["properties"] for one in listed["value"]
    }
    assert {name: one["provisioningState"] for name, one in found.items()} == {
        "nic": "Succeeded",
        "new": "Running",
    }
    assert {one["statusCode"] for one in found.values()} == {"Created"}


def test_a_running_deployment_cannot_be_replaced_and_an_ended_one_can(world: World) -> None:
    """The answer is then 200 instead of 201."""
    put(world, deployment(NIC, machine()))
    busy = put(world, deployment(NIC))
    world.now.advance(75)
    again = put(world, deployment(NIC))

    assert (busy.status, code(busy)) == (409, "DeploymentActive")
    assert again.status == 200


def test_validate_reads_the_template_and_writes_nothing(world: World) -> None:
    """A valid template is answered with what it would write."""
    answer = world.send("POST", f"{DEPLOYMENT}/validate?{VERSION}", deployment(NIC, machine()))

    assert answer.status == 200
    assert answer.json()["properties"]["provisioningState"] == "Succeeded"
    assert [one["id"] for one in answer.json()["properties"]["validatedResources"]] == [
        f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic",
        f"{MACHINES}/new",
    ]
    assert world.get(f"{DEPLOYMENT}?{VERSION}").status == 404
    assert world.get(f"{MACHINES}/new?{API_VERSION}").status == 404


def test_parameters_variables_and_outputs_have_their_values(world: World) -> None:
    """Each is shown with its type, and a secure one without its value."""
    document = deployment(
        {**NIC, "name": "[variables('name')]"},
        parameters={
            "prefix": {"type": "string"},
            "suffix": {"type": "string", "defaultValue": "[concat('-', 'nic')]"},
            "secret": {"type": "securestring"},
        },
        variables={"name": "[concat(parameters('prefix'), parameters('SUFFIX'))]"},
        outputs={
            "id": {
                "type": "string",
                "value": "[resourceId('Microsoft.Network/networkInterfaces', variables('name'))]",
            },
            "secret": {"type": "securestring", "value": "[parameters('secret')]"},
        },
        given={"prefix": {"value": "one"}, "secret": {"value": "hidden"}},
    )

    put(world, document)
    read = world.get(f"{DEPLOYMENT}?{VERSION}").json()["properties"]

    assert read["parameters"] == {
        "prefix": {"type": "String", "value": "one"},
        "suffix": {"type": "String", "value": "-nic"},
        "secret": {"type": "SecureString"},
    }
    assert read["outputs"] == {
        "id": {"type": "String", "value": f"{GROUP}/providers/Microsoft.Network/networkInterfaces/one-nic"},
        "secret": {"type": "SecureString"},
    }


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (deployment({**NIC, "name": "[guid('x')]"}), "the template function 'guid'"),
        (deployment({**NIC, "name": "[reference('x').y]"}), "the template function 'reference'"),
        (deployment({**NIC, "copy": {"name": "c", "count": 2}}), "The property 'copy'"),
        (deployment({**NIC, "condition": False}), "The property 'condition'"),
        (deployment({**NIC, "dependsOn": ["other"]}), "is not defined in the template"),
        (deployment({**NIC, "dependsOn": ["nic"]}), "Circular dependency"),
        (deployment(NIC, NIC), "defined multiple times"),
        (deployment(*[NIC] * 801), "Limit: '800'"),
        (deployment({**NIC, "properties": NESTED}), "nested too deeply"),
        (deployment({**NIC, "name": "a/b"}), "incorrect segment lengths"),
        (deployment({**NIC, "apiVersion": None}), "'apiVersion' is missing"),
        (deployment({**NIC, "name": "\ud800"}), "'name' is missing or is not a string"),
        (deployment(NIC, given={"x": {"value": 1}}), "only supported parameters"),
        (deployment(NIC, parameters={"x": {"type": "string"}}), "is not provided"),
        (deployment(NIC, parameters={"x": {"type": "text"}}), "is not valid"),
        (
            deployment(NIC, parameters={"x": {"type": "int"}}, given={"x": {"value": True}}),
            "is not of type 'int'",
        ),
        (
            deployment(NIC, parameters={"x": {"type": "securestring"}}, given={"x": {"reference": {}}}),
            "has no value",
        ),
        (deployment(NIC, outputs={"x": {"type": "string"}}), "output 'x' is not valid"),
        (
            {"properties": {"mode": "Incremental", "templateLink": {"uri": "https://x"}}},
            "'template' is missing",
        ),
    ],
)
def test_a_template_that_is_not_understood_is_refused_before_anything_is_written(
    world: World, document: object, reason: str
) -> None:
    """The refusal has ARM's code, and names what is not understood."""
    refused = put(world, document)

    assert (refused.status, code(refused)) == (400, "InvalidTemplate")
    assert reason in message(refused)
    assert world.get(f"{DEPLOYMENT}?{VERSION}").status == 404
    assert code(world.send("POST", f"{DEPLOYMENT}/validate?{VERSION}", document)) == "InvalidTemplate"


def test_a_type_that_the_simulator_does_not_have_is_refused(world: World) -> None:
    """Nothing is written before. A mode that deletes is refused, too."""
    storage = {**NIC, "type": "Microsoft.Storage/storageAccounts", "name": "s"}
    complete = deployment(NIC)
    complete["properties"]["mode"] = "Complete"

    assert code(put(world, deployment(NIC, storage))) == "InvalidResourceType"
    assert code(put(world, complete)) == "InvalidDeploymentMode"


def test_what_does_not_exist_is_not_found(world: World) -> None:
    """This holds for a deployment, its operations, its group, and an address that does not exist."""
    put(world, deployment(NIC))
    other = GROUP.replace("RG-one", "other")

    assert code(world.get(f"{DEPLOYMENT}2?{VERSION}")) == "DeploymentNotFound"
    assert world.get(f"{DEPLOYMENT}/operationStatuses/1?{VERSION}").status == 404
    assert code(world.send("PUT", f"{other}/providers/Microsoft.Resources/deployments/d?{VERSION}", {})) == (
        "ResourceGroupNotFound"
    )
    assert world.get(f"{DEPLOYMENT}/whatIf?{VERSION}").status == 404
    assert world.send("DELETE", f"{DEPLOYMENT}?{VERSION}").status == 405


def test_a_group_that_is_deleted_takes_its_deployment_with_it(world: World) -> None:
    """This holds even while the deployment waits for an operation."""
    put(world, deployment(NIC, machine(), EXTENSION))
    world.send("DELETE", f"{GROUP}?{VERSION}")
    world.now.advance(75)

    assert code(world.get(f"{DEPLOYMENT}?{VERSION}")) == "ResourceGroupNotFound"
    assert world.simulator.machines() == []


def test_a_password_that_was_sent_is_not_kept_with_the_deployment(world: World) -> None:
    """It is not kept after it was sent, nor if it will never be sent."""
    wrong = machine()
    wrong["properties"]["osProfile"]["adminUsername"] = "root"
    secret = {**EXTENSION, "properties": {**EXTENSION["properties"], "protectedSettings": {"a": "hidden"}}}
    put(world, deployment(NIC, wrong, secret))

    with world.simulator._state.transaction() as records:  # noqa: SLF001 - what is kept has no other door.
        kept = json.dumps(records.resource(DEPLOYMENT))

    assert "hidden" not in kept
    assert "first" in kept

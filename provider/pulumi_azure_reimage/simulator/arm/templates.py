"""The parsed body of a deployment: its parameters, and its resources as steps with their dependencies.

Sources: Microsoft Learn, "Understand the structure and syntax of ARM templates" and "Define the order for
deploying resources"; the messages of the refusals are from its page "Resolve errors for invalid template".
What the simulator does not support, such as `copy` or a condition, is refused instead of ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .body import inner_object, objects, text
from .errors import ArmError
from .template_expressions import evaluated, invalid_template
from .template_functions import Scope, resource_path
from .template_parameters import output_values, parameter_values, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What ARM itself reads of a resource. The rest is for its resource provider.
_OF_THE_TEMPLATE = ("name", "type", "apiVersion", "dependsOn", "comments")
# Microsoft Learn, "Azure subscription and service limits": resources in a template.
_MAX_RESOURCES = 800
_NOT_DONE = ("copy", "condition", "scope", "resources")


@dataclass(frozen=True, slots=True)
class Step:
    """One resource of a template.

    Attributes:
        id: Its resource id.
        depends_on: The resource ids of the steps that must end before, as the template spells them.
        body: The body for its resource provider, including passwords.
    """

    id: str
    type: str
    name: str
    api_version: str
    location: str | None
    depends_on: tuple[str, ...]
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its values filled in.

    Attributes:
        parameters: The parameters as ARM shows them: a secure one without its value.
        outputs: The outputs as ARM shows them, in the same way.
    """

    steps: tuple[Step, ...]
    parameters: Mapping[str, Any]
    outputs: Mapping[str, Any]
    content: Mapping[str, Any] = field(repr=False)


def read_template(given: Mapping[str, Any], subscription_id: str, group: Mapping[str, Any]) -> Template:
    """Read the body of a deployment into a resource group.

    Raises:
        ArmError: It cannot be deployed.
    """
    mode = text(given, "properties.mode") or ""
    if mode.lower() != "incremental":
        raise ArmError(
            400, "InvalidDeploymentMode", f"The deployment mode '{mode}' is not one that the simulator does."
        )
    template = inner_object(given, "properties.template")
    if not template:
        raise invalid_template("The property 'template' is missing, and the simulator reads no link to one")
    declared = inner_object(template, "parameters")
    values = parameter_values(
        declared, inner_object(given, "properties.parameters"), Scope(subscription_id, group)
    )
    scope = Scope(subscription_id, group, values)
    variables = {
        name.lower(): evaluated(value, scope) for name, value in inner_object(template, "variables").items()
    }
    scope = Scope(subscription_id, group, values, variables)
    return Template(
        steps=_steps(objects(template, "resources"), scope),
        parameters={name: shown(declared[name]["type"], values[name.lower()]) for name in declared},
        outputs=output_values(inner_object(template, "outputs"), scope),
        content=template,
    )


def _steps(resources: Sequence[Mapping[str, Any]], scope: Scope) -> tuple[Step, ...]:
    if len(resources) > _MAX_RESOURCES:
        raise invalid_template(
            f"The number of template resources limit was exceeded. Limit: '{_MAX_RESOURCES}' and actual: "
            f"'{len(resources)}'"
        )
    steps = [_step(resource, scope) for resource in resources]
    by_id: dict[str, Step] = {}
    for step in steps:
        if step.id.lower() in by_id:
            raise invalid_template(
                f"The resource '{step.type}/{step.name}' is defined multiple times in a template. "
                "Please see https://aka.ms/arm-syntax-resources for usage details."
            )
        by_id[step.id.lower()] = step
    return tuple(
        Step(
            step.id,
            step.type,
            step.name,
            step.api_version,
            step.location,
            tuple(_found(reference, step, steps).id for reference in step.depends_on),
            step.body,
        )
        for step in _in_order(steps)
    )


def _step(resource: Mapping[str, Any], scope: Scope) -> Step:
    for key in _NOT_DONE:
        if resource.get(key) not in (None, []):
            raise invalid_template(f"The property '{key}' of a resource is not one that the simulator does")
    whole = evaluated(dict(resource), scope)
    name, resource_type = _required(whole, "name"), _required(whole, "type")
    identity = resource_path(str(scope.group["id"]), resource_type, name)
    if identity is None:
        raise invalid_template(
            f"The template resource '{name}' of type '{resource_type}' has incorrect segment lengths. "
            "Please see https://aka.ms/arm-syntax-resources for usage details."
        )
    depends_on = whole.get("dependsOn", [])
    if not isinstance(depends_on, list) or not all(isinstance(item, str) for item in depends_on):
        raise invalid_template(f"The property 'dependsOn' of the resource '{name}' is not a list of names")
    body = {key: value for key, value in whole.items() if key not in _OF_THE_TEMPLATE}
    return Step(
        identity,
        resource_type,
        name,
        _required(whole, "apiVersion"),
        text(whole, "location"),
        tuple(depends_on),
        body,
    )


def _required(resource: Mapping[str, Any], key: str) -> str:
    found = resource.get(key)
    # What cannot be printed, such as half of a surrogate pair, cannot be in a path.
    if isinstance(found, str) and found and found.isprintable():
        return found
    raise invalid_template(f"The resource property '{key}' is missing or is not a string")


def _found(reference: str, step: Step, steps: Iterable[Step]) -> Step:
    """Return the step that a `dependsOn` names: by its resource id, by type and name, or by name alone."""
    wanted = reference.lower().strip("/")
    for other in steps:
        by_type = f"{other.type}/{other.name}".lower()
        by_pairs = other.id.lower().partition("/providers/")[2]
        if wanted in {other.id.lower().strip("/"), by_type, by_pairs, other.name.lower()}:
            return other
    raise invalid_template(
        f"The resource '{reference}', on which '{step.type}/{step.name}' depends, is not defined in the "
        "template. Please see https://aka.ms/arm-template for usage details."
    )


def _in_order(steps: Sequence[Step]) -> list[Step]:
    """Return the steps in an order in which each comes after those that it depends on."""
    wanted = {step.id: {_found(name, step, steps).id for name in step.depends_on} for step in steps}
    ordered: list[Step] = []
    left = list(steps)
    while left:
        done = {step.id for step in ordered}
        ready = [step for step in left if wanted[step.id] <= done]
        if not ready:
            names = ", ".join(f"{step.type}/{step.name}" for step in left)
            raise invalid_template(f"Circular dependency detected on resource: '{names}'")
        ordered += ready
        left = [step for step in left if step not in ready]
    return ordered

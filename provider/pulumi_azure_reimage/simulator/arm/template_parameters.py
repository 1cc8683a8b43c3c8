"""The parameters and outputs of a template, which are declared with a type, and shown without secure values.

Sources: Microsoft Learn, "Parameters in ARM templates" and "Resolve errors for invalid template"; the
2021-04-01 specification of deployments for how they are shown.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .template_expressions import evaluated, invalid_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .template_functions import Scope

_TYPES: Mapping[str, type] = MappingProxyType(
    {
        **dict.fromkeys(("string", "securestring"), str),
        **dict.fromkeys(("object", "secureobject"), dict),
        "int": int,
        "bool": bool,
        "array": list,
    }
)


def parameter_values(declared: Mapping[str, Any], given: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the value of each parameter by its lower-case name. `given` are the values of the deployment.

    Raises:
        ArmError: One is missing, has the wrong type, or is not declared.
    """
    known = {name.lower() for name in declared}
    for name in given:
        if name.lower() not in known:
            raise invalid_template(
                f"The template parameters '{name}' in the parameters file are not valid; they are not "
                "present in the original template and can therefore not be provided at deployment time. "
                f"The only supported parameters for this template are '{', '.join(declared)}'."
            )
    by_name = {name.lower(): value for name, value in given.items()}
    return {
        name.lower(): _parameter(name, declaration, by_name.get(name.lower()), scope)
        for name, declaration in declared.items()
    }


def _parameter(name: str, declaration: Any, given: Any, scope: Scope) -> Any:  # noqa: ANN401 - JSON.
    kind = declaration.get("type") if isinstance(declaration, dict) else None
    expected = _TYPES.get(kind.lower()) if isinstance(kind, str) else None
    if expected is None:
        raise invalid_template(f"The type of the template parameter '{name}' is not valid")
    if isinstance(given, dict) and "value" in given:
        value = given["value"]
    elif given is not None:
        raise invalid_template(f"The template parameter '{name}' has no value, which the simulator requires")
    elif "defaultValue" in declaration:
        value = evaluated(declaration["defaultValue"], scope)
    else:
        raise invalid_template(
            f"The value for the template parameter '{name}' is not provided. "
            "Please see https://aka.ms/arm-create-parameter-file for usage details."
        )
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        raise invalid_template(
            f"The provided value for the template parameter '{name}' is not of type '{kind}'"
        )
    return value


def shown(kind: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON.
    """Return a parameter or an output as a deployment shows it (the 2021-04-01 specification)."""
    lower = kind.lower()
    if lower.startswith("secure"):
        return {"type": {"securestring": "SecureString", "secureobject": "SecureObject"}[lower]}
    return {"type": f"{kind[:1].upper()}{kind[1:]}", "value": value}


def output_values(declared: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the outputs as a deployment shows them.

    Raises:
        ArmError: One is not understood.
    """
    outputs: dict[str, Any] = {}
    for name, output in declared.items():
        kind = output.get("type") if isinstance(output, dict) else None
        if not isinstance(kind, str) or kind.lower() not in _TYPES or "value" not in output:
            raise invalid_template(f"The template output '{name}' is not valid")
        outputs[name] = shown(kind, evaluated(output["value"], scope))
    return outputs

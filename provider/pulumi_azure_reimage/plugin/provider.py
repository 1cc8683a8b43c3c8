"""The provider of the plugin: its schema, and how it declares a component for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi import RunError
from pulumi.provider import ConstructResult, Provider

from ..component import VirtualMachineReimage
from ..inputs.spelling import camel_case
from .component import ServedReimage
from .explicit import ExplicitProvider
from .names import in_python
from .schema_file import package_version, schema_text
from .turns import Turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

COMPONENT: Final = "azure-reimage:index:VirtualMachineReimage"
OUTPUTS: Final = tuple(
    name for name, value in vars(VirtualMachineReimage).items() if isinstance(value, property)
)


class ComponentProvider(Provider):
    """Declares VirtualMachineReimage for programs in other languages."""

    def __init__(self) -> None:
        self.explicit = ExplicitProvider()
        self._turns = Turns()
        super().__init__(package_version(), schema_text())

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Declare a component.

        Args:
            name: Its name.
            resource_type: Its type token.
            inputs: Its inputs, by their names in the schema.
            options: Its resource options.

        Raises:
            RunError: as the component's constructor does, or because there is no such component.
        """
        if resource_type != COMPONENT:
            raise RunError(f"The package azure-reimage has no {resource_type}, only {COMPONENT}.")
        component = ServedReimage(name, options, in_python(inputs), self._turns)
        return ConstructResult(
            component.urn, {camel_case(output): getattr(component, output) for output in OUTPUTS}
        )

"""A policy pack: a production VM keeps its old OS disk, and no reimage happens when a resource is created.

pulumi preview --policy-pack examples/policy
"""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

# A policy sees the inputs of a VirtualMachineReimage on ReimageRequest, and none on the component itself.
REQUEST = "pulumi-python:dynamic/azure-reimage:ReimageRequest"


def keep_production_disks(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Report each reimage of a VM with `environment: production` that does not require `Detach`."""
    for resource in args.resources:
        vms = (
            (resource.property_dependencies or {}).get("vm_id", [])
            if resource.resource_type == REQUEST
            else []
        )
        production = any(dict(vm.props.get("tags") or {}).get("environment") == "production" for vm in vms)
        if production and resource.props.get("require_delete_option") != "Detach":
            report_violation("A production VM must have require_delete_option='Detach'.", resource.urn)


def record_a_baseline_first(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Report each reimage that would happen because its resource is new."""
    if args.resource_type == REQUEST and args.props.get("reimage_on_create"):
        report_violation("reimage_on_create is not allowed: the first run records a baseline.")


PolicyPack(
    "reimages",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        StackValidationPolicy("keep-production-disks", "Azure keeps them.", keep_production_disks),
        ResourceValidationPolicy("baseline-first", "Nothing is wiped at first.", record_a_baseline_first),
    ],
)

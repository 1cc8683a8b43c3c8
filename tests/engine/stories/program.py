"""The program of a story. Run as a file, it reads its inputs from `inputs.json` in the stack's folder."""

import json
import sys
from pathlib import Path
from typing import Any

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage
from tests.engine.reimaging import vm_id

NAME = "web"
Arguments = dict[str, Any]


def declare(arguments: Arguments, retried: str) -> None:
    """Declare the reimage of one VM.

    Args:
        arguments: Its inputs.
        retried: The child whose `on_error` hook repeats a failed step once; empty for none.
    """
    options = pulumi.ResourceOptions(transforms=[_retry_once(retried)]) if retried else None
    VirtualMachineReimage(NAME, options, **{"vm_id": vm_id(NAME), **arguments})


def _retry_once(child: str) -> pulumi.ResourceTransform:
    retries = 0

    def decide(_: pulumi.ErrorHookArgs) -> bool:
        nonlocal retries
        retries += 1
        return retries == 1

    hooks = pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("again", decide)])

    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if not args.type_.endswith(f":{child}"):
            return None
        return pulumi.ResourceTransformResult(
            args.props, pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(hooks=hooks))
        )

    return transform


if __name__ == "__main__":
    told = json.loads((Path(sys.argv[1]) / "inputs.json").read_text())
    declare(told["arguments"], told["retried"])

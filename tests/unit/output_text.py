"""What a program gets if it puts an Output into a string."""

import asyncio

import pulumi


def output_in_text(value: object = "1") -> str:
    """Return what `f"image-{output}"` is: https://github.com/pulumi/pulumi/issues/4650."""

    async def format_it() -> str:
        return f"image-{pulumi.Output.secret(value)}"

    return asyncio.run(format_it())


def output_in_list() -> str:
    """Return what `f"{[output]}"` is."""

    async def format_it() -> str:
        return f"{[pulumi.Output.from_input('1')]}"

    return asyncio.run(format_it())

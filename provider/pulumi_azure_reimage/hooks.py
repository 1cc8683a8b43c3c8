"""Pulumi's resource hooks on the component: before hooks run before a request is sent, after hooks after it.

The component's own row never changes, so Pulumi would never run a hook on it. Each hook is passed to the
child whose step it belongs to, and runs only if that step is about a reimage (dynamic/hook_rules.py):

| hooks | child | when |
|---|---|---|
| `before_create`, `before_update` | ReimageOperation | before a request may be sent |
| `before_update` | ReimageResult | before a reimage that failed may be requested again |
| `after_create`, `after_update` | ReimageResult | after a reimage has ended well, before that is in state |
| `before_delete` | ReimageResult | before ReimageResult, the first of the three, is deleted |
| `after_delete` | ReimageRequest | after ReimageRequest, the last of the three, was deleted |
| `on_error` | all | after a step failed |
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi import ErrorHook, ResourceHook, ResourceHookArgs, ResourceHookBinding
from pulumi.runtime.resource_hooks import StubResourceHook

from .errors import ReimageError
from .options import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi import ResourceHookFunction

    Hook = ResourceHook | ResourceHookFunction
    # Reports whether a step is about a reimage, given its new inputs, new outputs and old outputs.
    Rule = Callable[[dict[str, Any], dict[str, Any], dict[str, Any] | None], bool]

_AROUND = ("before_create", "before_update", "after_create", "after_update")
_OTHERS: Mapping[str, type] = {
    "before_delete": ResourceHook,
    "after_delete": ResourceHook,
    "on_error": ErrorHook,
}


class HookError(Exception):
    """What a hook of the program raised, and what that means for the VM."""


@dataclass(frozen=True, slots=True)
class ChildrenHooks:
    """The hooks of the three children.

    Attributes:
        names: Which hooks around a reimage the component has.
    """

    request: ResourceHookBinding | None = None
    operation: ResourceHookBinding | None = None
    result: ResourceHookBinding | None = None
    names: tuple[str, ...] = ()


def check_hooks(name: str, opts: pulumi.ResourceOptions | None) -> None:
    """Refuse what cannot be a hook.

    Args:
        name: The name of the component.
        opts: Its options.

    Raises:
        OptionError: a hook is not one; nothing was registered.
    """
    for kind in (*_AROUND, *_OTHERS):
        needed = _OTHERS.get(kind)
        for hook in _hooks(opts, kind):
            if not callable(hook) or (needed is not None and not isinstance(hook, needed)):
                what = f"pulumi.{needed.__name__}" if needed else "functions or pulumi.ResourceHook"
                raise OptionError(
                    f"The hooks of VirtualMachineReimage {name!r}: {kind} must be a list of {what}, and it "
                    f"holds a {type(hook).__name__}. Nothing was registered."
                )
            if kind in _AROUND and isinstance(hook, StubResourceHook):
                raise OptionError(
                    f"The hooks of VirtualMachineReimage {name!r}: {hook.name} is a hook of another program. "
                    f"Pulumi passes on only its name, so it cannot be run around a reimage. "
                    f"Nothing was registered."
                )


def children_hooks(name: str, opts: pulumi.ResourceOptions | None) -> ChildrenHooks:
    """Return the hooks of the children.

    Args:
        name: The name of the component.
        opts: Its options.
    """

    def around(kind: str, step: Step, when: str = "") -> list[Any]:
        return [
            _registered(HookRun(hook, step, name), f"{_place(name, opts)} {kind}{when}[{number}]")
            for number, hook in enumerate(_hooks(opts, kind))
        ]

    names = tuple(kind for kind in _AROUND if _hooks(opts, kind))
    if not names and not any(_hooks(opts, kind) for kind in _OTHERS):
        return ChildrenHooks()
    errors = _hooks(opts, "on_error")
    decided: set[str] = set()
    send = send_step(decided)
    has_creation = "before_create" in names
    note: list[Any] = [_noting(decided, f"{_place(name, opts)} decided")] if has_creation else []
    return ChildrenHooks(
        ResourceHookBinding(
            after_create=note,
            after_delete=_hooks(opts, "after_delete"),
            on_error=errors,
        ),
        ResourceHookBinding(
            before_create=around("before_create", send),
            before_update=around("before_update", send),
            on_error=errors,
        ),
        ResourceHookBinding(
            before_update=around("before_update", REPEAT, " of a repeat"),
            after_create=around("after_create", END),
            after_update=around("after_update", END),
            before_delete=_hooks(opts, "before_delete"),
            on_error=errors,
        ),
        names,
    )


# The rules are loaded when a hook is called: few programs have hooks, and all would wait for the import.


def _may_send(
    decided: set[str], inputs: dict[str, Any], _outputs: dict[str, Any], olds: dict[str, Any] | None
) -> bool:
    from .dynamic import hook_rules  # noqa: PLC0415 - see above.

    return hook_rules.may_send(inputs, olds, decided)


def _may_repeat(inputs: dict[str, Any], _outputs: dict[str, Any], olds: dict[str, Any] | None) -> bool:
    from .dynamic import hook_rules  # noqa: PLC0415 - see above.

    return hook_rules.may_repeat(inputs, olds or {})


def _has_reimaged(inputs: dict[str, Any], outputs: dict[str, Any], olds: dict[str, Any] | None) -> bool:
    from .dynamic import hook_rules  # noqa: PLC0415 - see above.

    return hook_rules.has_reimaged(inputs, outputs, olds)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a child that a hook belongs to.

    Attributes:
        is_due: Whether the step is about a reimage.
        if_raised: What happens to the VM if the hook raises, as sentences.
    """

    is_due: Rule
    if_raised: str


_NOT_SENT = "This run has not requested a reimage of {name}. The next `pulumi up` runs the hook again."

REPEAT = Step(_may_repeat, _NOT_SENT)
END = Step(
    _has_reimaged,
    "The reimage of {name} has succeeded and is in state, so the hook is not run again automatically. "
    "What the before hooks did, such as draining, is still in effect.",
)


def send_step(decided: set[str]) -> Step:
    """Return the step that sends.

    Args:
        decided: The ids of the first requests that this run decides. It is filled before the step runs.
    """
    return Step(partial(_may_send, decided), _NOT_SENT)


@dataclass(frozen=True, slots=True)
class HookRun:
    """Runs a hook of the program for the steps that are about a reimage.

    Attributes:
        hook: The hook.
        step: The step that it belongs to.
        component: The name of the component.
    """

    hook: Hook
    step: Step
    component: str

    async def __call__(self, args: ResourceHookArgs) -> None:
        """Run the hook if it is due.

        Raises:
            HookError: the hook raised an error.
        """
        if not await _is_due(self.step.is_due, args):
            return
        try:
            running = self.hook(args)
            if inspect.isawaitable(running):
                await running
        except Exception as error:
            # Pulumi prints the message only.
            raise HookError(self._explain(error)) from error

    @property
    def options(self) -> pulumi.ResourceHookOptions | None:
        """The options of the hook, which hold for its run."""
        return self.hook.opts if isinstance(self.hook, ResourceHook) else None

    def _explain(self, error: Exception) -> str:
        said = f"{type(error).__name__}: {str(error).rstrip('. ')}."
        if self.options is not None and self.options.ignore_errors:
            # Pulumi continues.
            return said
        return f"{said} {self.step.if_raised.format(name=self.component)}"


def _registered(run: HookRun, name: str) -> ResourceHook:
    # The SDK reads the name of the function.
    async def call(args: ResourceHookArgs) -> None:
        await run(args)

    return ResourceHook(name, call, run.options)


def _noting(decided: set[str], name: str) -> ResourceHook:
    """Return a hook that notes what ReimageRequest decides in this run. A forecast holds only in that run."""

    async def note(args: ResourceHookArgs) -> None:
        await note_decision(decided, args)

    return ResourceHook(name, note)


async def note_decision(decided: set[str], args: ResourceHookArgs) -> None:
    """Note the id of the request that ReimageRequest has decided."""
    request = (await _plain(args.new_outputs)).get("request")
    if isinstance(request, dict) and isinstance(request.get("id"), str):
        decided.add(request["id"])


async def _is_due(rule: Rule, args: ResourceHookArgs) -> bool:
    inputs, outputs = await _plain(args.new_inputs), await _plain(args.new_outputs)
    olds = None if args.old_outputs is None else await _plain(args.old_outputs)
    try:
        return rule(inputs, outputs, olds)
    except ReimageError:
        # The provider finds the same, sends nothing and reports it.
        return False


async def _plain(properties: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return properties without the outputs in which the SDK wraps the secret ones."""
    return {
        name: await value.future() if isinstance(value, pulumi.Output) else value
        for name, value in (properties or {}).items()
    }


def _hooks(opts: pulumi.ResourceOptions | None, kind: str) -> list[Any]:
    return list(getattr(getattr(opts, "hooks", None), kind, None) or [])


def _place(name: str, opts: pulumi.ResourceOptions | None) -> str:
    """Return where a component is, because the names of all hooks of a program must differ."""
    parent = opts.parent if opts else None
    above = f"{parent.pulumi_resource_type}::{parent.pulumi_resource_name}::" if parent else ""
    return f"azure-reimage: {above}{name}"

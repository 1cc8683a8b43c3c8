"""A stack whose reimages have hooks that note when they were called.

Run as a file, it is the program of such a stack, in which the first call of a hook blocks forever.
"""

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi import ResourceHook, ResourceHookArgs, ResourceHookBinding, ResourceHookOptions

from pulumi_azure_reimage import VirtualMachineReimage
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging, vm_id

AROUND = ("before_create", "after_create", "before_update", "after_update")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a hook.

    Attributes:
        hook: Which hook, such as `before_update`.
        name: The name of the resource.
        posts: How many reimages had been requested by then, of any machine.
        disk: The OS disk that the machine had by then.
        children: The types of the children that state had by then.
    """

    hook: str
    name: str
    posts: int
    disk: str
    children: tuple[str, ...]


@dataclass
class Hooked:
    """A stack with hooks.

    Attributes:
        fleet: The stack.
        calls: The calls so far.
        raising: The hooks that raise.
        args: The arguments of the last call of each hook.
        options: The options of each hook.
    """

    fleet: Reimaging
    calls: list[Call] = field(default_factory=list)
    raising: set[str] = field(default_factory=set)
    args: dict[str, ResourceHookArgs] = field(default_factory=dict)
    options: ResourceHookOptions = field(default_factory=ResourceHookOptions)
    # Whether the program declares the components. Their hooks are always in it.
    declares: bool = True

    @classmethod
    def start(cls, new_stack: NewStack, *names: str, **settings: Any) -> "Hooked":  # noqa: ANN401 - passed on.
        """Make a stack with machines; each component has all hooks."""
        hooked = cls(Reimaging.start(new_stack, {name: {} for name in names}, **{"seconds": 0, **settings}))
        hooked.fleet.stack.program = hooked.program
        return hooked

    def program(self) -> None:
        """Declare the components. Some hooks have names and options, one is a function, one a coroutine."""
        around: dict[str, Any] = {
            hook: [ResourceHook(f"named {hook}", self._noting(hook), self.options)] for hook in AROUND
        }
        around["after_create"] = [self._noting("after_create")]
        around["after_update"] = [self._coroutine("after_update")]
        deleting: dict[str, Any] = {
            hook: [ResourceHook(hook, self._noting(hook))] for hook in ("before_delete", "after_delete")
        }
        hooks = ResourceHookBinding(**around, **deleting)
        for name, arguments in self.fleet.inputs.items() if self.declares else ():
            options = pulumi.ResourceOptions(hooks=hooks)
            VirtualMachineReimage(name, options, **{"vm_id": vm_id(name), **arguments})

    def called(self) -> list[tuple[str, str, int]]:
        """Return the calls since the last check: the hook, the machine, and how many requests were sent."""
        found = [(call.hook, call.name, call.posts) for call in self.calls]
        self.calls.clear()
        return found

    def _noting(self, hook: str) -> Callable[[ResourceHookArgs], None]:
        def note(args: ResourceHookArgs) -> None:
            resources = self.fleet.stack.resources()
            children = [each["type"] for each in resources if each["urn"].endswith(f"::{args.name}")]
            disk = self.fleet.simulator.machine(args.name).os_disk_id or ""
            self.calls.append(Call(hook, args.name, self.fleet.posts, disk, tuple(sorted(children))))
            self.args[hook] = args
            if hook in self.raising:
                raise RuntimeError(f"{hook} raised")

        return note

    def _coroutine(self, hook: str) -> Any:  # noqa: ANN401 - the SDK accepts it where it accepts a function.
        note = self._noting(hook)

        async def run(args: ResourceHookArgs) -> None:
            note(args)

        return run


def main(folder: Path) -> None:
    """Be a program in which the hook that `stops` names never ends."""
    inputs, stops = json.loads((folder / "hooked.json").read_text())

    def stop(_: ResourceHookArgs) -> None:
        (folder / "stopped").touch()
        threading.Event().wait()

    stopping: dict[str, Any] = {stops: [stop]}
    hooks = ResourceHookBinding(**stopping)
    for name, arguments in inputs.items():
        options = pulumi.ResourceOptions(hooks=hooks)
        VirtualMachineReimage(name, options, **{"vm_id": vm_id(name), **arguments})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

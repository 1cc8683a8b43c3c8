"""Fixtures of the engine tests: the real CLI, and stacks that leave nothing behind."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Unpack

import pytest
from pulumi import automation

from tests.engine.harness import Engine, EngineStack, StackSettings
from tests.engine.inline_program import Program
from tools.pulumi_cli import pulumi_cli

FOREIGN = ("PULUMI_", "ARM_", "AZURE_")


class NewStack(Protocol):
    """Makes a stack on the real engine."""

    def __call__(self, program: Program, **settings: Unpack[StackSettings]) -> EngineStack:
        """Return an empty stack in its own folder."""


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The CLI, in an environment without the settings and credentials of the person who runs the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            environment.delenv(name)
        environment.setenv("PATH", pulumi_cli(os.environ).path(os.environ["PATH"]))
        # The installer has checked the version.
        environment.setenv("PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK", "true")
        yield Engine(automation.PulumiCommand(), tmp_path_factory.mktemp("pulumi-home"))


@pytest.fixture
def new_stack(engine: Engine, tmp_path: Path) -> Iterator[NewStack]:
    """Make stacks whose processes end with the test."""
    yield from _stacks(engine, tmp_path)


@pytest.fixture(scope="module")
def new_module_stack(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewStack]:
    """Make stacks for all tests of a module, which only read them."""
    yield from _stacks(engine, tmp_path_factory.mktemp("module"))


def _stacks(engine: Engine, parent: Path) -> Iterator[NewStack]:
    stacks: list[EngineStack] = []

    def make(program: Program, **settings: Unpack[StackSettings]) -> EngineStack:
        folder = parent / f"stack-{len(stacks)}"
        folder.mkdir()
        stack = EngineStack(engine, folder, program, **settings)
        stacks.append(stack)
        return stack

    yield make
    for stack in stacks:
        stack.end_processes()

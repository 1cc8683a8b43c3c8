"""What the command line of this run leaves out: what `--exclude` names, and what `--target` does not name.

The engine applies both to exactly the URNs that they name. Excluding a component does not exclude its
children unless `--exclude-dependents` is given too (seen with CLI 3.274.1). The engine does not pass its
options to a provider, so the command line of the CLI is read, if the system shows it.

The patterns are the engine's: https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/resource/deploy/deployment.go
(UrnTargets). Its flags can also be environment variables, with commas between their values:
https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/cmd/pulumi/env_test.go
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# The short form is that of `preview` and `refresh`.
_EXCLUDE = ("--exclude", "-x")
_TARGET = ("--target", "--target-replace", "-t")
_TARGET_DEPENDENTS = "--target-dependents"


def options(arguments: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Return the arguments of the CLI, after those from its environment."""
    given = [
        f"{flag}={value}"
        for flag in (*_EXCLUDE, *_TARGET)
        for value in filter(None, environ.get(_variable(flag), "").split(","))
    ]
    if environ.get(_variable(_TARGET_DEPENDENTS), "").casefold() in ("1", "true"):
        given.append(_TARGET_DEPENDENTS)
    return [*given, *arguments]


def exclusion(arguments: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that reports whether the arguments of the CLI exclude a URN."""
    return _matcher(_values(arguments, _EXCLUDE))


def left_out(arguments: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that reports, by URN, whether a resource certainly takes no part in the run."""
    is_excluded, targets = exclusion(arguments), list(_values(arguments, _TARGET))
    if not targets or _TARGET_DEPENDENTS in arguments:
        return is_excluded
    is_targeted = _matcher(targets)
    return lambda urn: is_excluded(urn) or not is_targeted(urn)


def _variable(flag: str) -> str:
    return f"PULUMI_OPTION_{flag.lstrip('-').replace('-', '_').upper()}"


def _matcher(patterns: Sequence[str] | Iterator[str]) -> Callable[[str], bool]:
    expressions = [re.compile(_expression(pattern)) for pattern in patterns]
    return lambda urn: any(expression.fullmatch(urn) for expression in expressions)


def _values(arguments: Sequence[str], flags: Sequence[str]) -> Iterator[str]:
    """Return the values of a flag, as the CLI's parser reads them."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument == "--":
            return
        if argument in flags:
            yield following
            continue
        for flag in flags:
            # `--target=URN`, `-tURN` and `-t=URN`.
            beginning = f"{flag}=" if flag.startswith("--") else flag
            if argument.startswith(beginning):
                yield argument.removeprefix(flag).removeprefix("=")


def _expression(pattern: str) -> str:
    segments = (segment.split("*") for segment in pattern.split("**"))
    return ".*".join("[^:]*".join(map(re.escape, segment)) for segment in segments)

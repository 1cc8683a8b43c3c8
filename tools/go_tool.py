"""Build a Go program from a `go.mod` of ours, once, and keep it in the user's cache folder.

Messages go to stderr, and start with the program's name.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.go_build import GoBuild, GoFailedError, Progress
from tools.kept_folder import cache_folder, kept_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

Version = tuple[int, int, int]

BUILD_TAGS = "osusergo,grpcnotrace"


class BuildError(Exception):
    """A program could not be built. The text says why, or refers to the output of Go."""


class MissingGoError(BuildError):
    """There is no Go that could build the program."""


@dataclass(frozen=True, slots=True)
class GoTool:
    """A third-party program, and how we build it.

    Attributes:
        name: The name of the program, and of its file.
        title: Its name within a sentence.
        module: The folder of the go.mod that requires it.
        package: What Go builds.
        source: The module in that go.mod whose version is the program's.
        version_variable: What the linker sets to the version, as the program's own releases do.
        duration: How long a build takes, in words.
        scripts: Further programs to put beside it: their text by name.
    """

    name: str
    title: str
    module: Path
    package: str
    source: str
    version_variable: str
    duration: str
    scripts: Mapping[str, str] = field(default_factory=dict)

    @property
    def go_mod(self) -> str:
        """The text of its go.mod."""
        return (self.module / "go.mod").read_text()

    @property
    def version(self) -> Version:
        """The version that its go.mod requires."""
        return required_version(self.go_mod, self.source)

    def say(self, sentence: str) -> None:
        """Print a sentence to stderr."""
        print(f"{self.name}: {sentence}", file=sys.stderr, flush=True)


def parse_version(text: str) -> Version | None:
    """Return the first `1.2.3` or `1.2` of `text`, or None where it has none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def dotted(version: Version) -> str:
    """Return `version` as text."""
    return ".".join(map(str, version))


def required_go(go_mod: str) -> Version:
    """Return the oldest Go that builds this module: the `go` line of its go.mod.

    Raises:
        ValueError: the file has no such line.
    """
    line = re.search(r"^go (\S+)$", go_mod, re.MULTILINE)
    version = parse_version(line[1]) if line else None
    if version is None:
        raise ValueError("go.mod has no go line")
    return version


def required_version(go_mod: str, source: str) -> Version:
    """Return the version of the module `source` that this go.mod requires.

    Raises:
        ValueError: the file does not require it.
    """
    line = re.search(rf"^(?:require)?\s+{re.escape(source)} (v\S+)", go_mod, re.MULTILINE)
    version = parse_version(line[1]) if line else None
    if version is None:
        raise ValueError(f"go.mod does not require {source}")
    return version


def build_name(tool: GoTool, go_mod: str, system: str, machine: str) -> str:
    """Return the name of a build in the cache. It depends on the version, the recipe and the platform."""
    scripts = "\n".join(tool.scripts.values())
    recipe = f"{go_mod}\n{tool.package}\n{BUILD_TAGS}\n{tool.version_variable}\n{scripts}"
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    version = dotted(required_version(go_mod, tool.source))
    return f"{tool.name}-{version}-{system}-{machine}-{digest}".lower()


def built(tool: GoTool, environment: Mapping[str, str]) -> Path:
    """Return the program, built now or earlier.

    Raises:
        BuildError: it cannot be built here.
    """
    cache = cache_folder(environment)
    name = build_name(tool, tool.go_mod, platform.system(), platform.machine())
    program = cache / name / tool.name
    if not program.exists():
        go = recent_go(required_go(tool.go_mod), environment)
        kept_folder(
            cache,
            name,
            lambda folder: _build(tool, go, folder, environment),
            holds=tool.name,
            waits=lambda: tool.say("another process is building it; waiting for that."),
        )
    tool.say(f"using {program}, built from tools/{tool.module.name}.")
    return program


def recent_go(needed: Version, environment: Mapping[str, str]) -> str:
    """Return the path of a Go of this version or a newer one.

    Raises:
        MissingGoError: there is none on PATH.
    """
    go = shutil.which("go", path=environment.get("PATH"))
    if go is None:
        raise MissingGoError("not built: there is no go on PATH.")
    answer = subprocess.run(
        [go, "version"], env=for_go(environment), stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip()
    version = parse_version(answer)
    if version is None or version < needed:
        raise MissingGoError(
            f"not built: {answer or go} is too old, and Go {dotted(needed)} or newer is needed."
        )
    return go


def for_go(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which Go builds."""
    # local: otherwise Go would download another Go, from a place that may be unreachable, and fail late.
    # Without cgo the build needs no C compiler, like Pulumi's own releases.
    return {**environment, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}


def write_script(folder: Path, name: str, text: str) -> None:
    """Put a program into `folder` in one step, so that other processes see the whole file or none."""
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o755)
    Path(file.name).replace(folder / name)


def _build(tool: GoTool, go: str, folder: Path, environment: Mapping[str, str]) -> None:
    """Build the program and its scripts into `folder`.

    Raises:
        BuildError: Go failed, and its output says why.
    """
    version = dotted(tool.version)
    tool.say(f"building {tool.title} {version} with Go. This takes about {tool.duration}, once.")
    flags = ["-trimpath", "-buildvcs=false", "-tags", BUILD_TAGS]
    flags += ["-ldflags", f"-s -w -X {tool.version_variable}=v{version}"]
    log = cache_folder(environment) / f"{tool.name}.log"
    build = GoBuild(go, tool.module, for_go(environment), log, Progress(sys.stderr, tool.name))
    try:
        build.build(tool.package, [*flags, "-o", str(folder / tool.name)])
    except GoFailedError as error:
        raise BuildError(str(error)) from None
    for name, text in tool.scripts.items():
        write_script(folder, name, text)

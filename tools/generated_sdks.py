"""Provide what the tests of the examples need to generate and check the SDKs of other languages.

An SDK is generated from the committed schema whenever it is needed, because generated code that is committed
would have to be reviewed. `pulumi package gen-sdk` needs the language host of that language,
which comes with Pulumi's releases. The generator in `tools/generate-sdk` needs none.

What is built and installed is kept in the user's cache folder. Messages go to stderr.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tools.go_tool import for_go, required_go
from tools.kept_folder import cache_folder, digest_of, kept_folder
from tools.sdk_clients import find, install_all, npm_installer, require, run_installer

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["go", "nodejs", "python"]

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "provider" / "pulumi_azure_reimage" / "plugin" / "schema.json"
GENERATOR = ROOT / "tools" / "generate-sdk"
TYPESCRIPT = ROOT / "tests" / "examples" / "typescript"
# Built as the CLI is, so that Go compiles only once what both need.
GO_FLAGS = ("-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace")
NAME = "generate-sdk"


def generate(language: Language, folder: Path, environment: Mapping[str, str]) -> None:
    """Write the SDK of this package into a folder.

    Raises:
        InstallationError: Go failed to build the generator.
        MissingToolchainError: There is no Go, or it is too old.
    """
    subprocess.run([str(generator(environment)), language, str(SCHEMA), str(folder)], check=True)


def generator(environment: Mapping[str, str]) -> Path:
    """Return the generator.

    Raises:
        InstallationError: Go failed.
        MissingToolchainError: There is no Go, or it is too old.
    """
    files = [GENERATOR / name for name in ("go.mod", "go.sum", "main.go")]
    require(environment, "go", ["version"], required_go(files[0].read_text()))

    def build(folder: Path) -> None:
        _say("building the generator of SDKs with Go, once; this takes up to a minute.")
        command = [find(environment, "go"), "build", *GO_FLAGS, "-o", str(folder / NAME), "."]
        run_installer(command, GENERATOR, for_go(environment))

    system = f"{platform.system()}-{platform.machine()}".lower()
    return kept_folder(cache_folder(environment), f"{NAME}-{system}-{digest_of(files)}", build) / NAME


def typescript_packages(environment: Mapping[str, str]) -> Path:
    """Return a `node_modules` with TypeScript and what a generated SDK imports.

    Raises:
        InstallationError: npm failed.
        MissingToolchainError: There is no Node.js, or it is too old, or there is no npm.
    """
    files = [TYPESCRIPT / name for name in ("package.json", "package-lock.json", ".npmrc")]
    install = npm_installer(environment, "TypeScript and @pulumi/pulumi", files)
    found = kept_folder(cache_folder(environment), f"typescript-{digest_of(files)}", install)
    return found / "node_modules"


def _say(sentence: str) -> None:
    print(f"SDKs: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(install_all((generator, typescript_packages), os.environ))

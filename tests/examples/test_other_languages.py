"""The examples in TypeScript and Go, checked with SDKs that are generated from the committed schema.

They do not run on an engine, because the language hosts of Node.js and Go come only with Pulumi's releases.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.generated_sdks import GO_FLAGS, ROOT, SCHEMA, TYPESCRIPT, generate, typescript_packages
from tools.go_tool import for_go
from tools.pulumi_cli import pulumi_cli
from tools.sdk_clients import MissingToolchainError

EXAMPLES = ROOT / "examples"
GO_LOCK = ROOT / "tests" / "examples" / "go"
Check = Callable[[], subprocess.CompletedProcess[str]]


@contextmanager
def needing_a_toolchain() -> Iterator[None]:
    """Skip a test if its toolchain is missing."""
    try:
        yield
    except MissingToolchainError as error:
        pytest.skip(str(error))


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a compiler."""
    return subprocess.run(  # noqa: S603 - ours.
        command, cwd=folder, env=for_go(os.environ), capture_output=True, check=False, text=True
    )


@pytest.fixture
def typescript(tmp_path: Path) -> tuple[Path, Check]:
    """Copy the example, with its SDK where `pulumi package add` puts it, and return what checks it."""
    with needing_a_toolchain():
        packages = typescript_packages(os.environ)
        generate("nodejs", tmp_path / "sdks" / "azure-reimage", os.environ)
    for name in ("index.ts", "tsconfig.json"):
        shutil.copy(EXAMPLES / "typescript" / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(packages)
    # npm would link the SDK into node_modules, which other tests share.
    paths = {"@pulumi/azure-reimage": ["./sdks/azure-reimage/index.ts"]}
    project = {"extends": "./tsconfig.json", "compilerOptions": {"paths": paths}}
    (tmp_path / "linked.json").write_text(json.dumps(project))
    tsc = ["node", "node_modules/typescript/bin/tsc", "--project", "linked.json"]
    return tmp_path / "index.ts", lambda: run(tsc, tmp_path)


@pytest.fixture
def golang(tmp_path: Path) -> tuple[Path, Check]:
    """Copy the example, with its SDK where `pulumi package add` puts it, and return what checks it."""
    with needing_a_toolchain():
        generate("go", tmp_path / "sdks" / "azure-reimage", os.environ)
    shutil.copy(EXAMPLES / "go" / "main.go", tmp_path)
    for name in ("go.mod", "go.sum"):
        shutil.copy(GO_LOCK / name, tmp_path)
    vet = ["go", "vet", *GO_FLAGS, "."]
    return tmp_path / "main.go", lambda: run(vet, tmp_path)


def test_the_example_in_typescript_has_the_right_types(typescript: tuple[Path, Check]) -> None:
    """A copy with an input that does not exist fails, which shows that the SDK is checked."""
    program, check = typescript

    right = check()
    program.write_text(program.read_text().replace("triggers:", "trigger:"))
    wrong = check()

    assert (right.returncode, right.stdout) == (0, "")
    assert "'trigger' does not exist in type 'VirtualMachineReimageArgs'" in wrong.stdout


def test_the_example_in_go_compiles(golang: tuple[Path, Check]) -> None:
    """A copy with an input that does not exist does not compile."""
    program, check = golang

    right = check()
    program.write_text(program.read_text().replace("Triggers:", "Trigger: "))
    wrong = check()

    assert (right.returncode, right.stderr) == (0, "")
    assert "unknown field Trigger in struct literal" in wrong.stderr


def test_the_example_in_go_is_formatted() -> None:
    """It is formatted as gofmt does it."""
    if shutil.which("gofmt") is None:
        pytest.skip("There is no gofmt on PATH.")

    assert run(["gofmt", "-l", "examples/go", "tools/generate-sdk"], ROOT).stdout == ""


@pytest.mark.parametrize("language", ["nodejs", "go", "python", "dotnet", "java"])
def test_the_literal_cli_generates_an_sdk(language: str, tmp_path: Path) -> None:
    """This needs the language host that comes with a release of Pulumi."""
    cli = pulumi_cli(os.environ)
    path = cli.path(os.environ["PATH"])
    if shutil.which(f"pulumi-language-{language}", path=path) is None:
        pytest.skip(f"There is no pulumi-language-{language} on PATH.")
    command = [str(cli.executable), "package", "gen-sdk", str(SCHEMA), "--language", language]

    ended = run([*command, "--out", str(tmp_path)], ROOT)

    assert ended.returncode == 0, ended.stderr
    assert list(tmp_path.rglob("*irtual*achine*eimage*"))


@pytest.mark.parametrize("program", ["typescript/index.ts", "go/main.go"])
def test_an_example_is_short(program: str) -> None:
    """A short example is read."""
    assert len((EXAMPLES / program).read_text().splitlines()) < 40


def test_an_example_and_its_lock_name_the_same_packages() -> None:
    """The versions that are checked are those that a user installs."""
    example = json.loads((EXAMPLES / "typescript" / "package.json").read_text())
    locked = json.loads((TYPESCRIPT / "package.json").read_text())

    assert set(locked["devDependencies"]) == {*example["dependencies"], *example["devDependencies"]}
    assert "github.com/pulumi/pulumi/sdk/v3 v3.274.1" in (EXAMPLES / "go" / "go.mod").read_text()
    assert "github.com/pulumi/pulumi/sdk/v3 v3.274.1" in (GO_LOCK / "go.mod").read_text()

"""What users install: the wheel holds every file of the package."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_the_page_and_the_types(tmp_path: Path) -> None:
    """Files that are not Python are forgotten most easily."""
    build = ["hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run([sys.executable, "-m", *build], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - ours.
    (wheel,) = tmp_path.iterdir()
    package = ROOT / "provider" / "pulumi_azure_reimage"
    files = {
        file.relative_to(package.parent).as_posix()
        for file in package.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert held == files
    assert {f"pulumi_azure_reimage/simulator/admin/static/page.{kind}" for kind in ("css", "js")} <= held

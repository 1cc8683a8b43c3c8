"""`--target` and `--exclude` of the literal CLI, in the form that docs/when-it-reimages.md gives."""

from tests.cli.conftest import NewProject
from tests.cli.project import Project

UP = ("up", "--yes", "--skip-preview")


def urn(machine: str) -> str:
    """Return the URN of a machine's component."""
    return f"urn:pulumi:test::test::azure-reimage:index:VirtualMachineReimage::{machine}"


def sent(project: Project) -> list[str | None]:
    """Return the machines that were reimaged, in the order of the requests."""
    return [request.name for request in project.simulator.reimage_requests()]


def test_a_part_of_a_stack_is_reimaged_alone(new_project: NewProject) -> None:
    """The rest of the stack keeps its change until a plain `up`."""
    project = new_project({"web": {}, "db": {}, "cache": {}})
    project.set(triggers={"image": "1"})
    project.create()
    assert project.pulumi(*UP).code == 0
    project.set(triggers={"image": "2"})

    targeted = project.pulumi(*UP, "--target", urn("web"), "--target-dependents")
    after_target = sent(project)
    excluding = project.pulumi(*UP, "--exclude", urn("cache"), "--exclude-dependents")
    after_exclusion = sent(project)
    rest = project.pulumi(*UP)

    assert targeted.code == 0, targeted.text
    assert after_target == ["web"]
    assert excluding.code == 0, excluding.text
    assert after_exclusion == ["web", "db"]
    assert rest.code == 0, rest.text
    assert sent(project) == ["web", "db", "cache"]

"""Many machines of a program in YAML: all are decided before one is sent, and sent before one has ended."""

from .conftest import NewProject
from .project import Project

NAMES = tuple(f"web-{number:02}" for number in range(12))
AN_HOUR = 3600.0
LIMIT = "azure-reimage:maxReimagesPerRun"


def changed_fleet(new_project: NewProject, **config: object) -> Project:
    """Return a project whose machines have a baseline and a changed trigger."""
    project = new_project({name: {} for name in NAMES}, operation_seconds=AN_HOUR)
    project.set(triggers={"image": "v1"})
    project.create(**config)
    first = project.pulumi("up", "--yes", "--skip-preview")
    assert first.code == 0, first.text
    project.set(triggers={"image": "v2"})
    return project


def test_every_machine_is_sent_before_any_has_ended(new_project: NewProject) -> None:
    """So a fleet takes about as long as one machine."""
    project = changed_fleet(new_project)
    run = project.start("up", "--yes", "--skip-preview")

    run.until(lambda: project.posts == len(NAMES))

    for name in NAMES:
        project.simulator.finish(name)
    assert run.wait() == 0, run.text


def test_the_preview_counts_all_of_them_once(new_project: NewProject) -> None:
    """It also says once what is lost."""
    project = changed_fleet(new_project)

    preview = project.pulumi("preview")

    assert preview.code == 0, preview.text
    said = " ".join(preview.said("pulumi:pulumi:Stack (test-test)"))
    assert said.count("machines will be reimaged.") == 1
    assert "12 of 12 machines will be reimaged." in said
    assert said.count("Lost: everything on its OS disk") == 1


def test_nothing_is_sent_above_the_limit_of_the_stack(new_project: NewProject) -> None:
    """An update without a preview sends nothing either."""
    project = changed_fleet(new_project, **{LIMIT: 11})

    refused = project.pulumi("up", "--yes", "--skip-preview")

    assert refused.code != 0
    assert project.posts == 0

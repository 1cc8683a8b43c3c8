"""Killed and interrupted runs of the literal CLI: what is shown, what is sent, and what the next run does."""

from pulumi_azure_reimage.simulator import serve
from tests.cli.conftest import NewProject
from tests.cli.project import Project, diagnostics
from tests.cli.running import CTRL_C

ONE: dict[str, dict[str, object]] = {"web": {}}
AN_HOUR = 3600.0
WAITS = "running in Azure for"
# Pulumi's table has room for a status only if the terminal is wide.
COLUMNS = 200
UP = ("up", "--yes", "--skip-preview")


def with_baseline(new_project: NewProject, **config: object) -> Project:
    """Return a project whose machine has a baseline, and whose trigger has changed since."""
    project = new_project(ONE, operation_seconds=AN_HOUR)
    project.set(triggers={"image": "1"})
    project.create(**config)
    created = project.pulumi(*UP)
    assert created.code == 0, created.text
    project.set(triggers={"image": "2"})
    return project


def assert_that_all_is_well(project: Project) -> None:
    """Check that a plain `up` finds the end of the one reimage, and leaves nothing to do."""
    ended = project.pulumi(*UP)
    unchanged = project.pulumi("preview", "--expect-no-changes")

    assert ended.code == 0, ended.text
    assert project.posts == 1
    assert unchanged.code == 0, unchanged.text
    for command in project.ended:
        assert "Traceback" not in command.text


def unlock(project: Project) -> None:
    """Check that the killed run left its lock, and remove it."""
    locked = project.pulumi(*UP)
    cancelled = project.pulumi("cancel", "--yes")

    assert locked.code == 1
    assert "the stack is currently locked by 1 lock(s)" in locked.text
    assert cancelled.code == 0, cancelled.text


def test_a_run_that_was_killed_in_the_wait_is_finished_by_the_next(new_project: NewProject) -> None:
    """The process group is killed, as when a runner is lost. The plugin and the host notice it and end."""
    project = with_baseline(new_project)
    running = project.start(*UP)
    running.until(lambda: WAITS in running.text)

    running.kill9()
    unlock(project)
    project.simulator.finish("web")
    running.wait_for_orphans()

    assert_that_all_is_well(project)


def test_a_run_that_was_killed_in_its_request_does_not_request_it_again(new_project: NewProject) -> None:
    """Azure has accepted it, and Pulumi has not saved that: the activity log shows it to the next run."""
    project = with_baseline(new_project)
    project.simulator.set_activity_log_seconds(0)
    with serve(project.simulator) as server:
        project.pulumi("config", "set", "azure-reimage:simulator", server.url)
        project.simulator.script("POST web: slow 30")
        running = project.start(*UP)
        running.until(lambda: project.posts == 1)
        running.kill9()
        unlock(project)
    project.pulumi("config", "set", "azure-reimage:simulator", "machines.json")
    project.simulator.finish("web")

    assert_that_all_is_well(project)


def test_a_dynamic_host_that_was_killed_fails_the_run_and_the_next_one_finishes_it(
    new_project: NewProject,
) -> None:
    """The CLI stays alive, reports an error of the step that waited, and leaves no lock."""
    project = with_baseline(new_project)
    running = project.start(*UP)
    running.until(lambda: WAITS in running.text)

    running.kill9_host()
    code = running.wait()
    project.simulator.finish("web")

    assert code == 1
    (said,) = diagnostics(running.text)["pulumi-python:dynamic/azure-reimage:ReimageResult (web)"]
    assert said.startswith("error: ")
    assert_that_all_is_well(project)


def test_ctrl_c_in_a_terminal_waits_for_the_reimage_that_has_begun(new_project: NewProject) -> None:
    """The screen says so, the result is kept, and the next run has nothing to do."""
    project = with_baseline(new_project)
    terminal = project.in_terminal(*UP, columns=COLUMNS)
    terminal.until(lambda: WAITS in terminal.text)

    terminal.type(CTRL_C)
    terminal.until(lambda: "^C received; cancelling." in terminal.text)
    project.simulator.finish("web")
    code = terminal.wait()

    assert code == 1
    assert "Traceback" not in terminal.text
    assert project.posts == 1
    assert project.pulumi("preview", "--expect-no-changes").code == 0


def test_ctrl_c_twice_in_a_terminal_ends_at_once_and_the_next_run_resumes(new_project: NewProject) -> None:
    """The reimage continues in Azure, and nothing is requested again."""
    project = with_baseline(new_project)
    terminal = project.in_terminal(*UP, columns=COLUMNS)
    terminal.until(lambda: WAITS in terminal.text)

    terminal.type(CTRL_C)
    terminal.until(lambda: "^C received; cancelling." in terminal.text)
    terminal.type(CTRL_C)
    code = terminal.wait()
    project.simulator.finish("web")
    terminal.wait_for_orphans()

    assert code != 0
    assert "Traceback" not in terminal.text
    assert_that_all_is_well(project)

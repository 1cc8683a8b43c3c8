"""The life of a stack with the literal CLI, from `stack init` to `stack rm`."""

import json

from tests.cli.conftest import NewProject
from tests.cli.program import PLUGINS
from tests.engine.processes import processes_of
from tests.engine.reimaging import vm_id

COMPONENT = "azure-reimage:index:VirtualMachineReimage (web)"
URN = "urn:pulumi:test::test::azure-reimage:index:VirtualMachineReimage::web"
PROGRAM = f"""\
name: test
runtime: yaml
plugins: {json.dumps(PLUGINS)}
config:
  release: {{type: string}}
resources:
  web:
    type: azure-reimage:VirtualMachineReimage
    properties:
      vmId: {vm_id("web")}
      triggers: {{release: "${{release}}"}}
outputs:
  status: ${{web.status}}
"""


def test_a_stack_lives_from_init_to_rm(new_project: NewProject) -> None:
    """A changed trigger reimages once, and the exit codes are those that docs/pipelines.md promises."""
    project = new_project({"web": {}})
    (project.folder / "Pulumi.yaml").write_text(PROGRAM)
    run = project.pulumi

    assert run("stack", "init", "test").code == 0
    assert run("config", "set", "azure-reimage:simulator", "machines.json").code == 0
    assert run("config", "set", "release", "v1").code == 0
    first = run("up", "--yes")
    assert first.code == 0, first.text
    assert "+ 5 created" in first.stdout
    assert "Nothing is reimaged." in " ".join(first.said(COMPONENT))
    assert run("preview", "--expect-no-changes").code == 0

    assert run("config", "set", "release", "v2").code == 0
    diff = run("preview", "--diff")
    assert diff.code == 0
    assert '~ release: "v1" => "v2"' in diff.stdout
    assert "VM web will be reimaged: triggers.release changed." in diff.stderr
    unexpected = run("preview", "--json", "--expect-no-changes")
    assert unexpected.code == 7
    plan = json.loads(unexpected.stdout.rpartition("\nerror")[0] or unexpected.stdout)
    assert {step["urn"].rpartition(":")[2] for step in plan["steps"] if step["op"] == "update"} == {"web"}
    assert "VM web will be reimaged: triggers.release changed." in {
        line["message"].removeprefix("warning: ").strip() for line in plan["diagnostics"]
    }
    assert project.posts == 0

    changed = run("up", "--yes", "--suppress-outputs")
    assert changed.code == 0, changed.text
    assert project.posts == 1
    assert "accepted by Azure (correlation" in changed.stdout
    assert "running in Azure" in changed.stdout
    assert "Outputs:" not in changed.stdout
    assert json.loads(run("stack", "output", "--json").stdout) == {"status": "Succeeded"}
    exported = json.loads(run("stack", "export").stdout)
    assert len([one for one in exported["deployment"]["resources"] if "azure-reimage:" in one["urn"]]) == 5

    assert run("refresh", "--yes").code == 0
    assert run("refresh", "--preview-only", "--expect-no-changes").code == 0
    assert run("cancel", "--yes").code == 0
    assert "can't be safely deleted" in run("state", "delete", "--yes", URN).stderr
    assert run("state", "delete", "--yes", "--target-dependents", URN).code == 0
    again = run("up", "--yes", "--skip-preview")
    assert "Nothing is reimaged." in " ".join(again.said(COMPONENT))

    destroyed = run("destroy", "--yes")
    assert destroyed.code == 0, destroyed.text
    assert "- 5 deleted" in destroyed.stdout
    assert run("stack", "rm", "--yes", "test").code == 0
    assert project.posts == 1
    for ended in project.ended:
        assert "Traceback" not in ended.text
    assert processes_of(project.mark) == [], "the plugin and the dynamic host have ended with the CLI"

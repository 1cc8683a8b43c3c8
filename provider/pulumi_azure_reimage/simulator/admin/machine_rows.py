"""The rows of the page's table of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Markup, joined, markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..world.machine import Machine
    from ..world.overview import MachineStatus, Progress

_NONE = Markup("""\
<tr role="row" data-key="none">
<td role="cell" colspan="7" class="none">There is no machine here.</td></tr>""")
_ROW = """\
<tr role="row" data-key="{key}">
<th role="rowheader" scope="row"><span class="name">{name}</span>
<span class="detail">{os_type}, {location}, {group}</span>{lock}</th>
<td role="cell" data-label="Power">{power}</td>
<td role="cell" data-label="State">{state}</td>
<td role="cell" data-label="OS disk"><code>{disk}</code> <span class="detail">{os_disk}</span></td>
<td role="cell" data-label="Version">{version}</td>
<td role="cell" data-label="Running">{running}</td>
<td role="cell" class="actions">{actions}</td>
</tr>"""
_BUTTON = """\
<form method="post" action="{action}"><input type="hidden" name="name" value="{id}">\
<button id="{action} {key}" aria-label="{label}: {name}">{label}</button></form>"""


def machine_rows(machines: Sequence[MachineStatus]) -> Markup:
    """Write one row for each machine."""
    return joined(map(_row, machines)) if machines else _NONE


def _row(status: MachineStatus) -> Markup:
    machine, spec = status.machine, status.machine.spec
    return markup(
        _ROW,
        key=machine.key,
        name=machine.name,
        os_type=spec.os_type,
        location=spec.location,
        group=spec.resource_group,
        lock=markup(' <span class="tag">{} lock</span>', spec.lock) if spec.lock else Markup(""),
        power=_tag(spec.power, "good" if spec.power == "running" else ""),
        state=_state(machine),
        disk=machine.os_disk_name,
        os_disk=spec.os_disk,
        version=machine.image_version,
        running=_running(machine, status.running),
        actions=_actions(machine, runs=status.running is not None),
    )


def _tag(text: str, kind: str) -> Markup:
    return markup('<span class="tag {}">{}</span>', kind, text)


def _state(machine: Machine) -> Markup:
    kind = {"Succeeded": "good", "Failed": "bad"}.get(machine.provisioning_state, "")
    tag = _tag(machine.provisioning_state, kind)
    if machine.failure is None or kind != "bad":
        return tag
    code, message = machine.failure
    return markup('{} <span class="detail" title="{}">{}</span>', tag, message, code)


def _running(machine: Machine, progress: Progress | None) -> Markup:
    if progress is None:
        return Markup('<span class="detail">none</span>')
    value = Markup("") if progress.fraction is None else markup(' value="{}"', f"{progress.fraction:.2f}")
    template = (
        '<progress aria-label="Operation on {}" max="1"{}></progress> <span class="detail">{}: {}</span>'
    )
    return markup(template, machine.name, value, progress.operation.kind, progress.sentence())


def _actions(machine: Machine, *, runs: bool) -> Markup:
    buttons = [("finish", "Finish now")] if runs else [("reimage", "Reimage")]
    buttons.append(("fail", "Fail next"))
    return joined(
        markup(_BUTTON, action=action, id=machine.id, key=machine.key, name=machine.name, label=label)
        for action, label in buttons
    )

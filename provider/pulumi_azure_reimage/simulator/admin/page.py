"""The page of a served simulator: one HTML document, which is complete without JavaScript.

What changes without the user is in elements with `data-live`, whose children have a `data-key`. page.js
fetches the page again and replaces the children that changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .forms import ADVANCE, add_form, fail_form, reset_form, script_form
from .machine_rows import machine_rows
from .markup import Markup, joined, markup
from .reference import reference
from .request_rows import request_rows

if TYPE_CHECKING:
    from ..world.overview import MachineStatus, Overview

_SHOWN = 100
_NOTHING = Markup("")
_DOCUMENT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Simulated Azure</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<header>
<div>
<h1>Simulated Azure</h1>
<p>The simulator of pulumi-azure-reimage. Nothing in Azure is touched.</p>
</div>
<p class="time">Simulated time <strong id="now" data-live>{time} UTC</strong></p>
</header>
<main>
{error}<p id="message" role="status"></p>
<noscript><p class="note">Without JavaScript this page shows the moment at which it was loaded.
<a href="./">Load it again</a> to see what changed.</p></noscript>
<section aria-labelledby="machines-title">
<div class="title">
<h2 id="machines-title">Machines</h2>
<form method="get" role="search"><label>Name <input name="name" value="{wanted}" type="search"></label>
<button>Filter</button></form>
</div>
<table role="table" class="machines">
<thead role="rowgroup"><tr role="row">
<th role="columnheader" scope="col">Machine</th><th role="columnheader" scope="col">Power</th>
<th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">OS disk</th>
<th role="columnheader" scope="col">Version</th><th role="columnheader" scope="col">Running operation</th>
<th role="columnheader" scope="col">Actions</th></tr></thead>
<tbody role="rowgroup" id="machines" data-live>
{machines}
</tbody>
</table>
<p id="shown" data-live>{shown}</p>
</section>
<section aria-labelledby="controls-title">
<h2 id="controls-title">Controls</h2>
<datalist id="names" data-live>
{names}
</datalist>
<div class="forms">
{forms}
</div>
<h3>Pending faults</h3>
<ul id="faults" data-live>
{faults}
</ul>
<h3>Retained OS disks</h3>
<ul id="disks" data-live>
{disks}
</ul>
</section>
<section aria-labelledby="requests-title">
<h2 id="requests-title">Requests, newest first</h2>
<table role="table" class="requests">
<thead role="rowgroup"><tr role="row">
<th role="columnheader" scope="col">Time</th><th role="columnheader" scope="col">Method</th>
<th role="columnheader" scope="col">Status</th><th role="columnheader" scope="col">Machine</th>
<th role="columnheader" scope="col">Path and body</th></tr></thead>
<tbody role="rowgroup" id="requests" data-live>
{requests}
</tbody>
</table>
</section>
{reference}
</main>
</body>
</html>
"""


def render_page(overview: Overview, wanted: str, error: str) -> str:
    """Write the page. `wanted` is a part of the names to show, and `error` is what went wrong before."""
    found = [status for status in overview.machines if wanted.lower() in status.machine.name.lower()]
    shown = found[:_SHOWN]
    return markup(
        _DOCUMENT,
        time=f"{overview.now:%Y-%m-%d %H:%M:%S}",
        error=markup('<p class="error" role="alert">{}</p>\n', error) if error else _NOTHING,
        wanted=wanted,
        machines=machine_rows(shown),
        shown=_how_many(len(shown), len(found), len(overview.machines)),
        names=_names(shown),
        forms=joined((ADVANCE, fail_form(), add_form(), script_form(), reset_form())),
        faults=_items(overview.script, "No fault is pending."),
        disks=_items([disk.name for disk in overview.kept_disks()], "None."),
        requests=request_rows(overview.requests),
        reference=reference(),
    )


def _how_many(shown: int, found: int, existing: int) -> str:
    if shown < found:
        return f"The first {shown} of {found} machines. Filter by name to see others."
    return f"{shown} of {existing} machines." if found < existing else f"{existing} machines."


def _names(machines: list[MachineStatus]) -> Markup:
    template = '<option data-key="{0}" value="{1}">'
    return joined(markup(template, status.machine.key, status.machine.name) for status in machines)


def _items(texts: list[str] | tuple[str, ...], none: str) -> Markup:
    if not texts:
        return markup('<li data-key="none" class="none">{}</li>', none)
    # A line may occur twice, so its position is a part of its key.
    return joined(
        markup('<li data-key="{0} {1}"><code>{1}</code></li>', place, text)
        for place, text in enumerate(texts)
    )

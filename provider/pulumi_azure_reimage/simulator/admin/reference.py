"""The addresses of the admin API, as the page lists them."""

from __future__ import annotations

from .commands import READS, WRITES
from .markup import Markup, joined, markup

_SECTION = """\
<details class="reference">
<summary>For programs: the admin API</summary>
<p>A body is a JSON object or a form, and an answer is JSON. An error is
<code>{{"error": {{"code": …, "message": …}}}}</code> with a status from 400 on.</p>
<dl>
{}
</dl>
</details>"""
_ENTRY = "<div><dt><code>{} /_simulator/{}</code></dt><dd>{}.{}</dd></div>"


def reference() -> Markup:
    """List the addresses."""
    commands = [("GET", READS), ("POST", WRITES)]
    return markup(
        _SECTION,
        joined(
            markup(_ENTRY, method, name, command.summary.capitalize(), _keys(command.keys))
            for method, named in commands
            for name, command in named.items()
        ),
    )


def _keys(keys: tuple[str, ...]) -> Markup:
    return markup(" Keys: {}.", ", ".join(keys)) if keys else Markup("")

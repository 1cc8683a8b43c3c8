"""The forms of the page, which send the commands of the admin API."""

from __future__ import annotations

from ..faults.default_messages import OPERATION_CODES
from ..inventory.specification import MachineSpecification
from ..inventory.tables import keys_of
from ..inventory.values import Choice
from .markup import Markup, joined, markup

ADVANCE = Markup("""\
<form method="post" action="advance">
<h3>Advance the clock</h3>
<label>Seconds
<input name="seconds" type="number" min="0" max="315360000" step="any" value="60" required></label>
<button>Advance</button>
</form>""")
_FAIL = """\
<form method="post" action="fail">
<h3>Fail the next reimage</h3>
<label>Machine <input name="name" list="names" required autocomplete="off"></label>
<label>Code <select name="code">{}</select></label>
<label class="check"><input name="canceled" type="checkbox"> Canceled instead of Failed</label>
<button>Fail its next reimage</button>
</form>"""
_ADD = """\
<form method="post" action="add">
<h3>Add a machine</h3>
<label>Name <input name="name" required autocomplete="off"></label>
<label>Operating system <select name="os_type">{}</select></label>
<label>OS disk <select name="os_disk">{}</select></label>
<button>Add</button>
</form>"""
_SCRIPT = Markup("""\
<form method="post" action="script">
<h3>Script faults</h3>
<label>Lines <textarea name="lines" rows="3" placeholder="POST web-*: drop after send"></textarea></label>
<label class="check"><input name="clear" type="checkbox"> Clear the pending faults first</label>
<button>Run the script</button>
</form>""")
_RESET = Markup("""\
<form method="post" action="reset" data-confirm="Forget everything that happened to these machines?">
<h3>Start again</h3>
<p>Forgets everything that happened, and starts again from the inventory.</p>
<button class="danger">Reset</button>
</form>""")


def fail_form() -> Markup:
    """Write the form that makes a reimage end badly."""
    return markup(_FAIL, _options(OPERATION_CODES))


def add_form() -> Markup:
    """Write the form that creates a machine."""
    return markup(_ADD, _options(_choices("os_type")), _options(_choices("os_disk")))


def script_form() -> Markup:
    """Write the form of the script language."""
    return _SCRIPT


def reset_form() -> Markup:
    """Write the form that starts again."""
    return _RESET


def _choices(key: str) -> tuple[str, ...]:
    check = keys_of(MachineSpecification)[key].metadata["check"]
    return check.options if isinstance(check, Choice) else ()


def _options(values: tuple[str, ...]) -> Markup:
    return joined(markup("<option>{}</option>", value) for value in values)

"""Which inputs changed: those that are causes of a reimage, and those that wait for the next one.

Rule: no value of a trigger is ever printed. The provider does not know which of them are secret. Pulumi's own
diff shows values, and masks the secret ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..json_reading import get
from .parameters import CREATE, EXACT_VERSION, FAILED, TRIGGERS, Cause
from .triggers import TriggerChange, canonical, changed_keys
from .unknown import UNKNOWN, Unknown, has_unknown

if TYPE_CHECKING:
    from .parameters import ReimageInputs

# They are causes of a reimage, or identify the VM.
_NOT_STORED = frozenset({TRIGGERS, EXACT_VERSION, "vm_id"})

CREATED = Cause(CREATE, "created with reimage_on_create")


def failed(status: str, reason: str) -> Cause:
    """Return the cause of a reimage that repeats a failed one."""
    return Cause(FAILED, f"the last reimage ended {status}: {reason}")


def causes(old: Mapping[str, object], new: ReimageInputs) -> tuple[Cause, ...]:
    """Return why a reimage is due: changed triggers, then a changed `exact_version`.

    Args:
        old: The outputs in state, with the values that the last reimage or baseline was made for.
        new: The inputs of the program.
    """
    old_triggers = get(old, TRIGGERS)
    if isinstance(new.triggers, Unknown):
        changes = [TriggerChange(TRIGGERS, "unknown")]
    else:
        changed = changed_keys(old_triggers if isinstance(old_triggers, Mapping) else None, new.triggers)
        changes = [TriggerChange(f"{TRIGGERS}.{change.key}", change.kind) for change in changed]
    if new.exact_version is UNKNOWN:
        changes.append(TriggerChange(EXACT_VERSION, "unknown"))
    else:
        changes += changed_keys({EXACT_VERSION: get(old, EXACT_VERSION)}, {EXACT_VERSION: new.exact_version})
    return tuple(Cause(change.key, str(change), certain=change.kind != "unknown") for change in changes)


def stored(old: Mapping[str, object], new: Mapping[str, object], ignored: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the inputs that changed and wait for the next reimage.

    Args:
        old: The inputs in state.
        new: The inputs of the program.
        ignored: Names that the layer above uses for itself.
    """
    names = sorted((old.keys() | new.keys()) - _NOT_STORED - ignored)
    known = [name for name in names if not has_unknown(new.get(name))]
    return tuple(name for name in known if canonical(old.get(name)) != canonical(new.get(name)))

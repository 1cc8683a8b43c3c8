"""What a program requests, parsed once from its inputs: the VM, the causes, the parameters and the guards.

A value that a preview does not know yet is `UNKNOWN` if a decision depends on it, and is left out otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ..arm.resource_id import VirtualMachineId
from ..json_reading import drop_none
from .os_profile import OsProfile
from .timeout import parse_timeout
from .unknown import UNKNOWN, Unknown, drop_unknown

CREATE = "create"
FAILED = "failed"
EXACT_VERSION = "exact_version"
EXACT_VERSION_OF_OTHERS = "exactVersion"
"""Its name in `allowed_causes` in languages other than Python."""
TRIGGERS = "triggers"
TRIGGER_FILES = "trigger_files"

DeleteOption = Literal["Detach", "Delete"]
Preflight = Literal["enforce", "warn"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a reimage.

    Attributes:
        key: Its name in `allowed_causes`: `triggers.image`, `exact_version`, `create` or `failed`.
        text: The text that people read, such as `triggers.image changed`; never a value.
        certain: False if a preview does not know yet whether it has changed.
    """

    key: str
    text: str
    certain: bool = True

    def __str__(self) -> str:
        """Return the text."""
        return self.text

    def is_named_by(self, allowed: frozenset[str]) -> bool:
        """Return whether `allowed_causes` names it. `triggers` names every trigger."""
        return self.key in allowed or (self.key.startswith(f"{TRIGGERS}.") and TRIGGERS in allowed)


@dataclass(frozen=True, slots=True)
class Guards:
    """What prevents a reimage from being sent. By default, nothing does.

    Attributes:
        require_delete_option: What the VM's `deleteOption` must be.
        allowed_causes: The keys of the only causes that may reimage; None allows every cause.
        prevent_reimage: Whether every reimage is refused.
        stack_prevents: Whether the stack's configuration refuses every reimage.
        skip_if_current: Whether a VM that already runs `exact_version` is left alone.
        preflight: Whether a rule about Azure refuses, or only warns. It does not affect the guards above.
    """

    require_delete_option: DeleteOption | None = None
    allowed_causes: frozenset[str] | None = None
    prevent_reimage: bool = False
    stack_prevents: bool = False
    skip_if_current: bool = False
    preflight: Preflight = "enforce"


@dataclass(frozen=True, slots=True)
class ReimageParameters:
    """The parameters of the request, as in ARM's VirtualMachineReimageParameters; None leaves one out."""

    exact_version: str | None = None
    temp_disk: bool | None = None
    os_profile: OsProfile | None = None

    def resolved(self) -> ReimageParameters:
        """Return the parameters with the content of the file that they name, ready to be sent.

        Raises:
            InvalidInputError: The file can no longer be read, or the variable is no longer set.
        """
        return self if self.os_profile is None else replace(self, os_profile=self.os_profile.resolved())

    def to_arm(self) -> dict[str, object] | None:
        """Return the body of the request; None if no parameter is set, because then no body is sent."""
        body = drop_none(
            {
                "exactVersion": self.exact_version,
                "tempDisk": self.temp_disk,
                "osProfile": (self.os_profile and self.os_profile.to_arm()) or None,
            }
        )
        return body or None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts in it that no message may show. A file that it names is read for them."""
        return self.os_profile.secrets if self.os_profile else ()


@dataclass(frozen=True, slots=True)
class DesiredReimage:
    """A reimage that the program requests.

    Attributes:
        causes: The causes, at least one.
        parameters: What Azure is asked to do.
        guards: What must hold before it is sent.
    """

    causes: tuple[Cause, ...]
    parameters: ReimageParameters = ReimageParameters()
    guards: Guards = Guards()

    @property
    def certain(self) -> bool:
        """Whether at least one cause is certain."""
        return any(cause.certain for cause in self.causes)

    def as_uncertain(self) -> DesiredReimage:
        """Return the same reimage, marked as one that may turn out not to be due."""
        return replace(self, causes=tuple(replace(cause, certain=False) for cause in self.causes))

    @property
    def repeats(self) -> bool:
        """Whether it only repeats a failed reimage."""
        return all(cause.key == FAILED for cause in self.causes)

    @property
    def why(self) -> str:
        """All causes in one line."""
        return ", ".join(str(cause) for cause in self.causes)


@dataclass(frozen=True, slots=True)
class ReimageInputs:
    """The inputs of one VirtualMachineReimage.

    Attributes:
        vm_id: The VM.
        triggers: The triggers, whose values may be unknown in part.
        exact_version: The version, as a cause. It is unknown as long as a preview does not know it.
        parameters: The parameters of the request, without unknown ones.
        guards: The guards. An unknown one is off, and an unknown `preflight` only warns.
        timeout: Seconds to wait.
        reimage_on_create: Whether the creation is a cause.
    """

    vm_id: VirtualMachineId | Unknown
    triggers: Mapping[str, object] | Unknown
    exact_version: str | Unknown | None
    parameters: ReimageParameters
    guards: Guards
    timeout: float
    reimage_on_create: bool

    def desired(self, causes: tuple[Cause, ...]) -> DesiredReimage:
        """Return the reimage that these causes request."""
        return DesiredReimage(causes, self.parameters, self.guards)

    @property
    def unmatched_causes(self) -> tuple[str, ...]:
        """The names in `allowed_causes` that no trigger has."""
        if isinstance(self.triggers, Unknown):
            return ()
        keys = {f"{TRIGGERS}.{key}" for key in self.triggers}
        named = self.guards.allowed_causes or frozenset()
        return tuple(sorted(name for name in named if name.startswith(f"{TRIGGERS}.") and name not in keys))


def parse_inputs(props: Mapping[str, object], environ: Mapping[str, str]) -> ReimageInputs:
    """Return the inputs as one typed value.

    Args:
        props: Inputs that `check` accepts.
        environ: The environment variables of the process that runs Pulumi.

    Raises:
        InvalidInputError: `vm_id` or `timeout` cannot be used.
    """
    known = drop_unknown(props)
    vm_id, triggers, version = props.get("vm_id"), props.get(TRIGGERS), props.get(EXACT_VERSION)
    temp_disk, allowed = known.get("temp_disk"), known.get("allowed_causes")
    return ReimageInputs(
        vm_id=UNKNOWN if vm_id is UNKNOWN else VirtualMachineId.parse(vm_id),
        triggers=UNKNOWN if triggers is UNKNOWN else triggers if isinstance(triggers, Mapping) else {},
        exact_version=version if isinstance(version, str | Unknown) else None,
        parameters=ReimageParameters(
            exact_version=version if isinstance(version, str) else None,
            temp_disk=temp_disk if isinstance(temp_disk, bool) else None,
            os_profile=OsProfile.parse(known.get("os_profile"), environ),
        ),
        guards=Guards(
            require_delete_option=_delete_option(known.get("require_delete_option")),
            allowed_causes=_allowed_causes(allowed),
            prevent_reimage=known.get("prevent_reimage") is True,
            skip_if_current=known.get("skip_if_current") is True,
            # A preview that refuses what the update may send would be a dead end.
            preflight="warn" if props.get("preflight") in (UNKNOWN, "warn") else "enforce",
        ),
        timeout=parse_timeout(known.get("timeout")),
        reimage_on_create=known.get("reimage_on_create") is True,
    )


def secrets_in(props: Mapping[str, object], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the texts in inputs that no message may show. The inputs need not have passed `check`."""
    profile = OsProfile.parse(props.get("os_profile"), environ)
    return profile.secrets if profile else ()


def _delete_option(value: object) -> DeleteOption | None:
    match value:
        case "Detach" | "Delete":
            return value
        case _:
            return None


def _allowed_causes(value: object) -> frozenset[str] | None:
    if not isinstance(value, list | tuple):
        return None
    named = (cause for cause in value if isinstance(cause, str))
    return frozenset(EXACT_VERSION if cause == EXACT_VERSION_OF_OTHERS else cause for cause in named)

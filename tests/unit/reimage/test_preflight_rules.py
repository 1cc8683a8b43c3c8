"""The rules that a reimage must pass before it is sent: when each finds something, and when it does not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pulumi_azure_reimage.arm.image import Image, ImageVersion
from pulumi_azure_reimage.arm.management_locks import Lock
from pulumi_azure_reimage.arm.permissions import REIMAGE, Permissions, Role
from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.inputs.changes import CREATED, failed
from pulumi_azure_reimage.inputs.os_profile import OsProfile
from pulumi_azure_reimage.inputs.parameters import Cause, DesiredReimage, Guards
from pulumi_azure_reimage.reimage.observation import Missing, Observation, Unread
from pulumi_azure_reimage.reimage.preflight_rules import GUARDS, RULES, apply_guards, apply_preflight

from ..fakes import START, desired, disk, with_password

VERSION = "2.0.0"
PASSWORD = "Correct-horse-1"  # noqa: S105 - a made-up password to look for.
VM = VirtualMachine(
    name="web",
    provisioning_state="Succeeded",
    etag=None,
    disk=disk(),
    location="westeurope",
    os_type="Linux",
    image=Image(marketplace=("Canonical", "ubuntu", "server")),
    power="running",
)
ALL = Permissions((Role(("*",)),))
NONE = Permissions((Role(("*/read",)),))
WAYS_OUT = [rule.way_out for rule in GUARDS] + [rule.way_out for rule in RULES]
MANAGED_IMAGE = Image(id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i")
READ_ONLY = Lock("keep", "ReadOnly", "/subscriptions/s/resourcegroups/rg")
EPHEMERAL = replace(VM, disk=disk(ephemeral=True, delete_option="Delete"))


def sight(*, vm: VirtualMachine = VM, reimage: DesiredReimage | None = None, **read: Any) -> Observation:  # noqa: ANN401 - see Sight.
    """Return an observation of a VM without faults, except for those that are given."""
    return Observation(vm, reimage or desired(), START, **{"permissions": ALL, "locks": (), **read})


def guarding(**guards: Any) -> DesiredReimage:  # noqa: ANN401 - see Guards.
    """Return a reimage with guards."""
    return desired(guards=Guards(**guards))


def password(text: str) -> DesiredReimage:
    """Return a reimage that sets a password."""
    return desired(parameters=with_password(text))


def version(asked: str = VERSION) -> DesiredReimage:
    """Return a reimage to an exact version."""
    return desired(exact_version=asked)


def at(year: int) -> datetime:
    """Return a time."""
    return datetime(year, 1, 1, tzinfo=UTC)


# (the observation, whether the rule refuses, words of the message)
CASES = [
    pytest.param(
        sight(reimage=guarding(prevent_reimage=True)), True, "prevent_reimage is true.", id="protect"
    ),
    pytest.param(
        sight(reimage=guarding(stack_prevents=True)),
        True,
        "azure-reimage:preventReimage is true.",
        id="a stack that protects",
    ),
    pytest.param(
        sight(reimage=guarding(allowed_causes=frozenset({"exact_version"}))),
        True,
        "allowed_causes does not name the cause triggers.image changed.",
        id="allow: another cause",
    ),
    pytest.param(
        sight(reimage=guarding(allowed_causes=frozenset())),
        True,
        "allowed_causes does not name",
        id="allow: nothing",
    ),
    pytest.param(
        sight(reimage=guarding(require_delete_option="Delete")),
        True,
        "require_delete_option is Delete, and",
        id="to be deleted",
    ),
    pytest.param(
        sight(
            vm=replace(VM, disk=disk(delete_option="Delete")),
            reimage=guarding(require_delete_option="Detach"),
        ),
        True,
        "require_delete_option is Detach, and the VM's deleteOption is Delete. Set `deleteOption` on the VM",
        id="to be kept",
    ),
    pytest.param(
        sight(vm=EPHEMERAL, reimage=guarding(require_delete_option="Detach")),
        True,
        "cannot be kept",
        id="ephemeral, kept",
    ),
    pytest.param(sight(reimage=desired(temp_disk=True)), True, "temp_disk: Azure accepts it only", id="temp"),
    pytest.param(
        sight(vm=EPHEMERAL, reimage=version(), api_version="2020-06-01"),
        True,
        "exact_version: a reimage has no such parameter in api-version 2020-06-01.",
        id="exact_version, old api-version",
    ),
    pytest.param(
        sight(vm=EPHEMERAL, reimage=password(PASSWORD), api_version="2022-08-01"),
        True,
        "os_profile: a reimage has no such parameter in api-version 2022-08-01.",
        id="os_profile, old api-version",
    ),
    pytest.param(
        sight(api_version="2020-06-01"),
        False,
        "The OS disk is managed, and api-version 2020-06-01 is for ephemeral ones.",
        id="managed disk, old api-version",
    ),
    pytest.param(
        sight(reimage=password("Aa1" * 25)),
        True,
        "os_profile: a password for Linux must have 6 to 72 characters",
        id="a long password on Linux",
    ),
    pytest.param(
        sight(vm=replace(VM, os_type="windows"), reimage=password("Aa1-567")),
        True,
        "os_profile: a password for windows must have 8 to 123 characters",
        id="a short password on Windows",
    ),
    pytest.param(
        sight(vm=replace(VM, provisioned=False), reimage=desired(os_profile=OsProfile(custom_data="aGk="))),
        False,
        "os_profile: the VM's OS disk is specialized or was attached",
        id="os_profile on a specialized disk",
    ),
    pytest.param(
        sight(vm=replace(VM, image=None), reimage=desired(os_profile=OsProfile(custom_data="aGk="))),
        False,
        "os_profile: the VM's OS disk",
        id="os_profile on an attached disk",
    ),
    pytest.param(
        sight(vm=replace(VM, generalized=True)),
        False,
        "The VM is generalized. Azure may refuse, and nothing is lost then.",
        id="generalized",
    ),
    pytest.param(
        sight(vm=replace(VM, power="deallocated")),
        False,
        "The VM is deallocated. Azure may refuse, and nothing is lost then.",
        id="deallocated",
    ),
    pytest.param(
        sight(vm=replace(VM, power="deallocating")), False, "The VM is deallocating.", id="deallocating"
    ),
    pytest.param(
        sight(vm=replace(VM, provisioning_state="Deleting")),
        True,
        "The VM is being deleted. Remove it from the program",
        id="being deleted",
    ),
    pytest.param(
        sight(locks=(Lock("x", "CanNotDelete", "/a"), READ_ONLY)),
        True,
        "A ReadOnly lock refuses every action on the VM: keep on rg.",
        id="lock",
    ),
    pytest.param(
        sight(permissions=NONE),
        True,
        "may not perform Microsoft.Compute/virtualMachines/reimage/action",
        id="role",
    ),
    pytest.param(
        sight(vm=replace(VM, image=MANAGED_IMAGE), reimage=version()),
        True,
        "is a managed image",
        id="managed",
    ),
    pytest.param(
        sight(vm=replace(VM, image=None), reimage=version()), True, "OS disk has no image", id="no image"
    ),
    pytest.param(
        sight(reimage=version(), version=Missing()),
        True,
        "exact_version: 2.0.0 does not exist for the VM's image in its region.",
        id="no such version",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(replicated=False)),
        True,
        "exact_version: 2.0.0 is not replicated to westeurope.",
        id="not replicated",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(replicated=False, replication="Failed")),
        True,
        "exact_version: 2.0.0 is not replicated to westeurope.",
        id="not replicated any more",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(replicated=True, replication="Replicating")),
        False,
        "exact_version: 2.0.0 is still being replicated to westeurope. One replica there is enough.",
        id="replicating",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(replicated=True, replication="Failed")),
        False,
        "exact_version: 2.0.0 was not completely replicated to westeurope.",
        id="a failed replica",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(replication="Unknown")),
        False,
        "exact_version: 2.0.0 has the replication state Unknown in westeurope.",
        id="replication unknown",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(deprecated=True, ends_at=at(2025))),
        True,
        "exact_version: its publisher has deprecated 2.0.0.",
        id="deprecated",
    ),
    pytest.param(
        sight(reimage=version("1.0.0")), False, "exact_version: the VM already runs 1.0.0.", id="the same"
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(excluded=True)),
        False,
        "exact_version: 2.0.0 is excluded from latest.",
        id="excluded",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(ends_at=at(2026))),
        False,
        "2.0.0 reached its end of life on 2026-01-01.",
        id="end of life",
    ),
    pytest.param(
        sight(reimage=version(), version=ImageVersion(ends_at=at(2027))),
        False,
        "2.0.0 reaches its end of life on 2027-01-01.",
        id="an end is planned",
    ),
    pytest.param(sight(vm=replace(VM, image=None)), False, "has no image to rebuild", id="attached"),
    pytest.param(
        sight(vm=replace(VM, provisioning_state="Failed")), False, "state of the VM is Failed.", id="failed"
    ),
    pytest.param(
        sight(vm=replace(VM, provisioning_state="Updating")),
        False,
        "Azure is working on the VM (Updating). The update waits",
        id="busy",
    ),
    pytest.param(
        sight(vm=replace(VM, provisioning_state="Updating", power="stopping")),
        False,
        "Azure is working on the VM (Updating). The update waits",
        id="busy, and stopping for that",
    ),
    pytest.param(sight(vm=replace(VM, power="stopped")), False, "The VM is stopped.", id="stopped"),
    pytest.param(
        sight(vm=replace(VM, scale_set_id="/virtualMachineScaleSets/flex")),
        False,
        "The VM is in the scale set flex.",
        id="scale set",
    ),
    pytest.param(
        sight(permissions=Unread("no"), locks=Unread("not allowed")),
        False,
        "could not be read: the identity's permissions (no); the locks on the VM (not allowed).",
        id="unread",
    ),
    pytest.param(
        sight(version=Unread("not allowed")), False, "the image version (not allowed)", id="version unread"
    ),
    pytest.param(
        sight(permissions=Permissions((), complete=False)), False, "all of the identity's", id="more pages"
    ),
    pytest.param(sight(permissions=Permissions(())), False, "all of the identity's permissions", id="empty"),
    pytest.param(
        sight(permissions=Permissions((Role(("Microsoft.Network/*",)),))),
        False,
        "all of the identity's permissions",
        id="without the right that it has just used",
    ),
]


@pytest.mark.parametrize(("seen", "refuses", "words"), CASES)
def test_a_rule_says_what_is_wrong_and_the_way_out(seen: Observation, words: str, *, refuses: bool) -> None:
    """Exactly one rule finds something."""
    (found,) = apply_preflight(seen)

    assert found.is_error is refuses
    assert words in found.text
    assert PASSWORD not in found.text
    assert any(found.text.endswith(way_out) for way_out in WAYS_OUT)


def test_every_rule_speaks_in_a_case() -> None:
    """A rule that never finds anything is useless."""
    seen = [case.values[0] for case in CASES]
    said = [found.text for one in seen if isinstance(one, Observation) for found in apply_preflight(one)]

    assert [way_out for way_out in WAYS_OUT if not any(text.endswith(way_out) for text in said)] == []


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(sight(), id="nothing special"),
        pytest.param(sight(permissions=None, locks=None), id="nothing was asked"),
        pytest.param(
            sight(reimage=guarding(allowed_causes=frozenset({"triggers"}), require_delete_option="Detach")),
            id="guards",
        ),
        pytest.param(
            sight(vm=EPHEMERAL, reimage=guarding(require_delete_option="Delete")), id="ephemeral, deleted"
        ),
        pytest.param(sight(vm=EPHEMERAL, reimage=desired(temp_disk=True)), id="temp_disk, ephemeral"),
        pytest.param(sight(reimage=desired(temp_disk=False)), id="temp_disk false"),
        pytest.param(sight(reimage=version(), api_version="2022-11-01"), id="api-version of the parameters"),
        pytest.param(sight(reimage=version(), api_version="2026-08-06-preview"), id="newer api-version"),
        pytest.param(
            sight(vm=EPHEMERAL, reimage=desired(temp_disk=True), api_version="2020-06-01"),
            id="old api-version, temp_disk",
        ),
        pytest.param(sight(reimage=password("Aa1" * 24)), id="72 characters on Linux"),
        pytest.param(sight(vm=replace(VM, os_type=None), reimage=password("Aa1" * 40)), id="unknown OS"),
        pytest.param(sight(vm=replace(VM, provisioned=False)), id="specialized without os_profile"),
        pytest.param(sight(reimage=version(), version=ImageVersion(replicated=True)), id="a good version"),
        pytest.param(sight(vm=replace(VM, image=Image()), reimage=version()), id="an unknown image"),
        pytest.param(
            sight(permissions=Permissions((Role(("*",)),), complete=False)), id="allowed on the first page"
        ),
        pytest.param(sight(permissions=Permissions((Role((REIMAGE,)),))), id="allowed, by a partial list"),
        pytest.param(
            sight(
                vm=replace(VM, provisioning_state="Failed"), reimage=desired(failed("Failed", "It broke."))
            ),
            id="failed, and that is why",
        ),
    ],
)
def test_no_rule_speaks_without_a_reason(seen: Observation) -> None:
    """Users stop reading a warning that is always there."""
    assert apply_preflight(seen) == ()


def test_a_cause_that_is_not_known_yet_is_not_refused_by_allow() -> None:
    """The value may turn out to be unchanged."""
    unknown = Cause("triggers.image", "triggers.image not known yet", certain=False)

    assert apply_guards(desired(unknown, guards=Guards(allowed_causes=frozenset()))) == ()


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        pytest.param(
            failed("Failed", "It broke."), "the cause `failed`: the last reimage ended", id="failed"
        ),
        pytest.param(CREATED, "the cause `create`: created with reimage_on_create.", id="create"),
        pytest.param(
            Cause("exact_version", "exact_version set"), "the cause exact_version set.", id="version"
        ),
    ],
)
def test_a_refused_cause_is_named_by_the_word_that_allows_it(cause: Cause, words: str) -> None:
    """The user can copy it from the refusal into `allowed_causes`."""
    (found,) = apply_guards(desired(cause, guards=Guards(allowed_causes=frozenset({"triggers"}))))

    assert words in found.text


def test_every_guard_is_one_and_every_refusal_about_azure_has_its_evidence() -> None:
    """A guess about Azure may warn, but must not stop a user."""
    assert [rule.when for rule in GUARDS if not rule.is_guard] == []
    assert [rule.when for rule in RULES if rule.is_guard] == [RULES[0].when]
    refusals = [rule for rule in RULES if rule.severity == "error" and not rule.is_guard]
    assert [rule.when for rule in refusals if not rule.evidence] == []

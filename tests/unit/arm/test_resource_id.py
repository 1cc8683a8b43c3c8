"""Resource ids: what is accepted, how it is compared, and what each refusal says."""

import pytest

from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from pulumi_azure_reimage.errors import InvalidInputError

SUBSCRIPTION = "0e5c1f2a-7b1d-4f0e-9c55-2a1b3c4d5e6f"
GROUP_PATH = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/web-rg"
COMPUTE = f"{GROUP_PATH}/providers/Microsoft.Compute"
VM_ID = f"{COMPUTE}/virtualMachines/web-1"


def _vm_id(*, subscription: str = SUBSCRIPTION, group: str = "rg", name: str = "web") -> str:
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.Compute/virtualMachines/{name}"
    )


def test_the_parts_of_an_id_are_read() -> None:
    """The three names are those that the caller wrote."""
    assert VirtualMachineId.parse(VM_ID) == VirtualMachineId(SUBSCRIPTION, "web-rg", "web-1")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(VM_ID, id="as ARM writes it"),
        pytest.param(VM_ID + "/", id="slash at the end"),
        pytest.param(
            f"/SUBSCRIPTIONS/{SUBSCRIPTION}/resourcegroups/web-rg/PROVIDERS/microsoft.compute/VIRTUALMACHINES/web-1",
            id="keywords in another case",
        ),
    ],
)
def test_every_spelling_of_an_id_gives_arms_own_keywords(text: str) -> None:
    """The path that is sent does not depend on who wrote the id."""
    assert str(VirtualMachineId.parse(text)) == VM_ID


def test_the_names_keep_the_callers_spelling() -> None:
    """ARM answers with the spelling of the request, and users search for their own spelling."""
    assert str(VirtualMachineId.parse(_vm_id(group="Web-RG", name="Web-1"))) == _vm_id(
        group="Web-RG", name="Web-1"
    )


@pytest.mark.parametrize(
    "group",
    [
        "a",
        "g" * 90,
        "rg_(test).1",
        "_rg",
        "-rg",
        "a..b",
        "資源",
        "Größe",
        pytest.param("e\u0301tat", id="decomposed accent"),
    ],
)
def test_a_group_name_that_azure_allows_is_accepted(group: str) -> None:
    """Group names are Unicode letters, digits, underscores, parentheses, hyphens and periods."""
    assert VirtualMachineId.parse(_vm_id(group=group)).resource_group == group


@pytest.mark.parametrize("name", ["a", "v" * 80, "web.internal", "web_1", "web_", "9", "größe"])
def test_a_vm_name_that_azure_allows_is_accepted(name: str) -> None:
    """The API accepts more names than the portal."""
    assert VirtualMachineId.parse(_vm_id(name=name)).name == name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(None, "as text", id="nothing"),
        pytest.param(7.0, "as text", id="number"),
        pytest.param([VM_ID], "as text", id="list"),
        pytest.param("", "does not name", id="empty"),
        pytest.param("/", "does not name", id="slash"),
        pytest.param("web-1", "is not a resource id", id="a name only"),
        pytest.param(VM_ID[1:], "is not a resource id", id="no slash in front"),
        pytest.param(f"https://management.azure.com{VM_ID}", "is not a resource id", id="URL"),
        pytest.param(f" {VM_ID}", "is not a resource id", id="space in front"),
        pytest.param(f"//subscriptions/{SUBSCRIPTION}", "is not a resource id", id="doubled slash"),
        pytest.param(f"{VM_ID}//", "does not name", id="two slashes at the end"),
        pytest.param(GROUP_PATH, "does not name", id="resource group"),
        pytest.param(f"{COMPUTE}/disks/os", "does not name", id="disk"),
        pytest.param(f"{COMPUTE}/virtualMachines", "does not name", id="no name"),
        pytest.param(f"{VM_ID}/extensions/x", "does not name", id="extension"),
        pytest.param(f"{VM_ID}/reimage", "does not name", id="action"),
        pytest.param(
            f"{GROUP_PATH}/providers/Microsoft.ClassicCompute/virtualMachines/web-1",
            "does not name",
            id="classic VM",
        ),
        pytest.param(f"{COMPUTE}/virtualMachineScaleSets/set", "does not name", id="scale set"),
        pytest.param(
            f"{COMPUTE}/virtualMachineScaleSets/set/virtualMachines/0",
            "instance of a scale set",
            id="scale-set VM",
        ),
        pytest.param(_vm_id(subscription=""), "subscription id", id="no subscription"),
        pytest.param(_vm_id(subscription="{subscriptionId}"), "subscription id", id="placeholder"),
        pytest.param(_vm_id(subscription=".."), "subscription id", id="dots as subscription"),
        pytest.param(_vm_id(group=""), "resource group", id="no group"),
        pytest.param(_vm_id(group=".."), "resource group", id="dots as group"),
        pytest.param(_vm_id(group="g" * 91), "resource group", id="group too long"),
        pytest.param(_vm_id(group="rg."), "resource group", id="group ends with a period"),
        pytest.param(_vm_id(group="a b"), "resource group", id="group with a space"),
        pytest.param(_vm_id(group="rg%2Fx"), "resource group", id="encoded slash in group"),
        pytest.param(_vm_id(group="rg\\x"), "resource group", id="backslash in group"),
        pytest.param(_vm_id(name=""), "does not name", id="empty name"),
        pytest.param(_vm_id(name="."), "VM name", id="dot as name"),
        pytest.param(_vm_id(name=".."), "VM name", id="dots as name"),
        pytest.param(_vm_id(name="v" * 81), "VM name", id="name too long"),
        pytest.param(_vm_id(name="_web"), "VM name", id="name begins with an underscore"),
        pytest.param(_vm_id(name="web-"), "VM name", id="name ends with a hyphen"),
        pytest.param(_vm_id(name="web?api-version=1"), "VM name", id="query"),
        pytest.param(_vm_id(name="web#x"), "VM name", id="fragment"),
        pytest.param(_vm_id(name="web%2Freimage"), "VM name", id="encoded slash in name"),
        pytest.param(_vm_id(name="web\n"), "VM name", id="newline"),
        pytest.param(_vm_id(name="web\x00"), "VM name", id="null character"),
        pytest.param(_vm_id(name="web(1)"), "VM name", id="parentheses in name"),
        pytest.param(_vm_id(name="web;x"), "VM name", id="semicolon"),
    ],
)
def test_what_is_not_the_id_of_a_vm_is_refused_with_its_reason(text: object, reason: str) -> None:
    """Each kind of mistake has its own sentence, which names the input."""
    with pytest.raises(InvalidInputError, match=reason) as refusal:
        VirtualMachineId.parse(text)

    assert refusal.value.input_name == "vm_id"
    assert "\n" not in refusal.value.message


def test_a_refused_id_is_quoted_without_what_a_url_may_carry() -> None:
    """A user may paste a whole operation URL by mistake."""
    with pytest.raises(InvalidInputError) as refusal:
        VirtualMachineId.parse("https://user:pw@management.azure.com/x?sig=abcdef")

    assert "'https://management.azure.com/x'" in refusal.value.message


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(VM_ID, True, id="equal"),
        pytest.param(VM_ID.upper(), True, id="in capitals"),
        pytest.param(VM_ID + "/", True, id="slash at the end"),
        pytest.param(VM_ID + "0", False, id="another name"),
        pytest.param(VM_ID.replace("web-rg", "other-rg"), False, id="another group"),
        pytest.param(VM_ID.replace(SUBSCRIPTION[:8], "11111111"), False, id="another subscription"),
    ],
)
def test_ids_are_compared_without_case(other: str, same: bool) -> None:  # noqa: FBT001 - A column of the table.
    """ARM ids that differ only in case are the same."""
    assert (VirtualMachineId.parse(VM_ID).key == VirtualMachineId.parse(other).key) is same


def test_groups_that_only_case_folding_makes_equal_stay_two() -> None:
    """A machine in one of them must not count as a machine in the other."""
    machines = [VirtualMachineId.parse(_vm_id(group=group)) for group in ("straße", "strasse")]

    assert machines[0].key != machines[1].key


def test_ids_of_the_same_machine_share_a_key() -> None:
    """The key can be used in a dictionary."""
    keys = {VirtualMachineId.parse(text).key for text in (VM_ID, VM_ID.upper(), VM_ID.lower())}

    assert keys == {VM_ID.lower()}

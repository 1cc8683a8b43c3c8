"""What the simulator does not imitate, each with its reason: a page lists it, or recordings show it.

Rule 1: a difference from a recording that is not listed here fails a test.
Rule 2: a listed difference that no longer occurs also fails one, and so does a sentence that the page lacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .comparison import Difference


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that is not imitated.

    Attributes:
        name: What the test calls it.
        said: The page's sentences.
        reason: Why it stays so.
        places: Where the recordings show it, with `*` as in file names, and what Azure has there.
            If there are none, a test in `test_deviations.py` shows it.
    """

    name: str
    said: str
    reason: str
    places: Mapping[str, str] = field(default_factory=dict)


_VIEW = "vm_reimage_202*: GET with instance view: body.properties.instanceView"
_NUMBERS = "header x-ms-ratelimit-remaining-resource, numbers"
_NAMES = "header x-ms-ratelimit-remaining-resource, names"
_WRITES = "header x-ms-ratelimit-remaining-subscription-writes"

DEVIATIONS = (
    Deviation(
        "nothing-runs",
        "Nothing runs: no operating system, no provisioning, no extension, no cloud-init. "
        "A reimage is a timer and a new disk name.",
        "What runs on a VM is not part of ARM's contract.",
    ),
    Deviation(
        "made-up",
        "Facts for which the inventory has no key are invented: the VM's administrator, its network "
        "interface and the sizes of its data disks; the guest and the times of the statuses in its "
        "instance view; and the date on which an image version was published.",
        "No decision about a reimage depends on them.",
        {
            "vm_reimage_202*: GET*: body.properties.osProfile.adminUsername": "who created it chose it",
            "vm_reimage_202*: GET*: body.properties.networkProfile.networkInterfaces.0.id": "as did its tool",
            f"{_VIEW}.osName": "CentOS",
            f"{_VIEW}.osVersion": "CentOS",
            f"{_VIEW}.vmAgent.vmAgentVersion": "2.9 in 2023",
            f"{_VIEW}.hyperVGeneration": "V1",
            f"{_VIEW}*statuses.0.time": "some seconds after the creation",
        },
    ),
    Deviation(
        "nothing-else",
        "Subscriptions, resource groups and networks are stubs. A write of one of them, or of a disk,"
        " ends at once. A VM's data disks are only listed in the VM. Every other resource, such as a "
        "scale set, answers 404.",
        "A reimage needs nothing else.",
        {
            f"vmss_*: POST: {_NAMES}": "policies of scale sets",
            "vmss_*: POST: header x-ms-request-charge": "scale sets only",
        },
    ),
    Deviation(
        "templates",
        "A template deployment does what `az vm create` writes for one VM: parameters, variables, "
        "outputs, `concat`, `resourceId`, `resourceGroup` and `subscription`. All other functions, "
        "`copy`, conditions, links and nested templates are refused. If a resource provider refuses a"
        " resource, the deployment fails after it has begun, whereas Azure refuses some of these before.",
        "A script may create the VM that it reimages; Azure's own checks before a deployment are not public.",
    ),
    Deviation(
        "one-version",
        "Every API version gets the answers of 2024-07-01, as they were recorded in 2024, and the "
        "request log notes it. Older recordings have shorter links, other throttling headers and "
        'other keys. With `api_versions = "listed"`, versions that are not listed are refused.',
        "Each SDK sends its own version, and nothing of a reimage is known to depend on it.",
        {
            "vm_reimage_2023*: POST: length of location": "140 characters less, with another certificate",
            "vm_reimage_2023*: GET*: body.etag": "not there before 2024-07-01",
            "vm_reimage_2023*: GET: header etag": "not there before 2024-07-01",
            "vm_reimage_2023*: GET*.linuxConfiguration.enableVMAgentPlatformUpdates": "there until then",
            "vm_reimage_2023*: POST: header x-ms-ratelimit-remaining-subscription-global-writes": "not there",
            f"vm_reimage_2023*: POST: {_WRITES}": "1199, of 1,200 an hour",
            f"*_2019-*: POST: {_WRITES}": "1199, of 1,200 an hour",
            "*_2019-*: POST: header azure-asyncoperation, parameters": "not signed",
            "*_2019-*: POST: header location, parameters": "not signed",
            f"*_2019-*: *: {_NAMES}": "windows of 3 and 30 minutes",
            "*_2019-*: poll: body.startTime": "Pacific time",
            "*_2019-*: poll: body.endTime": "Pacific time",
        },
    ),
    Deviation(
        "throttling",
        "Throttling counts the requests to this simulator, with the documented limits. Azure counts "
        "those of all clients, and the counts of its servers differ.",
        "What others do to a subscription cannot be imitated.",
        {
            f"*: GET*: {_NUMBERS}": "less than a full bucket",
            f"*: poll: {_NUMBERS}": "44, 43, 44, 42 in four polls, with half a minute between them",
            f"vmss_*: location: {_NUMBERS}": "41 after that",
        },
    ),
    Deviation(
        "exact-time",
        "Time is exact: an operation starts with its request and lasts `operation_seconds`. In Azure,"
        " a reimage lasts one to four minutes.",
        "Tests and quick starts want short operations of a known length.",
        {"*_2019-*: POST: header date": "the operation started up to a second after the answer"},
    ),
    Deviation(
        "exact-version",
        "Any `exact_version` becomes the VM's version, unless an `[[image]]` lists the versions that "
        "exist. In a recording, Azure accepted a version that does not exist and left the VM's "
        "version as it was.",
        'What it does today is not known; `unknown_version = "ignore"` does what was recorded.',
        {"vm_reimage_2023*: GET: body.properties.storageProfile.imageReference.exactVersion": "as it was"},
    ),
    Deviation(
        "sign-in",
        "A token is required but not checked. `actions` in the inventory determines what its owner may do.",
        "A test that needs a tenant is no test.",
    ),
    Deviation(
        "status-times",
        "Each operation moves the time of the OS disk's status in the instance view. In recordings, "
        "Azure sometimes did not change it.",
        "A client that survives the move survives its absence.",
    ),
    Deviation(
        "activity-log",
        "The activity log shows each write exactly `activity_log_seconds` later. Its callers are "
        "invented, because tokens are not read. A `reimage` is the only command, or call of a test, that "
        "the log shows.",
        "Azure's log is late by 3 to 20 minutes, and nothing says by how much.",
    ),
    Deviation(
        "guesses",
        "Behaviour that was never recorded follows Azure's documentation or is a guess: refusals, an "
        "operation URL that was tampered with, the `Location` of a failed operation, what a failed "
        "reimage leaves of its VM, the power state during a reimage, how long an operation can be "
        "polled, the documents of disks, locks and image versions, and the answer to a reimage with a"
        " version that the VM cannot have.",
        "No recording of them is public.",
    ),
)


def listed(difference: Difference) -> list[str]:
    """Return the listed places that match a difference."""
    return [
        place
        for deviation in DEVIATIONS
        for place in deviation.places
        if fnmatchcase(difference.place, place)
    ]

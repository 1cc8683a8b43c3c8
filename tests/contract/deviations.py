"""What the simulator does not imitate, each with its reason: the README's list, and what the recordings show.

Rule 1: a difference from a recording that is not listed here fails a test.
Rule 2: so does a listed one that no longer occurs, and a sentence that the README does not have.
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
        said: The README's sentences.
        reason: Why it stays so.
        places: Where the recordings show it, with `*` as in file names, and what stands there in Azure.
            Without any, a test in `test_deviations.py` shows it.
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
        "What the inventory has no key for is made up: the VM's administrator and network interface, "
        "in its instance view the guest and how long after the creation its statuses are, "
        "the size of its data disks, "
        "and when an image version was published.",
        "Nobody who reimages decides by them.",
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
        "Beside VMs and their operations, extensions, permissions, locks, OS disks, image versions and the "
        "activity log there "
        "are only stubs of subscriptions, resource groups, deployments and networks; "
        "each request for one of them, and for a disk, is over at once. "
        "Every other address answers 404, scale sets too; a VM's data disks are only listed in it.",
        "Nothing else is asked for by a reimage.",
        {
            f"vmss_*: POST: {_NAMES}": "policies of scale sets",
            "vmss_*: POST: header x-ms-request-charge": "scale sets only",
        },
    ),
    Deviation(
        "templates",
        "A template deployment does what `az vm create` writes for one VM: parameters, variables, outputs, "
        "`concat`, `resourceId`, `resourceGroup` and `subscription`. Every other function, `copy`, "
        "conditions, links and nested templates are refused. "
        "What a resource provider refuses fails the deployment after it began, "
        "where Azure refuses some of it before.",
        "A script may create the VM that it reimages; Azure's own checks before a deployment are not public.",
    ),
    Deviation(
        "one-version",
        "Every API version is answered as 2024-07-01 is, in the form recorded in 2024, and the request log "
        "says so; older recordings have shorter links, other throttling headers and other keys. "
        'With `api_versions = "listed"`, other versions are refused.',
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
        "Throttling counts this simulator's requests, with the documented limits; "
        "Azure's numbers move with everybody's requests and differ between its servers.",
        "What others do to a subscription cannot be imitated.",
        {
            f"*: GET*: {_NUMBERS}": "less than a full bucket",
            f"*: poll: {_NUMBERS}": "44, 43, 44, 42 in four polls, with half a minute between them",
            f"vmss_*: location: {_NUMBERS}": "41 after that",
        },
    ),
    Deviation(
        "exact-time",
        "Time is exact: an operation starts with its request and takes `operation_seconds`, "
        "where Azure takes one to four minutes.",
        "Tests and quick starts want short operations of a known length.",
        {"*_2019-*: POST: header date": "the operation started up to a second after the answer"},
    ),
    Deviation(
        "exact-version",
        "An `exact_version` becomes the VM's version, unless an `[[image]]` says which exist; "
        "Azure was recorded to accept one that does not exist, and to leave the version as it was.",
        'What it does today is not known; `unknown_version = "ignore"` does what was recorded.',
        {"vm_reimage_2023*: GET: body.properties.storageProfile.imageReference.exactVersion": "as it was"},
    ),
    Deviation(
        "sign-in",
        "Every sign-in is accepted: a token is required, but not checked. "
        "What its owner may do is `actions` in the inventory.",
        "A test that needs a tenant is no test.",
    ),
    Deviation(
        "status-times",
        "Each operation moves the time of the OS disk's status in the instance view; "
        "Azure was recorded to leave it as it was now and then.",
        "A client that survives the move survives its absence.",
    ),
    Deviation(
        "activity-log",
        "The activity log shows what was requested, `activity_log_seconds` later and not sooner; "
        "what commands and tests do to machines is not in it, except `reimage`, "
        "and its callers are made up, because tokens are not read.",
        "Azure's log is late by 3 to 20 minutes, and nothing says by how much.",
    ),
    Deviation(
        "guesses",
        "What was never recorded follows Azure's documentation or is a guess: refusals, "
        "an operation URL that was tampered with, the `Location` of a failed operation, "
        "what a failed reimage leaves of its VM, the power state during a reimage, "
        "how long an operation can be polled, the documents of a disk, of locks and of image versions, "
        "and what a reimage answers to a version that the VM cannot have.",
        "No recording of them is public.",
    ),
)


def listed(difference: Difference) -> list[str]:
    """Return the listed places that a difference is at."""
    return [
        place
        for deviation in DEVIATIONS
        for place in deviation.places
        if fnmatchcase(difference.place, place)
    ]

"""Recorded traffic of Azure as one list of exchanges, independent of the recorder that wrote it.

The files are public test recordings; the key `source` of each says where it is from.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "recordings"
_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_HOST = "https://management.azure.com"

CLI_2023 = "vm_reimage_2023-11-01"
CLI_2024 = "vm_reimage_2024-08-26"
POWERSHELL_2019 = "vm_reimage_ephemeral_2019-01-16"
SCALE_SET_2024 = "vmss_reimage_2024-08-26"
FAILED = "compute_lro_failed_samples"
RECORDINGS = (CLI_2023, CLI_2024, POWERSHELL_2019, SCALE_SET_2024, FAILED)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request, and what Azure answered.

    Attributes:
        url: Without the signature parameters, which the recordings trim; `url_length` is that of the whole.
        answer: The JSON document of the answer, or empty if there is none.
        at: The `Date` of the answer.
        link_length: The length of the `Location` that was answered.
        all_headers: Whether `headers` are complete, apart from those that the recorder strips.
    """

    method: str
    url: str
    body: object
    status: int
    answer: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    link_length: int | None = None
    all_headers: bool = False


def load(name: str) -> list[Recorded]:
    """Read a recording."""
    document = json.loads((_FOLDER / f"{name}.json").read_text())
    if name == FAILED:
        return [_failed_poll(sample) for sample in document]
    if name == POWERSHELL_2019:
        return list(_of_powershell(document))
    return [_of_cli(interaction) for interaction in document["interactions"]]


def ephemeral_facts() -> Mapping[str, Any]:
    """Return what the PowerShell recording says about its VM besides the requests."""
    document: Mapping[str, Any] = json.loads((_FOLDER / f"{POWERSHELL_2019}.json").read_text())
    return document


def _of_cli(interaction: Mapping[str, Any]) -> Recorded:
    request, response = interaction["request"], interaction["response"]
    return Recorded(
        method=request["method"],
        url=request["uri"],
        body=request["body"],
        status=response["status"],
        answer=response["body"],
        headers=response["headers"],
        at=_date(response["headers"]),
        link_length=response["location_length"],
        all_headers=True,
    )


def _failed_poll(sample: Mapping[str, Any]) -> Recorded:
    request, response = sample["request"], sample["response"]
    return Recorded(request["method"], request["uri"], None, response["status"], response["body"])


def _of_powershell(document: Mapping[str, Any]) -> Iterator[Recorded]:
    """Expand the shorthand of this transcription: names of links, and one poll that stands for seven."""
    links: dict[str, str] = {}
    for interaction in document["interactions"]:
        text = json.dumps(interaction).replace("/subscriptions/SUB/", f"/subscriptions/{_SUBSCRIPTION}/")
        request, response = json.loads(text)["request"], json.loads(text)["response"]
        headers = {name.lower(): value for name, value in response["headers"].items()}
        url = links.get(request["uri"].split(" ")[0], f"{_HOST}{request['uri']}")
        links |= {
            "Azure-AsyncOperation": headers.get("azure-asyncoperation", links.get("Azure-AsyncOperation", ""))
        }
        links |= {"Location": headers.get("location", links.get("Location", ""))}
        for at in _moments(interaction, headers):
            yield Recorded(
                request["method"], url, request.get("body"), response["status"], response["body"], headers, at
            )


def _moments(interaction: Mapping[str, Any], headers: Mapping[str, str]) -> list[datetime]:
    day = datetime(2019, 1, 16, tzinfo=UTC)
    repeated, _, _ = interaction.get("repeated", "").partition(" GMT")
    clocks = [time.fromisoformat(clock) for clock in repeated.split(", ") if clock]
    return [datetime.combine(day, clock, UTC) for clock in clocks] or [_date(headers)]


def _date(headers: Mapping[str, str]) -> datetime:
    return parsedate_to_datetime(headers["date"])

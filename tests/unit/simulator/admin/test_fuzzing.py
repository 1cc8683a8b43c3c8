"""Requests to the admin API that are nearly valid: each gets a proper answer, and the world stays intact."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from pulumi_azure_reimage.simulator.admin.commands import READS, WRITES

if TYPE_CHECKING:
    from .conftest import Admin

REQUESTS = 400
VALUES: list[object] = [
    *(None, True, 0, -1, 1.5, 10**30, float("nan"), "", "kept", "web", "x" * 500, "\ud800", "\x00", "<&>é"),
    *("*", "/", '"', "60", "a b", "{0}", ":", ["a"], [["b"]], {"a": 1}, {"id": "/x"}, {"sku": "y"}, [], {}),
]
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_request_breaks_the_admin_api(admin: Admin, seed: int) -> None:
    """A failure can be reproduced with its seed."""
    chance = random.Random(seed)  # noqa: S311 - variety, not secrecy.
    for _ in range(REQUESTS):
        name = chance.choice([*WRITES, *READS, "", "x"])
        keys = {**READS, **WRITES}[name].keys if name in {**READS, **WRITES} else ("name",)
        values = {
            key: chance.choice(VALUES) for key in chance.sample(keys, min(len(keys), chance.randint(0, 4)))
        }
        form = urlencode(values, errors="replace")
        headers = {"accept": chance.choice(["text/html", "*/*"])}
        answers = [
            admin.send("GET", f"{name}?{form}", headers=headers),
            admin.send("POST", name, json.dumps(values).encode(), headers),
            admin.send("POST", name, form.encode(), {**headers, "content-type": FORM}),
        ]

        assert {answer.status for answer in answers} <= {200, 303, 400, 404, 405, 409}, (name, values)
    assert admin.get("health")["status"] == "ok"
    assert admin.page()

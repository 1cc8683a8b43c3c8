"""States of many machines, made from the state of one, because an `up` of a thousand takes many minutes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def cloned(state: str, name: str, copies: Mapping[str, Mapping[str, str]]) -> str:
    """Return the state of a stack in which the resources of one name are copied under many names.

    Args:
        state: The state as `pulumi stack export` prints it.
        name: The name of the component and its children. It is replaced everywhere: in URNs, ids,
            inputs and outputs.
        copies: The new names, and for each the other texts to replace in its copy.
    """
    document = json.loads(state)
    resources = document["deployment"]["resources"]
    originals = [resource for resource in resources if _is_called(resource["urn"], name)]
    others = [resource for resource in resources if not _is_called(resource["urn"], name)]
    template = json.dumps(originals)
    document["deployment"]["resources"] = others + [
        resource
        for new_name, changes in copies.items()
        for resource in json.loads(_replaced(template, {name: new_name, **changes}))
    ]
    return json.dumps(document)


def _is_called(urn: str, name: str) -> bool:
    return urn.rpartition("::")[2] == name


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text

"""The links by which ARM names an operation: several in one header, or one without an api-version."""

from __future__ import annotations

import re
from urllib.parse import unquote

# HTTP joins headers of one name with a comma and a space (RFC 9110, section 5.3), and a proxy may leave the
# space out. A URL contains no space, and the signature in ARM's links contains nothing that looks like a URL.
_SEPARATOR = re.compile(r",\s+|,(?=https?://)", re.IGNORECASE)


def split_links(value: str) -> list[str]:
    """Return the links in the value of a header. A header that came twice holds two."""
    links = (link.strip(", \t") for link in _SEPARATOR.split(value))
    return [link for link in links if link]


def with_api_version(url: str, api_version: str) -> str:
    """Return a link that ARM answers. A link that names an api-version is not changed.

    ARM refuses a request without one (400 `MissingApiVersionParameter`), and some services have named links
    without one (https://github.com/Azure/azure-rest-api-specs/issues/16807).

    Args:
        url: The link.
        api_version: The api-version that is added if the link names none, or an empty one.
    """
    address, _, query = url.partition("#")[0].partition("?")
    parameters = query.split("&")
    if any(_value_of_version(parameter) for parameter in parameters):
        return url
    others = "&".join(parameter for parameter in parameters if _value_of_version(parameter) is None)
    glue = "&" if others and not others.endswith("&") else ""
    return f"{address}?{others}{glue}api-version={api_version}"


def _value_of_version(parameter: str) -> str | None:
    """Return the api-version that a parameter names; None if it is another parameter."""
    name, _, value = parameter.partition("=")
    return unquote(value).strip() if unquote(name).strip().casefold() == "api-version" else None

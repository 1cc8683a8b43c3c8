"""The README as the package index shows it: a hook of hatchling, which builds the package.

Relative links lead nowhere there. As soon as `[project.urls]` in pyproject.toml has a `Source`, they lead to
the files of the released version, and until then their texts stay without a link. The index does not render
the alert boxes of a repository either, so their markers become words.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# A link or a picture of Markdown whose target is neither a URL nor a heading of this page.
_RELATIVE = re.compile(r"(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)\s]+)\)")
_BOX = re.compile(r"^> \[!(\w+)\]$", re.MULTILINE)


def for_index(readme: str, source: str | None, version: str) -> str:
    """Return the README for the package index.

    Args:
        readme: Its text.
        source: The address of the repository, if it has one.
        version: The version whose files the links lead to.
    """

    def link(found: re.Match[str]) -> str:
        picture, text, target = found.groups()
        if source is None:
            return text
        kind = "raw" if picture else "blob"
        return f"{picture}[{text}]({source.rstrip('/')}/{kind}/v{version}/{target})"

    return _BOX.sub(lambda box: f"> **{box[1].capitalize()}**\n>", _RELATIVE.sub(link, readme))


class ReadmeHook(MetadataHookInterface):
    """Sets `readme` of the metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Render README.md with the address in pyproject.toml."""
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        source = metadata.get("urls", {}).get("Source")
        text = for_index(readme, source, metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}

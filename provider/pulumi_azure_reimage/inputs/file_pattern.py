"""Which files a name or a pattern means.

Rule 1: a name that exists is that file or folder, and only a name that does not exist is a pattern. This
holds for each part of a path, so a folder called `[dev]` is that folder.
Rule 2: links are followed, and the files of each real folder count once, so circular links end.
"""

from __future__ import annotations

import os
from fnmatch import fnmatch
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANY_FOLDERS = "**"


def find_files(folder: Path, pattern: str) -> set[Path]:
    """Return the files that a pattern means. A folder means all files in it, at any depth.

    Names that begin with a dot match only if the pattern has the dot.

    Raises:
        OSError: a folder cannot be read, so it is not known which files are in it.
    """
    path = Path(pattern)
    start = Path(path.anchor) if path.anchor else folder
    matches = set(_expand(start, path.parts[1:] if path.anchor else path.parts))
    files: set[Path] = set()
    for match in matches:
        files |= set(_files(match)) if match.is_dir() else {match}
    return _without_detours(files)


def _without_detours(files: set[Path]) -> set[Path]:
    """Return the files under one name of each real folder, which is the name with the fewest links."""
    names: dict[Path, list[Path]] = {}
    for folder in {file.parent for file in files}:
        names.setdefault(folder.resolve(), []).append(folder)

    def detours(folder: Path) -> tuple[int, int, Path]:
        steps = (folder, *folder.parents)
        return sum(step.is_symlink() for step in steps), len(steps), folder

    kept = {min(folders, key=detours) for folders in names.values()}
    return {file for file in files if file.parent in kept}


def _expand(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """Yield what the parts of a pattern mean in a folder."""
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    child = _parent(folder) if part == ".." else folder / part
    if os.path.lexists(child):
        yield from _expand(child, rest)
    elif not folder.is_dir():
        return
    elif part == _ANY_FOLDERS:
        for inside in _folders(folder):
            yield from _expand(inside, rest)
    elif has_magic(part):
        for child in _children(folder, hidden=part.startswith(".")):
            if fnmatch(child.name, part) and (not rest or child.is_dir()):
                yield from _expand(child, rest)


def _parent(folder: Path) -> Path:
    """Return the folder that contains a folder; for a link, the one that contains its target."""
    return folder.resolve().parent if folder.is_symlink() else folder.parent


def _files(folder: Path) -> Iterator[Path]:
    for inside in _folders(folder):
        yield from (child for child in _children(inside) if not child.is_dir())


def _folders(folder: Path) -> Iterator[Path]:
    """Yield a folder and all folders in it. A link to a folder that was already seen is not followed."""
    seen: set[Path] = set()
    waiting, links = [folder], list[Path]()
    while waiting or links:
        current = (waiting or links).pop()
        if (real := current.resolve()) not in seen:
            seen.add(real)
            yield current
            inside = [child for child in _children(current) if child.is_dir()]
            waiting += [child for child in inside if not child.is_symlink()]
            links += [child for child in inside if child.is_symlink()]
            links.sort(reverse=True)


def _children(folder: Path, *, hidden: bool = False) -> list[Path]:
    """Return the entries of a folder, by name. Hidden names are those that begin with a dot."""
    return sorted(child for child in folder.iterdir() if child.name.startswith(".") <= hidden)

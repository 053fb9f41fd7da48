"""Finding pictures and unpacked folders on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
"""Suffixes of picture files, lower case."""


def pictures_below(folder: Path) -> Iterator[Path]:
    """Every picture file in a folder and its subfolders, sorted, hidden ones left out."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PICTURES and not path.name.startswith("."):
            yield path


def unpacked(root: Path, *parts: str) -> Path | None:
    """A folder below ``root``; archives often unpack ``Images`` into ``Images/Images``.

    Returns:
        The innermost folder of that name, or None when there is none.
    """
    folder = root.joinpath(*parts)
    if not folder.is_dir():
        head, *rest = parts
        folder = root.joinpath(head, head, *rest)
    doubled = folder / parts[-1]
    if doubled.is_dir():
        folder = doubled
    return folder if folder.is_dir() else None


def names_in(folder: Path, limit: int = 12) -> str:
    """What a folder holds, for a message."""
    names = sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(names[:limit]) or "nothing") + more

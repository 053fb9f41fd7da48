"""Finding pictures and unpacked folders on disk."""

from __future__ import annotations

import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

PICTURES: Final = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".tif", ".tiff", ".webp", ".jp2"),
        *(".heic", ".heif", ".avif"),
    }
)
"""Suffixes of picture files, lower case."""

_TEXT_TABLES: Final = frozenset({".csv", ".tsv"})
TABLES: Final = _TEXT_TABLES | {".xlsx", ".xlsm", ".xls", ".ods"}
"""Suffixes of tables, lower case."""

UNREAD: Final = frozenset(
    {
        *(".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".raw"),
        *(".psd", ".gif", ".jxl", ".svg", ".exr", ".dcm", ".pdf"),
    }
)
"""Suffixes of pictures that we cannot read, lower case: camera raw files and the like."""


def pictures_below(folder: Path) -> Iterator[Path]:
    """Every picture file in a folder and its subfolders, sorted, hidden ones left out."""
    return _below(folder, PICTURES)


def unread_pictures_below(folder: Path) -> Iterator[Path]:
    """Every file that is a picture to people and that we cannot read."""
    return _below(folder, UNREAD)


def tables_in(folder: Path) -> list[Path]:
    """Every table in a folder, without those that macOS, Excel and LibreOffice hide there.

    Of a spreadsheet and the CSV file that was saved from it, under the same name, the CSV file.
    """
    return _once(path for path in sorted(folder.iterdir()) if _is_kind(path, TABLES))


def tables_below(folder: Path) -> list[Path]:
    """As ``tables_in``, with subfolders."""
    return _once(_below(folder, TABLES))


def _once(tables: Iterable[Path]) -> list[Path]:
    found = list(tables)
    texts = {path.with_suffix("") for path in found if path.suffix.lower() in _TEXT_TABLES}
    return [
        path
        for path in found
        if path.suffix.lower() in _TEXT_TABLES or path.with_suffix("") not in texts
    ]


def _below(folder: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if _is_kind(path, suffixes))


def _is_kind(path: Path, suffixes: frozenset[str]) -> bool:
    # macOS leaves ._name beside name in archives, Excel ~$name while a workbook is open.
    return path.suffix.lower() in suffixes and not path.name.startswith((".", "~$"))


def plain_path(written: str) -> str:
    """A path as it compares: slashes one way, one Unicode form, whatever its case.

    Windows writes backslashes and cares for no case, macOS takes letters and accents apart (NFD).
    """
    slashed = posixpath.normpath(written.replace("\\", "/"))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", slashed).casefold())


class PictureFinder:
    """Finds the picture that a table means, though its name may be written otherwise.

    Args:
        root: folder that names start from.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, written: str) -> tuple[str, ...]:
        """Paths below the root: the file of exactly that name, else those that it may mean.

        They differ in case, slashes, Unicode form, or because the name has no suffix.
        """
        exact = posixpath.normpath(written)
        if (self._root / exact).is_file():
            return (exact,)
        named, bare = self._index
        name = plain_path(written)
        return tuple(named.get(name) or bare.get(name) or ())

    @cached_property
    def _index(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        named: dict[str, list[str]] = defaultdict(list)
        bare: dict[str, list[str]] = defaultdict(list)
        for path in pictures_below(self._root):
            found = path.relative_to(self._root).as_posix()
            named[plain_path(found)].append(found)
            bare[plain_path(posixpath.splitext(found)[0])].append(found)
        return named, bare


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

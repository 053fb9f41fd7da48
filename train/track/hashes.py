"""Content hashes of many files, remembered until a file changes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from train.data.pictures import content_hash

_MEMO_NAME: Final = "hashes.json"
_SETTLED_NS: Final = 2_000_000_000
"""A file changed less than this ago may change again within one tick of its time stamp."""


class FileHashes:
    """SHA-256 by file; a file is read again when its size or its time of change differs.

    Args:
        folder: where the memory is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _MEMO_NAME
        self._known: dict[str, tuple[int, int, str]] = {}
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = {name: (int(s), int(t), str(h)) for name, (s, t, h) in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            # A memory that is lost or damaged costs time, nothing else.
            self._known = {}

    def of(self, paths: Iterable[Path]) -> dict[Path, str]:
        """Hash of every file.

        Raises:
            DataError: a file cannot be read.
        """
        wanted = list(dict.fromkeys(paths))
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            return dict(zip(wanted, pool.map(self._one, wanted), strict=True))

    def save(self) -> None:
        """Keep what is known for the next time."""
        staging = self._path.with_suffix(f".{os.getpid()}.tmp")
        staging.write_text(json.dumps(self._known), encoding="utf-8")
        staging.replace(self._path)

    def _one(self, path: Path) -> str:
        name = str(path.resolve())
        before = _stamp(path)
        if before is not None and (known := self._known.get(name)) and known[:2] == before:
            return known[2]
        found = content_hash(path)
        if before is not None and time.time_ns() - before[1] > _SETTLED_NS:
            self._known[name] = (*before, found)
        return found


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns

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
        self._learned = False
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
        found = {path: self._remembered(path) for path in dict.fromkeys(paths)}
        unknown = [path for path, digest in found.items() if digest is None]
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            read = dict(zip(unknown, pool.map(self._read, unknown), strict=True))
        return {path: digest or read[path] for path, digest in found.items()}

    def save(self) -> None:
        """Keep what was learned for the next time."""
        if not self._learned:
            return
        staging = self._path.with_suffix(f".{os.getpid()}.tmp")
        staging.write_text(json.dumps(self._known), encoding="utf-8")
        staging.replace(self._path)

    def _remembered(self, path: Path) -> str | None:
        known = self._known.get(str(path.absolute()))
        return known[2] if known is not None and known[:2] == _stamp(path) else None

    def _read(self, path: Path) -> str:
        before = _stamp(path)
        found = content_hash(path)
        if before is not None and time.time_ns() - before[1] > _SETTLED_NS:
            self._known[str(path.absolute())] = (*before, found)
            self._learned = True
        return found


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of change, None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns

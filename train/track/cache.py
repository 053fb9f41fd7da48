"""The folder of answers: one subfolder per version of the tracker, never mixed."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pain.errors import DataError
from train.track.hashes import FileHashes
from train.track.settings import TrackerSettings
from train.track.shard import STAGING_PREFIX

_DESCRIPTION_NAME: Final = "tracker.json"
_OWNER_ONLY: Final = 0o700


class Cache:
    """A folder of answers. It holds faces: treat it as the data set itself.

    Args:
        folder: made when absent, readable by its owner alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        except OSError as error:
            raise DataError(f"{folder} cannot be the cache: {error.strerror}.") from error
        self.hashes = FileHashes(folder)

    def shards(self, settings: TrackerSettings) -> Path:
        """Folder of the answers under these settings; it may not exist yet."""
        return self.folder / settings.version

    @contextmanager
    def writing(self, settings: TrackerSettings) -> Iterator[Path]:
        """Folder of the answers, for one writer at a time; rests of a killed run are removed.

        Raises:
            DataError: another run is writing there.
        """
        folder = self.shards(settings)
        folder.mkdir(exist_ok=True)
        with (self.folder / f"{settings.version}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataError(
                    f"Another run is tracking into {folder}: wait for it, or name another --cache."
                ) from None
            for rest in folder.glob(f"{STAGING_PREFIX}*"):
                rest.unlink()
            described = json.dumps(settings.description(), indent=2, sort_keys=True) + "\n"
            (folder / _DESCRIPTION_NAME).write_text(described, encoding="utf-8")
            yield folder

"""Which retained messages this daemon has published, so that it can take them back one day.

One small file for each room beside its events. It names the config file of the daemon: several
daemons may share a state folder, and none must take back what another one says.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.config import EdgeConfig, StorageConfig
from edge.gateway.state import state_folder
from edge.mqtt.departed import Abandoned, Left, retained_by, take_back
from pain.errors import ConfigError
from pain.topics import Topics

_log = logging.getLogger(__name__)

SUFFIX: Final = ".retained.json"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    config: str
    site: str
    room: str
    retained: tuple[str, ...]


class Ledger:
    """The files of one daemon; all work is done in a thread of its own, for a disk may hang.

    Args:
        config_file: of the daemon.
    """

    def __init__(self, config_file: Path) -> None:
        self._owner = str(config_file.resolve())
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, config: EdgeConfig) -> None:
        """Write down what is published now, and take back what is published no longer."""
        before = self._thread

        def work() -> None:
            if before is not None:
                before.join()
            try:
                self._keep(config)
            except OSError as error:
                _log.warning("rooms that are taken out later will not be cleared: %s", error)

        self._thread = threading.Thread(target=work, name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave the rest to the next start."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _keep(self, config: EdgeConfig) -> None:
        current = {
            (topics.site, topics.room): retained_by(config.mqtt, topics)
            for topics in (Topics(site=config.site, room=room.id) for room in config.rooms)
        }
        entries = {
            (entry.site, entry.room): (path, entry)
            for path, entry in ledger_entries(config.storage)
            if entry.config == self._owner
        }
        folder = state_folder(config.storage)
        for (site, room), retained in current.items():
            _, known = entries.get((site, room), (None, None))
            old = () if known is None else known.retained
            stale = tuple(topic for topic in old if topic not in retained)
            path = folder / site / f"{room}{SUFFIX}"
            self._write(path, site, room, (*stale, *retained))
            if stale and self._take_back(config, site, room, stale, although_online=True):
                self._write(path, site, room, retained)
        for (site, room), (path, entry) in entries.items():
            gone = (site, room) not in current
            if gone and self._take_back(config, site, room, entry.retained):
                path.unlink(missing_ok=True)

    def _take_back(
        self,
        config: EdgeConfig,
        site: str,
        room: str,
        retained: tuple[str, ...],
        *,
        although_online: bool = False,
    ) -> bool:
        if self._closing.is_set():
            return False
        left = Left(topics=Topics(site=site, room=room), retained=retained)
        try:
            take_back(config.mqtt, left, closing=self._closing, although_online=although_online)
        except (Abandoned, ConfigError) as error:
            _log.warning(
                "%s/%s is still shown at the broker: %s; tried again at the next start or reload, "
                "or by 'painwatch edge forget %s'",
                site,
                room,
                error,
                room,
            )
            return False
        _log.info("%s/%s: %d retained messages are cleared", site, room, len(retained))
        return True

    def _write(self, path: Path, site: str, room: str, retained: tuple[str, ...]) -> None:
        entry = _Entry(config=self._owner, site=site, room=room, retained=retained)
        text = entry.model_dump_json()
        with suppress(OSError):
            if path.read_text(encoding="utf-8") == text:
                return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)  # noqa: PTH105  (the atomic one, by its name)


def ledger_entries(storage: StorageConfig) -> Iterator[tuple[Path, _Entry]]:
    """Every entry of the state folder that can be read, with its file."""
    for path in sorted(state_folder(storage).glob(f"*/*{SUFFIX}")):
        with suppress(OSError, ValidationError):
            yield path, _Entry.model_validate_json(path.read_bytes())


def left_by(config: EdgeConfig, *, site: str, room: str) -> Left:
    """What a room has left: by what was written down here, and by what a room has as a rule."""
    topics = Topics(site=site, room=room)
    found = [
        topic
        for _, entry in ledger_entries(config.storage)
        if (entry.site, entry.room) == (site, room)
        for topic in entry.retained
    ]
    usual = retained_by(config.mqtt, topics)
    return Left(topics=topics, retained=(*(t for t in found if t not in usual), *usual))


def strike(config: EdgeConfig, *, site: str, room: str) -> None:
    """Take a room that was forgotten out of the ledger."""
    for path, entry in ledger_entries(config.storage):
        if (entry.site, entry.room) == (site, room):
            path.unlink(missing_ok=True)

"""Opens the station's database for one export, and keeps that it was made."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, make_url

import station.access.tables
import station.escalate.tables
import station.store.tables  # noqa: F401  a database has all tables, whoever opens it
from pain.errors import StorageError
from station.config.load import load_config
from station.config.root import StationConfig
from station.live.values import RoomKey
from station.run import storage_url
from station.share.observations import instant
from station.share.source import Source
from station.share.span import Span, chosen, span_of
from station.store.audit import add_audit
from station.store.engine import open_engine
from station.store.failures import told


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What one export works with.

    Attributes:
        config: the station's settings.
        source: its database.
        keys: the rooms that are meant.
        span: the time that is meant.
        now: when the export began, UTC.
    """

    config: StationConfig
    source: Source
    keys: Sequence[RoomKey]
    span: Span
    now: datetime
    _engine: Engine

    def audit(self, what: str, target: str) -> None:
        """Keep who exported what, before anything leaves.

        Raises:
            StorageError: it cannot be kept.
        """
        detail: dict[str, str | int | float | None] = {
            "what": what,
            "target": target,
            "since": instant(self.span.since),
            "until": instant(self.span.until),
            "rooms": len(self.keys),
        }
        key = self.keys[0] if len(self.keys) == 1 else None
        person = f"cli:{getpass.getuser()}"
        with told(), self._engine.begin() as connection:
            add_audit(connection, "exported", at=self.now, person=person, key=key, detail=detail)


@contextmanager
def opened(
    config: Path, *, since: datetime, until: datetime | None, room: str | None
) -> Iterator[Opened]:
    """Open what a config names.

    Args:
        config: the station's YAML file.
        since: the first day.
        until: the first day left out; None for all until now.
        room: ``ROOM`` or ``SITE/ROOM``; all when None.

    Raises:
        ConfigError: the file is wrong.
        StorageError: there is no database, or it cannot be read.
        UsageError: the days or the room name nothing.
    """
    now = datetime.now(UTC)
    span = span_of(since, until, now=now)
    loaded = load_config(config)
    url = storage_url(loaded.storage)
    _refuse_absent(url)
    engine = open_engine(url)
    try:
        source = Source(engine)
        yield Opened(
            config=loaded,
            source=source,
            keys=chosen(source.rooms(), site=loaded.site, room=room),
            span=span,
            now=now,
            _engine=engine,
        )
    finally:
        engine.dispose()


def _refuse_absent(url: str) -> None:
    """An empty export of a database that was never there would look like calm days."""
    if not url.startswith("sqlite"):
        return
    file = make_url(url).database
    if file and not Path(file).is_file():
        raise StorageError(
            f"{file} is not there, so nothing was kept: run as the station's user, with the config "
            "of the station"
        )

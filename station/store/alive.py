"""When the station was last alive, so that the time in which nobody listened is known later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from station.store.tables import AliveRow

_ONLY = 1


def keep_alive(connection: Connection, at: datetime) -> None:
    """Write that the station lives."""
    changed = connection.execute(update(AliveRow).where(AliveRow.number == _ONLY).values(at=at))
    if not changed.rowcount:
        connection.execute(insert(AliveRow).values(number=_ONLY, at=at))


def last_alive(connection: Connection) -> datetime | None:
    """When it last lived, UTC; None when it never did."""
    return connection.scalar(select(AliveRow.at).where(AliveRow.number == _ONLY))

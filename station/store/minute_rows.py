"""Adds parts of minutes to the table."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from station.live.minutes import MinuteSums, Sums
from station.live.values import RoomKey
from station.store.tables import MinuteRow


def add_minutes(connection: Connection, parts: MinuteSums) -> None:
    """Add the sums to those that are there.

    Only one station writes a database, so reading before writing is safe and speaks every
    database's SQL.
    """
    if not parts:
        return
    table = MinuteRow.__table__
    first = min(at for _, at in parts)
    found = connection.execute(select(MinuteRow.__table__).where(MinuteRow.at >= first))
    there = {
        (RoomKey(site=row.site, room=row.room), row.at): Sums(
            readings=row.readings,
            levels=row.levels,
            level_sum=row.level_sum,
            highest=row.highest,
            coverage_sum=row.coverage_sum,
        )
        for row in found
    }
    new = [_values(place, part) for place, part in parts.items() if place not in there]
    grown = []
    for place, part in parts.items():
        if place in there:
            there[place].add(part)
            values = _values(place, there[place])
            grown.append({f"{name}_": value for name, value in values.items()})
    if new:
        connection.execute(insert(MinuteRow), new)
    if grown:
        keys = ("site", "room", "at")
        names = [column.name for column in table.columns if column.name not in keys]
        connection.execute(
            update(table)  # type: ignore[arg-type]
            .where(*(table.columns[name] == bindparam(f"{name}_") for name in keys))
            .values({name: bindparam(f"{name}_") for name in names}),
            grown,
        )


def _values(place: tuple[RoomKey, object], sums: Sums) -> dict[str, object]:
    key, at = place
    return {
        "site": key.site,
        "room": key.room,
        "at": at,
        "readings": sums.readings,
        "levels": sums.levels,
        "level_sum": sums.level_sum,
        "highest": sums.highest,
        "coverage_sum": sums.coverage_sum,
    }

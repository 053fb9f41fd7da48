"""What all tables of the station share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class Base(DeclarativeBase):
    """All tables of the station; ``open_engine`` makes those that were imported before it."""


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware on the way in, UTC on the way out. SQLite keeps no zone, so none is kept."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Take the zone off.

        Raises:
            ValueError: the moment has no zone, so nobody knows which one it is.
        """
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Put UTC on."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)

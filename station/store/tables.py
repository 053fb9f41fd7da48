"""The tables of what was heard and what people said of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from station.store.base import Base, UtcTime


class EventRow(Base):
    """One event of a room, as it was published; the idempotency key is unique."""

    __tablename__ = "events"

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    site: Mapped[str]
    room: Mapped[str]
    kind: Mapped[str]
    condition: Mapped[str | None]
    trigger: Mapped[str | None]
    decided_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    received_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    payload: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("events_of_a_room", "site", "room", "received_at"),)


class VerdictRow(Base):
    """A nurse's last word on an alarm."""

    __tablename__ = "verdicts"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    person: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class SilenceRow(Base):
    """A time in which a room said nothing; without an end while it lasts."""

    __tablename__ = "silences"

    number: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    room: Mapped[str]
    since: Mapped[datetime] = mapped_column(UtcTime, index=True)
    until: Mapped[datetime | None] = mapped_column(UtcTime)


class MinuteRow(Base):
    """Sums over the readings of one minute, so that a minute can be written in parts."""

    __tablename__ = "minutes"

    site: Mapped[str] = mapped_column(primary_key=True)
    room: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    readings: Mapped[int]
    levels: Mapped[int]
    level_sum: Mapped[float]
    highest: Mapped[float | None]
    coverage_sum: Mapped[float]

    # A large site has thirty million of them: what concerns a time alone must not read them all.
    # With the levels, so that counting watched minutes reads nothing else.
    __table_args__ = (Index("minutes_by_time", "at", "levels"),)


class NoteRow(Base):
    """What a person wrote about a room."""

    __tablename__ = "notes"

    number: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    room: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    person: Mapped[str]
    text: Mapped[str] = mapped_column(Text)


class AuditRow(Base):
    """Who did what, and what the station refused; lines are added and never changed."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    action: Mapped[str]
    person: Mapped[str | None]
    site: Mapped[str | None]
    room: Mapped[str | None]
    detail: Mapped[str | None] = mapped_column(Text)


class AliveRow(Base):
    """When the station last knew that it could write; the only row has the number 1."""

    __tablename__ = "alive"

    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)

"""The tables of alarms that were escalated and of who was told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from station.store.base import Base, UtcTime


class CaseRow(Base):
    """One alarm from its onset to its acknowledgement; without an end while it lasts."""

    __tablename__ = "escalation_cases"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site: Mapped[str]
    room: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    level: Mapped[float | None]
    began_at: Mapped[datetime] = mapped_column(UtcTime)
    onset_at: Mapped[datetime] = mapped_column(UtcTime)
    event_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    ending: Mapped[str | None]


class NoticeRow(Base):
    """One message to one recipient, written before it is sent."""

    __tablename__ = "escalation_notices"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str]
    step: Mapped[int]
    recipient: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    attempts: Mapped[int]
    delivered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    failure: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("case_id", "kind", "step", "recipient"),)

"""Deletes what is older than the settings allow."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event
from typing import Final

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute

from station.config.storage import RetentionConfig
from station.escalate.tables import CaseRow, NoticeRow
from station.store.tables import AuditRow, EventRow, MinuteRow, NoteRow, SilenceRow, VerdictRow

PIECE: Final = timedelta(hours=1)
"""Records of so long are deleted in one transaction: whoever writes meanwhile waits for no more."""

REST_S: Final = 0.2
"""Between two pieces; SQLite lets another writer ask for its turn once in 0.1 s."""


def forget_old(engine: Engine, retention: RetentionConfig, *, now: datetime, ending: Event) -> int:
    """Delete what is too old.

    A verdict is as old as its last change, so it never outlives its event by more than the time
    that it took to judge it.

    Args:
        engine: the database.
        retention: how long what is kept.
        now: present time, UTC.
        ending: set when the station ends; what is left then is left to its next run.

    Returns:
        Number of records deleted.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
    """
    events = now - timedelta(days=retention.events_days)
    rules = (
        (VerdictRow.at, events),
        (EventRow.received_at, events),
        (SilenceRow.until, events),
        (MinuteRow.at, now - timedelta(days=retention.minutes_days)),
        (NoteRow.at, now - timedelta(days=retention.notes_days)),
        (AuditRow.at, now - timedelta(days=retention.audit_days)),
    )
    gone = _forget_cases(engine, events)
    return gone + sum(_forget(engine, column, before, ending) for column, before in rules)


def _forget_cases(engine: Engine, before: datetime) -> int:
    old = select(CaseRow.id).where(CaseRow.ended_at < before)
    with engine.begin() as connection:
        notices = connection.execute(delete(NoticeRow).where(NoticeRow.case_id.in_(old)))
        cases = connection.execute(delete(CaseRow).where(CaseRow.ended_at < before))
        return notices.rowcount + cases.rowcount


def _forget(
    engine: Engine,
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    before: datetime,
    ending: Event,
) -> int:
    gone = 0
    while True:
        with engine.begin() as connection:
            oldest = connection.scalar(select(func.min(column)).where(column < before))
            if oldest is None:
                return gone
            piece = delete(column.class_).where(column < min(before, oldest + PIECE))
            gone += connection.execute(piece).rowcount
        if ending.wait(REST_S):
            return gone

"""Deletes what is older than the settings allow."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from station.config.storage import RetentionConfig
from station.escalate.tables import CaseRow, NoticeRow
from station.store.tables import AuditRow, EventRow, MinuteRow, NoteRow, SilenceRow, VerdictRow


def forget_old(engine: Engine, retention: RetentionConfig, *, now: datetime) -> int:
    """Delete what is too old.

    A verdict is as old as its last change, so it never outlives its event by more than the time
    that it took to judge it.

    Args:
        engine: the database.
        retention: how long what is kept.
        now: present time, UTC.

    Returns:
        Number of records deleted.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
    """
    events = now - timedelta(days=retention.events_days)
    rules = (
        delete(VerdictRow).where(VerdictRow.at < events),
        delete(EventRow).where(EventRow.received_at < events),
        delete(NoticeRow).where(
            NoticeRow.case_id.in_(select(CaseRow.id).where(CaseRow.ended_at < events))
        ),
        delete(CaseRow).where(CaseRow.ended_at < events),
        delete(SilenceRow).where(SilenceRow.until < events),
        delete(MinuteRow).where(MinuteRow.at < now - timedelta(days=retention.minutes_days)),
        delete(NoteRow).where(NoteRow.at < now - timedelta(days=retention.notes_days)),
        delete(AuditRow).where(AuditRow.at < now - timedelta(days=retention.audit_days)),
    )
    with engine.begin() as connection:
        return sum(connection.execute(rule).rowcount for rule in rules)

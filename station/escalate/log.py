"""Keeps cases and notices in the database, so that a restart neither repeats nor forgets them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from pain.alarms import Trigger
from pain.wire import EscalationEnding, EscalationKind
from station.escalate.tables import CaseRow, NoticeRow
from station.escalate.values import Case, Matter, Notice
from station.live.values import RoomKey
from station.store.audit import add_audit
from station.store.tables import EventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """What the audit is told.

    Attributes:
        action: what happened.
        at: when, UTC.
        key: the room.
        detail: whom and what it concerns.
    """

    action: str
    at: datetime
    key: RoomKey
    detail: dict[str, str | int | float | None]


class EscalationLog:
    """The two tables. Waits for the disk, so call it from a thread; raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self) -> tuple[list[Case], list[Notice]]:
        """Cases that last or still have something to send, and all notices of these."""
        unsent = select(NoticeRow.case_id).where(
            NoticeRow.delivered_at.is_(None), NoticeRow.dropped_at.is_(None)
        )
        with Session(self._engine) as session:
            cases = [
                _case(row)
                for row in session.scalars(
                    select(CaseRow).where(CaseRow.ended_at.is_(None) | CaseRow.id.in_(unsent))
                )
            ]
            ids = [case.id for case in cases]
            rows = session.scalars(select(NoticeRow).where(NoticeRow.case_id.in_(ids)))
            return cases, [_notice(row) for row in rows]

    def acknowledged(self, cases: Iterable[Case]) -> list[tuple[Matter, datetime]]:
        """What was heard of these cases and may not have been judged before the end of the run.

        Returns:
            What was acknowledged, and when on the room's clock.
        """
        found = []
        with Session(self._engine) as session:
            for case in cases:
                times = session.scalars(
                    select(EventRow.decided_at).where(
                        EventRow.site == case.matter.key.site,
                        EventRow.room == case.matter.key.room,
                        EventRow.received_at >= case.began_at,
                        EventRow.condition == case.matter.subject,
                        EventRow.trigger == Trigger.ACKNOWLEDGED.value,
                    )
                )
                found += [(case.matter, at) for at in times]
        return found

    def save(
        self, cases: Iterable[Case], notices: Iterable[Notice], lines: Iterable[AuditLine]
    ) -> None:
        """Write all of it or nothing."""
        with Session(self._engine) as session, session.begin():
            for case in cases:
                session.merge(_case_row(case))
            for notice in notices:
                session.merge(_notice_row(notice))
            for line in lines:
                add_audit(
                    session.connection(),
                    line.action,
                    at=line.at,
                    key=line.key,
                    detail=line.detail,
                )


def _case_row(case: Case) -> CaseRow:
    return CaseRow(
        id=case.id,
        site=case.matter.key.site,
        room=case.matter.key.room,
        subject=case.matter.subject,
        name=case.name,
        level=case.level,
        began_at=case.began_at,
        onset_at=case.stood_at,
        event_id=case.event_id,
        ended_at=case.ended_at,
        ending=case.ending,
    )


def _case(row: CaseRow) -> Case:
    return Case(
        id=row.id,
        matter=Matter(key=RoomKey(site=row.site, room=row.room), subject=row.subject),
        name=row.name,
        level=row.level,
        began_at=row.began_at,
        stood_at=row.onset_at,
        event_id=row.event_id,
        ended_at=row.ended_at,
        ending=None if row.ending is None else EscalationEnding(row.ending),
    )


def _notice_row(notice: Notice) -> NoticeRow:
    return NoticeRow(
        id=notice.id,
        case_id=notice.case_id,
        kind=notice.kind,
        step=notice.step,
        recipient=notice.recipient,
        due_at=notice.due_at,
        attempts=notice.attempts,
        delivered_at=notice.delivered_at,
        dropped_at=notice.dropped_at,
        failure=notice.failure,
    )


def _notice(row: NoticeRow) -> Notice:
    return Notice(
        id=row.id,
        case_id=row.case_id,
        kind=EscalationKind(row.kind),
        step=row.step,
        recipient=row.recipient,
        due_at=row.due_at,
        attempts=row.attempts,
        delivered_at=row.delivered_at,
        dropped_at=row.dropped_at,
        failure=row.failure,
    )

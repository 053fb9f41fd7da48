"""A database of a station that watched two rooms on a day, and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import Result
from sqlalchemy import Engine
from typer.testing import CliRunner

from pain.alarms import AlarmState, Condition, Trigger
from pain.wire import AlarmEventPayload, EventPayload
from station.cli import app
from station.live.minutes import MinuteSums, Sums
from station.live.values import RoomKey
from station.ports import Verdict
from station.share.source import Source
from station.share.span import Span
from station.store.archive import SqlArchive
from station.store.writer import Writer
from tests.station.messages import OTHER, ROOM, alarm_event

DAY = datetime(2024, 3, 5, 12, 0, 0, tzinfo=UTC)
"""Noon of a day that is past by every clock."""

SPAN = Span(since=DAY - timedelta(hours=12), until=DAY + timedelta(hours=12))

SETTINGS = """\
site: elm-court
station: ward-2
mqtt: {host: 127.0.0.1, plaintext: true}
rooms: [{id: room-12, name: Rose room}]
storage: {folder: state}
"""


def at(minutes: float) -> datetime:
    return DAY + timedelta(minutes=minutes)


@dataclass(frozen=True)
class Ward:
    engine: Engine
    config: Path

    @property
    def source(self) -> Source:
        return Source(self.engine)

    def hear(self, *events: EventPayload, key: RoomKey = ROOM) -> None:
        writer = Writer(self.engine, now=lambda: DAY)
        writer.start()
        for event in events:
            writer.event(key, event, lambda: None)
        writer.stop()

    def watch(self, *levels: float | None, key: RoomKey = ROOM, since: datetime = DAY) -> None:
        """One minute for each level; 60 readings, coverage 0.75."""
        sums: MinuteSums = {}
        for number, level in enumerate(levels):
            known = 0 if level is None else 60
            sums[key, since + timedelta(minutes=number)] = Sums(
                readings=60,
                levels=known,
                level_sum=known * (level or 0.0),
                highest=level,
                coverage_sum=45.0,
            )
        writer = Writer(self.engine, now=lambda: DAY)
        writer.start()
        writer.minutes(sums)
        writer.stop()

    def be_silent(self, since: datetime, until: datetime | None, *, key: RoomKey = ROOM) -> None:
        writer = Writer(self.engine, now=lambda: DAY)
        writer.start()
        writer.silent(key, since)
        if until is not None:
            writer.speaking(key, until)
        writer.stop()

    def judge(self, event: AlarmEventPayload, verdict: Verdict) -> None:
        SqlArchive(self.engine).judge(event.id, verdict, person="nurse-8", at=at(60))

    def export(self, *arguments: str) -> Result:
        return self._run("export", *arguments, "-c", str(self.config), "--since", "2024-03-05")

    def _run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, arguments)


def later(
    onset: AlarmEventPayload,
    trigger: Trigger,
    *,
    before: AlarmState,
    after: AlarmState,
    minutes: float,
    person: str | None = None,
) -> AlarmEventPayload:
    """What follows an onset."""
    moved = alarm_event(onset.condition, trigger, at=at(minutes))
    return moved.model_copy(
        update={"before": before, "after": after, "onset_at": onset.onset_at, "person": person}
    )


def acknowledgement(
    onset: AlarmEventPayload,
    *,
    minutes: float = 2,
    person: str = "nurse-7",
    before: AlarmState = AlarmState.ON,
) -> AlarmEventPayload:
    after = AlarmState.OFF if before is AlarmState.LATCHED else AlarmState.ACKNOWLEDGED
    return later(
        onset, Trigger.ACKNOWLEDGED, before=before, after=after, minutes=minutes, person=person
    )


def fill(ward: Ward) -> AlarmEventPayload:
    """A day with something of everything; returns the severe alarm, acknowledged and judged."""
    severe = alarm_event(Condition.PAIN_SEVERE, at=at(1))
    ward.hear(
        severe, acknowledgement(severe), alarm_event(Condition.CAMERA_LOST, at=at(9), detail="=1+1")
    )
    ward.hear(alarm_event(Condition.PAIN_MODERATE, at=at(3)), key=OTHER)
    ward.judge(severe, Verdict.PAIN)
    ward.watch(5.25, None, 1.0)
    ward.watch(0.0, key=OTHER)
    ward.be_silent(at(10), at(15))
    return severe

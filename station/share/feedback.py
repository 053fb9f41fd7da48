"""Judged alarms as JSON lines, for retraining and for counting false alarms."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from pain.alarms import PHYSIOLOGICAL
from station.live.values import RoomKey
from station.ports import Minute, Verdict
from station.share.alarms import Alarm, alarms
from station.share.observations import instant
from station.share.source import Source
from station.share.span import Span

AROUND: Final = timedelta(minutes=10)
"""Minutes before and after the decision that go with an alarm."""

SCHEMA_VERSION: Final = 1


@dataclass(slots=True)
class Tally:
    """Counts physiological alarms while they are read.

    Attributes:
        alarms: onsets.
        verdicts: of these, by what a nurse said.
    """

    alarms: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)

    def count(self, alarm: Alarm) -> None:
        """Add an alarm."""
        self.alarms += 1
        if alarm.verdict is not None:
            self.verdicts[alarm.verdict] += 1

    @property
    def judged(self) -> int:
        """How many a nurse has judged."""
        return self.verdicts.total()

    @property
    def confirmed_share(self) -> float | None:
        """Confirmed among confirmed and dismissed; None without any."""
        decided = self.verdicts[Verdict.PAIN] + self.verdicts[Verdict.NOT_PAIN]
        return self.verdicts[Verdict.PAIN] / decided if decided else None

    def summary(self, span: Span) -> dict[str, Any]:
        """The last line."""
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": "summary",
            "since": instant(span.since),
            "until": instant(span.until),
            "alarms": self.alarms,
            "judged": self.judged,
            "confirmed": self.verdicts[Verdict.PAIN],
            "dismissed": self.verdicts[Verdict.NOT_PAIN],
            "unsure": self.verdicts[Verdict.UNSURE],
            "confirmed_share": self.confirmed_share,
        }


def lines(
    source: Source, keys: Sequence[RoomKey], span: Span, tally: Tally, *, now: datetime
) -> Iterator[str]:
    """One line for each judged onset of a physiological alarm, and a summary as the last.

    Who judged is a hash under a key that is made for this file and forgotten: the same person is
    the same within it, and nobody can find out who it is, or join two files.

    Args:
        source: the database.
        keys: the rooms.
        span: when the alarms were decided.
        tally: counts them.
        now: now; minutes that can still grow are left out.
    """
    key_of_file = secrets.token_bytes(32)
    for key in keys:
        events = source.events(key, since=span.since, until=span.until)
        for alarm in alarms(events, until=span.until):
            if alarm.onset.condition not in PHYSIOLOGICAL:
                continue
            tally.count(alarm)
            if alarm.verdict is not None:
                yield _line(_judged(alarm, source, key_of_file, now))
    yield _line(tally.summary(span))


def _judged(alarm: Alarm, source: Source, key_of_file: bytes, now: datetime) -> dict[str, Any]:
    onset = alarm.onset
    around = Span(since=onset.decided_at - AROUND, until=onset.decided_at + AROUND)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "alarm",
        "event_id": str(onset.id),
        "site": alarm.key.site,
        "room": alarm.key.room,
        "onset_at": instant(onset.onset_at),
        "decided_at": instant(onset.decided_at),
        "condition": onset.condition.value,
        "level": onset.level,
        "limits": onset.limits,
        "verdict": alarm.verdict,
        "judged_at": None if alarm.judged_at is None else instant(alarm.judged_at),
        "judge": None if alarm.judged_by is None else _hidden(alarm.judged_by, key_of_file),
        "minutes": [_minute(one) for one in source.minutes(alarm.key, around.settled(now))],
    }


def _minute(minute: Minute) -> dict[str, Any]:
    return {
        "at": instant(minute.at),
        "mean": minute.mean,
        "highest": minute.highest,
        "coverage": minute.coverage,
        "readings": minute.readings,
    }


def _hidden(person: str, key: bytes) -> str:
    return hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:16]


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False) + "\n"

"""CSV of what was kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from pain.wire import AlarmEventPayload, CommandEventPayload
from station.live.values import RoomKey
from station.share.kinds import Table
from station.share.observations import instant
from station.share.source import Kept, Source
from station.share.span import Span

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A spreadsheet takes a cell that begins so for a formula; the last four are the wide forms."""

Cell = str | int | float | None


_HEADERS: Final[dict[Table, tuple[str, ...]]] = {
    Table.EVENTS: (
        "site",
        "room",
        "id",
        "kind",
        "decided_at",
        "received_at",
        "condition",
        "priority",
        "trigger",
        "before",
        "after",
        "signal",
        "level",
        "onset_at",
        "command",
        "accepted",
        "person",
        "detail",
        "verdict",
        "verdict_by",
        "verdict_at",
    ),
    Table.MINUTES: ("site", "room", "at", "mean", "highest", "coverage", "readings"),
    Table.SILENCES: ("site", "room", "since", "until"),
    Table.NOTES: ("site", "room", "at", "person", "text"),
}


def lines(
    table: Table, source: Source, keys: Sequence[RoomKey], span: Span, *, now: datetime
) -> Iterator[str]:
    """The lines of a file, its header first; moments are ISO 8601 in UTC, an empty cell is None."""
    yield _line(_HEADERS[table])
    for key in keys:
        for row in _rows(table, source, key, span, now):
            yield _line((plain(key.site), plain(key.room), *row))


def plain(text: str | None) -> str | None:
    """Free text that no spreadsheet takes for a formula: such a one gets an apostrophe first."""
    return f"'{text}" if text is not None and text.startswith(_DANGEROUS) else text


def _rows(
    table: Table, source: Source, key: RoomKey, span: Span, now: datetime
) -> Iterator[tuple[Cell, ...]]:
    match table:
        case Table.EVENTS:
            for kept in source.events(key, since=span.since, until=span.until):
                yield _event(kept)
        case Table.MINUTES:
            for one in source.minutes(key, span.settled(now)):
                yield instant(one.at), one.mean, one.highest, one.coverage, one.readings
        case Table.SILENCES:
            for silence in source.silences(key, span):
                yield instant(silence.since), _instant(silence.until)
        case Table.NOTES:
            for note in source.notes(key, span):
                yield instant(note.at), plain(note.person), plain(note.text)


def _event(kept: Kept) -> tuple[Cell, ...]:
    stored, event = kept.stored, kept.stored.event
    alarm = event if isinstance(event, AlarmEventPayload) else None
    command = event if isinstance(event, CommandEventPayload) else None
    person = alarm.person if alarm else command.person if command else None
    detail = alarm.detail if alarm else command.reason if command else None
    return (
        str(event.id),
        event.kind,
        instant(event.decided_at),
        instant(stored.received_at),
        alarm.condition.value if alarm else None,
        alarm.priority.value if alarm else None,
        alarm.trigger.value if alarm else None,
        alarm.before.value if alarm else None,
        alarm.after.value if alarm else None,
        alarm.signal.value if alarm else None,
        alarm.level if alarm else None,
        instant(alarm.onset_at) if alarm else None,
        plain(command.command) if command else None,
        str(command.accepted).lower() if command else None,
        plain(person),
        plain(detail),
        stored.verdict.value if stored.verdict else None,
        plain(stored.verdict_by),
        _instant(kept.judged_at),
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def _line(cells: Sequence[Cell]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()

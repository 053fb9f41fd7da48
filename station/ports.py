"""What the board may ask of the station; the one border between pages and everything behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pain.alarms import Condition
from pain.wire import EventPayload
from station.live.values import RoomKey, RoomSnapshot


class OrderState(StrEnum):
    """Where a command stands.

    WAITING: sent, no answer yet. ACCEPTED, REFUSED: the room's answer. TIMED_OUT: no answer in
    time; the room may be offline, and nothing may be taken as done. NOT_SENT: the station has no
    connection to the broker.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a command.

    Attributes:
        state: never WAITING.
        reason: the room's words when it refused; None otherwise.
    """

    state: OrderState
    reason: str | None = None


class Trouble(StrEnum):
    """What keeps the station from doing its work; shown on every page.

    BROKER_LOST: no connection to the broker, so nothing is known of any room. STORAGE_FAILS: the
    database is full, locked or away; rooms are still shown, the broker keeps the events, and the
    station no longer says that it listens. EVENTS_NOT_HEARD: rooms are shown, but the connection
    that fetches the events for the history does not stand. ESCALATION_FAILS: somebody who should
    be told of an unacknowledged alarm could not be reached; it is tried again.
    """

    BROKER_LOST = "broker_lost"
    STORAGE_FAILS = "storage_fails"
    EVENTS_NOT_HEARD = "events_not_heard"
    ESCALATION_FAILS = "escalation_fails"


class Verdict(StrEnum):
    """What a nurse says of an alarm afterwards."""

    PAIN = "pain"
    NOT_PAIN = "not_pain"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event as it was stored.

    Attributes:
        key: the room.
        event: what the room published.
        received_at: when it came, UTC.
        verdict: what a nurse said of it, None before that.
        verdict_by: id of that person.
    """

    key: RoomKey
    event: EventPayload
    received_at: datetime
    verdict: Verdict | None = None
    verdict_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time in which a room said nothing, as the station judged it; the station's own event.

    Attributes:
        key: the room.
        since: when it fell silent, UTC.
        until: when it spoke again, UTC; None when it has not yet.
    """

    key: RoomKey
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One minute of a room.

    Attributes:
        at: its beginning, UTC.
        mean: mean level 0..6, None when no reading of it had a level.
        highest: highest level, None likewise.
        coverage: mean coverage 0..1 of its readings, 0 when there was none.
        readings: how many came.
    """

    at: datetime
    mean: float | None
    highest: float | None
    coverage: float
    readings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a person wrote about a room."""

    key: RoomKey
    at: datetime
    person: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody beyond the board was told of an alarm that nobody has acknowledged.

    Attributes:
        recipient: who, as the settings call them.
        at: when the message was delivered, UTC.
    """

    recipient: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """Alarms of a span of days.

    Attributes:
        alarms: onsets of physiological alarms.
        confirmed: of these, called pain by a nurse.
        dismissed: called not pain.
        unsure: called unsure.
        resident_days: rooms times days watched, for the ratio per resident-day.
    """

    alarms: int
    confirmed: int
    dismissed: int
    unsure: int
    resident_days: float

    @property
    def alarms_a_day(self) -> float | None:
        """Alarms a resident-day; None before one was watched, for minutes say nothing of a day."""
        return self.alarms / self.resident_days if self.resident_days >= 1.0 else None


class Archive(Protocol):
    """What was stored. All methods are quick reads or small writes, safe from any thread.

    They wait for the disk, so pages call them by ``asyncio.to_thread``; each raises
    ``pain.errors.StorageError`` when the database fails.
    """

    def events(self, key: RoomKey | None, *, since: datetime, limit: int) -> Sequence[StoredEvent]:
        """Newest first, of one room or of all."""
        ...

    def minutes(self, key: RoomKey, *, since: datetime, until: datetime) -> Sequence[Minute]:
        """Oldest first; minutes without any reading are left out."""
        ...

    def highest(self, key: RoomKey, *, since: datetime, until: datetime) -> float | None:
        """Highest level 0..6 of the minutes that a span touches; None where there was none."""
        ...

    def silences(self, key: RoomKey | None, *, since: datetime) -> Sequence[Silence]:
        """Newest first, of one room or of all; those that ended before ``since`` are left out."""
        ...

    def notes(self, key: RoomKey, *, since: datetime) -> Sequence[Note]:
        """Newest first."""
        ...

    def add_note(self, note: Note) -> None:
        """Keep a note."""
        ...

    def judge(self, event_id: UUID, verdict: Verdict, *, person: str, at: datetime) -> None:
        """Keep a nurse's word on an alarm; a later word replaces it, both stay in the audit."""
        ...

    def burden(self, *, since: date, until: date) -> Burden:
        """Alarm burden over whole days, local time."""
        ...


class Orders(Protocol):
    """Commands to rooms. Every call waits for the room's answer, or for the time-out."""

    async def acknowledge(
        self, key: RoomKey, condition: Condition | None, *, person: str
    ) -> Outcome:
        """Acknowledge one alarm, or all that are signalled."""
        ...

    async def pause(self, key: RoomKey, *, until: datetime, person: str) -> Outcome:
        """Pause signals until a moment."""
        ...

    async def resume(self, key: RoomKey, *, person: str) -> Outcome:
        """End a pause."""
        ...

    async def set_baseline(self, key: RoomKey, *, person: str) -> Outcome:
        """Take the coming calm minutes as this resident's neutral."""
        ...

    async def reset_baseline(self, key: RoomKey, *, person: str) -> Outcome:
        """Delete the resident's neutral."""
        ...

    async def enrol_resident(self, key: RoomKey, *, consent: str, person: str) -> Outcome:
        """Enrol the face that is seen in the coming window; ``consent`` is recorded."""
        ...

    async def forget_resident(self, key: RoomKey, *, person: str) -> Outcome:
        """Delete the enrolled face's numbers."""
        ...


class Station(Protocol):
    """Everything behind the board. Used on the event loop's thread alone, where not said."""

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us."""
        ...

    @property
    def troubles(self) -> frozenset[Trouble]:
        """What keeps the station from doing its work; empty when all is well."""
        ...

    @property
    def orders(self) -> Orders:
        """Commands."""
        ...

    @property
    def archive(self) -> Archive:
        """What was stored."""
        ...

    def rooms(self) -> Sequence[RoomSnapshot]:
        """All rooms, those that need somebody most first."""
        ...

    def room(self, key: RoomKey) -> RoomSnapshot | None:
        """One room."""
        ...

    def told(self, key: RoomKey) -> Sequence[Told]:
        """Who was told of what is not acknowledged in a room, in order."""
        ...

    def on_change(self, heard: Callable[[RoomKey | None], None]) -> Callable[[], None]:
        """Be told of a room that changed, or of all (None); returns what ends it."""
        ...

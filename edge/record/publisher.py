"""Records every event that goes out, whatever becomes of the broker."""

from __future__ import annotations

from collections.abc import Sequence

from edge.mqtt import RoomLink
from edge.record.entry import Kind
from edge.record.journal import Notebook
from pain.broker.failures import Failure
from pain.clock import Moment
from pain.wire import AlarmPayload, EventPayload, ReadingPayload, StatusPayload


class RecordedLink:
    """A room's link to the broker that leaves a copy of every event in the record.

    A record that cannot be written is trouble of the same kind as events that find no disk.

    Args:
        link: of the room.
        journal: the box's record.
        room: short name of the room.
    """

    def __init__(self, link: RoomLink, journal: Notebook, *, room: str) -> None:
        self._link = link
        self._journal = journal
        self._room = room

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us."""
        return self._link.connected

    @property
    def failure(self) -> str | None:
        """Why the last attempt to connect failed."""
        return self._link.failure

    @property
    def record_trouble(self) -> str | None:
        """What keeps the record from the disk."""
        return self._journal.trouble

    @property
    def withheld(self) -> str | None:
        """What of the room's own topics the broker does not take, and what to do."""
        return self._link.withheld

    @property
    def trouble(self) -> Failure | None:
        """What keeps the room from being heard, or from hearing; None while all goes well."""
        return self._link.trouble

    @property
    def station_time(self) -> Moment | None:
        """The station's wall clock at the monotonic time of its last heartbeat; None before."""
        return self._link.station_time

    @property
    def unconnected_s(self) -> float:
        """For how long there has been no connection, seconds."""
        return self._link.unconnected_s

    @property
    def listening_until_s(self) -> float:
        """Monotonic time up to which the station said it would listen, seconds."""
        return self._link.listening_until_s

    def publish_reading(self, payload: ReadingPayload) -> None:
        """Publish a reading; readings are not recorded."""
        self._link.publish_reading(payload)

    def publish_status(self, payload: StatusPayload) -> None:
        """Publish the room's health."""
        self._link.publish_status(payload)

    def publish_alarm(self, payload: AlarmPayload) -> None:
        """Publish the state of one condition; the events that led to it are recorded."""
        self._link.publish_alarm(payload)

    def publish_event(self, payload: EventPayload) -> None:
        """Record an answer and publish it."""
        self._note(payload)
        self._link.publish_event(payload)

    def publish_events(self, payloads: Sequence[EventPayload], *, state: bytes | None) -> None:
        """Record events and publish them in order."""
        for payload in payloads:
            self._note(payload)
        self._link.publish_events(payloads, state=state)

    def remember(self, state: bytes) -> None:
        """Keep a state that no event led to."""
        self._link.remember(state)

    def storage_trouble(self, now: Moment) -> str | None:
        """What keeps events, or their record, from being safe on disk."""
        return self._link.storage_trouble(now) or self._journal.trouble

    def waiting_s(self, now: Moment) -> float:
        """How long the oldest event has been waiting, seconds."""
        return self._link.waiting_s(now)

    def _note(self, payload: EventPayload) -> None:
        body = payload.model_dump(mode="json", exclude={"kind", "schema_version"})
        self._journal.note(Kind(payload.kind), body, room=self._room)

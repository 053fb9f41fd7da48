"""What a room needs from its link to the broker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pain.broker.failures import Failure
from pain.clock import Moment
from pain.wire import AlarmPayload, EventPayload, ReadingPayload, StatusPayload


class Publisher(Protocol):
    """What a room needs from its MQTT link."""

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us."""
        ...

    @property
    def failure(self) -> str | None:
        """Why the last attempt to connect failed."""
        ...

    def publish_reading(self, payload: ReadingPayload) -> None:
        """Publish a reading, QoS 0."""
        ...

    def publish_status(self, payload: StatusPayload) -> None:
        """Publish the room's health, retained."""
        ...

    def publish_alarm(self, payload: AlarmPayload) -> None:
        """Publish the state of one condition, retained."""
        ...

    def publish_event(self, payload: EventPayload) -> None:
        """Publish one answer, in order."""
        ...

    def publish_events(self, payloads: Sequence[EventPayload], *, state: bytes | None) -> None:
        """Publish events in order; on disk, with the state they led to, before any is sent."""
        ...

    def remember(self, state: bytes) -> None:
        """Keep a state that no event led to."""
        ...

    @property
    def record_trouble(self) -> str | None:
        """What keeps the record from the disk."""
        ...

    @property
    def withheld(self) -> str | None:
        """What of the room's own topics the broker does not take, and what to do."""
        ...

    @property
    def trouble(self) -> Failure | None:
        """What keeps the room from being heard, or from hearing; None while all goes well."""
        ...

    @property
    def station_time(self) -> Moment | None:
        """The station's wall clock at the monotonic time of its last heartbeat; None before."""
        ...

    @property
    def unconnected_s(self) -> float:
        """For how long there has been no connection, seconds."""
        ...

    @property
    def listening_until_s(self) -> float:
        """Monotonic time up to which the station said it would listen, seconds."""
        ...

    def storage_trouble(self, now: Moment) -> str | None:
        """What keeps events from being safe on disk."""
        ...

    def waiting_s(self, now: Moment) -> float:
        """How long the oldest event has been waiting, seconds."""
        ...

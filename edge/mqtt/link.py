"""One room's MQTT connection: a last will belongs to one connection, so each room has its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Final

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import BaseModel, ValidationError

from edge.config import MqttConfig
from edge.mqtt.backlog import Backlog
from edge.mqtt.commands import MAX_COMMAND_BYTES
from edge.mqtt.discovery import discovery_payload, discovery_topic
from edge.mqtt.echo import Echo
from edge.mqtt.outbox import Kind, Outbox, Outgoing
from edge.mqtt.refusals import Refusals
from pain.broker import failures
from pain.broker.client import Will, packet_properties
from pain.broker.connection import Connection
from pain.broker.failures import Failure, Fault
from pain.clock import Moment
from pain.topics import Topics, station_heartbeat
from pain.wire import (
    AlarmPayload,
    Availability,
    EventPayload,
    HeartbeatPayload,
    ReadingPayload,
    StatusPayload,
)

_log = logging.getLogger(__name__)

FAREWELL_S: Final = 5.0
"""Longest wait in ``stop`` for the broker to acknowledge what is pending and ``stopped``."""

EVENT_EXPIRY_S: Final = 30 * 86400
"""A station that was away for a month learns the rest from the box's own log."""

STATUS_EXPIRY_S: Final = 86400
"""The health of a box that was silent for a day says nothing any more."""

UNACKNOWLEDGED_S: Final = 30.0
"""A broker that answers pings and takes this long for one message has lost it: nothing behind it
would ever leave, while readings went on as if all were well."""

CommandListener = Callable[[str, bytes, bool], None]
"""Takes a command's name, its payload and whether the broker had retained it."""


class RoomLink:
    """Publishes one room and hears its commands. Thread-safe; started once, stopped once.

    On every connection the broker gets the last alarms and status, then ``online``; events that
    waited follow in order, those of the run before first, and discovery when nothing else waits.
    Readings are dropped while there is no connection. What a connection ends at is withheld, so
    that everything else is told; ``withheld`` says what.

    Args:
        mqtt: the broker.
        topics: the room's topics.
        room_name: name for people, shown in Home Assistant.
        on_command: called for each command, on the link's thread; must return at once.
        on_connected: called after each successful connection, on the link's thread.
        backlog: keeps events and alarm state; the link closes it. In memory alone when absent.
    """

    def __init__(
        self,
        *,
        mqtt: MqttConfig,
        topics: Topics,
        room_name: str,
        on_command: CommandListener,
        on_connected: Callable[[], None],
        backlog: Backlog | None = None,
    ) -> None:
        self._mqtt = mqtt
        self._topics = topics
        self._on_command = on_command
        self._on_connected = on_connected
        self._client_id = f"{mqtt.client_id or f'painwatch-{topics.site}'}-{topics.room}"
        self._backlog = Backlog() if backlog is None else backlog  # an empty one is falsy
        self._outbox = Outbox(
            online=self._availability(Availability.ONLINE),
            event_topic=topics.event,
            backlog=self._backlog,
            event_expiry_s=EVENT_EXPIRY_S,
        )
        self._drained = threading.Condition()
        self._heartbeat = (
            None if mqtt.station is None else station_heartbeat(topics.site, mqtt.station)
        )
        self._listening_until_s = float("-inf")
        self._station_time: Moment | None = None
        self._sent_s = float("-inf")
        self._connection = Connection(
            mqtt=mqtt,
            client_id=self._client_id,
            session=self,
            will=Will(topic=topics.availability, payload=Availability.OFFLINE),
            on_suback=self._on_suback,
        )
        self._subscribing: dict[int, str] = {}
        self._unsubscribed: list[str] = []
        prefix = mqtt.homeassistant_prefix
        discovery = None if prefix is None else discovery_topic(prefix, topics)
        if discovery is not None:
            self._outbox.put(
                Outgoing(
                    kind=Kind.DISCOVERY,
                    topic=discovery,
                    payload=discovery_payload(topics, room_name=room_name),
                )
            )
        self._echo = Echo(
            mqtt=mqtt,
            client_id=self._client_id,
            topic=topics.availability,
            word=Availability.ONLINE.value.encode(),
        )
        self._refusals = Refusals(
            mqtt=mqtt,
            client_id=self._client_id,
            culprits=self._outbox.culprits,
            optional=discovery,
            echo=self._echo.name,
        )

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us."""
        return self._connection.connected

    @property
    def failure(self) -> str | None:
        """Why there is no connection and what to do; None while connected."""
        return self._connection.failure

    @property
    def pending(self) -> int:
        """Messages with QoS 1 that the broker has not acknowledged."""
        with self._drained:
            return self._outbox.pending

    @property
    def dropped_readings(self) -> int:
        """Readings that were not sent since there was no connection."""
        with self._drained:
            return self._outbox.dropped_readings

    @property
    def saved_state(self) -> bytes | None:
        """What ``publish_events`` or ``remember`` was last given by the run before."""
        return self._backlog.state

    @property
    def listening_until_s(self) -> float:
        """Monotonic time up to which the station said it would listen, seconds."""
        return self._listening_until_s

    @property
    def station_time(self) -> Moment | None:
        """The station's wall clock at the monotonic time of its last heartbeat; None before."""
        return self._station_time

    @property
    def record_trouble(self) -> None:
        """Nothing: a link alone keeps no record, see ``edge.record.publisher``."""
        return

    def storage_trouble(self, now: Moment) -> str | None:
        """What keeps events from being safe on disk; a disk that failed is tried again here."""
        with self._drained:
            self._backlog.retry()
            return self._backlog.trouble(now)

    def waiting_s(self, now: Moment) -> float:
        """How long the oldest event has been waiting for the broker, seconds."""
        with self._drained:
            return self._backlog.waiting_s(now)

    @property
    def refused(self) -> bool:
        """Whether the broker says no: trying again cannot help."""
        return self._connection.lasting_failure

    @property
    def withheld(self) -> str | None:
        """What of the room's own topics the broker does not take, and what to do."""
        with self._drained:
            trouble = self._refusals.trouble
        return None if trouble is None else trouble.sentence

    @property
    def trouble(self) -> Failure | None:
        """What keeps the room from being heard, or from hearing; None while all goes well."""
        failure = self._connection.trouble
        with self._drained:
            refused = self._refusals.trouble
        if failure is not None and failure.lasting and failure.fault is not Fault.PUBLISH_REFUSED:
            return failure
        return refused or self._echo.trouble or failure

    @property
    def unconnected_s(self) -> float:
        """For how long there has been no connection, seconds."""
        return self._connection.unconnected_s

    def start(self) -> None:
        """Begin to connect, in the background and for ever.

        Raises:
            ConfigError: the password file or a certificate cannot be used.
        """
        self._connection.start()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait until connected; returns early when waiting cannot help, see ``failure``."""
        return self._connection.wait_connected(timeout_s)

    @property
    def backlog(self) -> Backlog:
        """What keeps its events and alarm state; for the room's next link."""
        return self._backlog

    def stop(self, *, keep_backlog: bool = False) -> None:
        """Publish what is pending and ``stopped``, then disconnect.

        When the broker does not acknowledge that in time, it is left to send the last will, so
        that ``online`` never outlives us.

        Args:
            keep_backlog: leave it open, since the room's next link goes on with it.
        """
        self._put(self._availability(Availability.STOPPED))
        with self._drained:
            drained = self._drained.wait_for(
                lambda: not self._connection.connected or not self._outbox.pending, FAREWELL_S
            )
            unsent = self._outbox.pending
        if unsent:
            _log.error(
                "%s: stopped with %d unsent messages; events among them are told after the next "
                "start",
                self._client_id,
                unsent,
            )
        self._connection.stop(clean=drained and not unsent)
        with self._drained:
            if not keep_backlog:
                self._backlog.close()

    def publish_reading(self, payload: ReadingPayload) -> None:
        """Publish with QoS 0, expiring when the reading does; dropped while not connected."""
        valid_s = (payload.expires_at - payload.measured_at).total_seconds()
        self._put(
            Outgoing(
                kind=Kind.READING,
                topic=self._topics.reading,
                payload=_json(payload),
                expiry_s=max(1, ceil(valid_s)),
            )
        )

    def publish_status(self, payload: StatusPayload) -> None:
        """Publish with QoS 1, retained."""
        self._put(
            Outgoing(
                kind=Kind.STATUS,
                topic=self._topics.status,
                payload=_json(payload),
                expiry_s=STATUS_EXPIRY_S,
            )
        )

    def publish_alarm(self, payload: AlarmPayload) -> None:
        """Publish with QoS 1, retained."""
        topic = self._topics.alarm(payload.condition)
        self._put(Outgoing(kind=Kind.ALARM, topic=topic, payload=_json(payload)))

    def publish_event(self, payload: EventPayload) -> None:
        """Publish with QoS 1, in order; waits, on disk, while there is no connection."""
        self.publish_events([payload], state=None)

    def publish_events(self, payloads: Sequence[EventPayload], *, state: bytes | None) -> None:
        """Publish events; they and the state that they led to are on disk before any is sent.

        Args:
            payloads: events in their order.
            state: alarm state after them; None leaves the one that is there.
        """
        with self._drained:
            self._backlog.append([_json(payload) for payload in payloads], state=state)
        self._connection.wake()

    def remember(self, state: bytes) -> None:
        """Keep a state that no event led to."""
        with self._drained:
            self._backlog.remember(state)

    def on_up(self, client: Client) -> None:
        """Subscribe and queue the birth."""
        self._subscribing.clear()
        self._unsubscribed = []
        self._echo.connected()
        echo = None if client.protocol == MQTTv5 else self._echo.name
        for name in (self._topics.commands, self._heartbeat, echo):
            if name is None or self._refusals.withheld(name):
                continue
            if self._refusals.suspected(name):
                self._unsubscribed.append(name)
            else:
                self._subscribe(client, name)
        with self._drained:
            self._outbox.connected()
        self._on_connected()

    def on_down(self) -> None:
        """Keep what must not be lost, and note what was under way."""
        with self._drained:
            in_flight = self._outbox.in_flight
            self._outbox.disconnected()
            self._drained.notify_all()
            if self._connection.given_up:
                return
            topics = [*self._subscribing.values()]
            if in_flight is not None:
                topics.append(in_flight.topic)
            failure = self._refusals.ended(
                topics, self._connection.ended, worked=self._outbox.worked
            )
        if failure is not None:
            self._connection.give_up(failure)

    def on_message(self, message: MQTTMessage) -> None:
        """Hand a command on; of an oversized one only enough to see that it is."""
        if message.topic == self._heartbeat:
            self._heard_station(bytes(message.payload), retained=message.retain)
            return
        if message.topic == self._echo.topic:
            self._echo.heard(bytes(message.payload), retained=message.retain)
            return
        name = message.topic.rpartition("/")[2]
        self._on_command(name, bytes(message.payload[: MAX_COMMAND_BYTES + 1]), message.retain)

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """Let the next message go, or give up a connection on which the room cannot be told of."""
        if reason.is_failure:
            self._refused(mid, reason)
            return
        with self._drained:
            message = self._outbox.acknowledged(mid)
            if message is not None:
                self._refusals.taken(message)
            self._drained.notify_all()
        if message is not None and message.topic == self._echo.topic:
            self._echo.said(time.monotonic())

    def _heard_station(self, payload: bytes, *, retained: bool) -> None:
        if not payload:
            self._listening_until_s = float("-inf")
            return
        try:
            beat = HeartbeatPayload.model_validate_json(payload, strict=True)
        except ValidationError:
            _log.warning("%s: the station's heartbeat cannot be read", self._client_id)
            return
        # A beat that comes now was sent now, whatever the two clocks say. One that the broker had
        # kept may be as old as it likes: its own end is all that is known, and a clock of ours
        # that begins in the past must not put that off.
        since = max(datetime.now(UTC), beat.at) if retained else beat.at
        now_s = time.monotonic()
        self._listening_until_s = now_s + (beat.expires_at - since).total_seconds()
        if not retained:
            self._station_time = Moment(monotonic_s=now_s, wall=beat.at)

    def _refused(self, mid: int, reason: ReasonCode) -> None:
        with self._drained:
            message = self._outbox.refused(mid)
            failure = None if message is None else self._refusals.refused(message, reason)
            self._drained.notify_all()
        if failure is not None:
            self._connection.give_up(failure)

    def _subscribe(self, client: Client, name: str) -> None:
        topic = self._echo.topic if name == self._echo.name else name
        # With QoS 0 the broker keeps nothing for a box that is away: a heartbeat says the time.
        _, mid = client.subscribe(topic, qos=1 if name == self._topics.commands else 0)
        if mid is not None:
            self._subscribing[mid] = name

    def _on_suback(self, mid: int, refusal: str | None) -> None:
        name = self._subscribing.pop(mid, None)
        if name is None:
            return
        with self._drained:
            if refusal is not None:
                self._refusals.denied(name, refusal)
                return
            self._refusals.granted(name)
            if name == self._echo.name:
                self._echo.listening()
                self._outbox.say_online_again()  # where it was said before that

    def pump(self, client: Client) -> None:
        """Publish what may go now; a message that the broker has lost needs a new connection."""
        with self._drained:
            released = self._outbox.release(time.monotonic())
            overdue = self._outbox.in_flight
        subscriptions = (self._topics.commands, self._heartbeat)
        self._unsubscribed += [topic for topic in released if topic in subscriptions]
        self._echo.judge(time.monotonic())
        if overdue is not None and time.monotonic() - self._sent_s > UNACKNOWLEDGED_S:
            with self._drained:
                self._refusals.ended([overdue.topic], None, worked=self._outbox.worked)
            self._connection.give_up(
                failures.unacknowledged(self._mqtt, overdue.topic, after_s=UNACKNOWLEDGED_S)
            )
            return
        while not self._connection.given_up and (message := self._next()) is not None:
            self._publish(client, message)
        if self._unsubscribed and not self._subscribing and not self.pending:
            self._subscribe(client, self._unsubscribed.pop(0))

    def _publish(self, client: Client, message: Outgoing) -> None:
        properties = _properties(message, version5=client.protocol == MQTTv5)
        limit = self._connection.max_packet_bytes
        with self._drained:
            fitted, failure = self._refusals.fitted(message, properties, limit=limit)
            if fitted is None and failure is None:
                self._outbox.skip()
        if failure is not None:
            self._connection.give_up(failure)
        if fitted is None:
            return
        info = client.publish(
            fitted.topic,
            fitted.payload,
            qos=fitted.qos,
            retain=fitted.retain,
            properties=properties,
        )
        if fitted.qos:
            self._sent_s = time.monotonic()
            with self._drained:
                self._outbox.sent(info.mid)

    def _next(self) -> Outgoing | None:
        with self._drained:
            return self._outbox.next()

    def _put(self, message: Outgoing) -> None:
        with self._drained:
            self._outbox.put(message)
        self._connection.wake()

    def _availability(self, availability: Availability) -> Outgoing:
        return Outgoing(
            kind=Kind.AVAILABILITY,
            topic=self._topics.availability,
            payload=availability.value.encode(),
        )


def _properties(message: Outgoing, *, version5: bool) -> Properties | None:
    if not version5:
        return None
    values: dict[str, int | str] = {"PayloadFormatIndicator": 1}
    if message.kind is not Kind.AVAILABILITY:
        values["ContentType"] = "application/json"
    if message.expiry_s is not None:
        values["MessageExpiryInterval"] = message.expiry_s
    return packet_properties(PacketTypes.PUBLISH, **values)


def _json(payload: BaseModel) -> bytes:
    return payload.model_dump_json().encode()

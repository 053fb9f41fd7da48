"""Publishes what many rooms say, in a process of its own: ``python -m station.bench.load``."""

from __future__ import annotations

import math
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from paho.mqtt.client import Client, MQTTMessageInfo, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Priority, Signal, Trigger
from pain.errors import BrokerError
from pain.topics import Topics
from pain.wire import AlarmEventPayload, AlarmPayload, Availability, ReadingPayload

SITE: Final = "bench"
PATIENCE_S: Final = 60.0


def room_name(number: int) -> str:
    """Short name of one of the rooms."""
    return f"room-{number:03}"


def main(port: int, rooms: int, seconds: float, burst: int) -> None:
    """Let every room say one reading a second, and half-way some of them raise an alarm at once.

    Each alarm is printed as it is published: room, and milliseconds since 1970.

    Args:
        port: broker on loopback.
        rooms: number of rooms; their readings are spread evenly over each second.
        seconds: length.
        burst: number of alarms (a state and an event each), all within one second.
    """
    topics = [Topics(site=SITE, room=room_name(number)) for number in range(rooms)]
    client = _connected(port)
    sent: list[MQTTMessageInfo] = []
    for topic in topics:
        word = Availability.ONLINE.value
        sent.append(client.publish(topic.availability, word, qos=1, retain=True))
    began_s = time.monotonic()
    for index in range(int(rooms * seconds)):
        due_s = began_s + index / rooms
        # The rate is what is measured; nothing is waited for here.
        time.sleep(max(0.0, due_s - time.monotonic()))
        _read(client, topics[index % rooms], room=index % rooms, second=index // rooms)
        if index == int(rooms * seconds / 2):
            for number in range(burst):
                topic = topics[number % rooms]
                print(topic.room, int(time.time() * 1000), flush=True)  # noqa: T201
                sent += _alarm(client, topic)
    for info in sent:
        info.wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def _connected(port: int) -> Client:
    up = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.on_connect = lambda *_: up.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    if not up.wait(PATIENCE_S):
        raise BrokerError(f"no broker answers at 127.0.0.1:{port}")
    return client


def _read(client: Client, topics: Topics, *, room: int, second: int) -> None:
    now = datetime.now(UTC)
    # Slow, as smoothed levels are, and no reading like the one before it: every tile changes in
    # every second, and some of them their band.
    wave = math.sin(second / 10 + room)
    reading = ReadingPayload(
        level=2.0 + 1.5 * wave,
        spread=0.2,
        pspi=3.0 + wave,
        painad_facial_hint=1,
        confidence=0.8 + 0.15 * math.sin(second + room),
        coverage=0.9,
        action_units=dict.fromkeys(ActionUnit, 1.5 + wave),
        measured_at=now,
        expires_at=now + timedelta(seconds=5),
    )
    client.publish(topics.reading, reading.model_dump_json(), qos=0)


def _alarm(client: Client, topics: Topics) -> list[MQTTMessageInfo]:
    now = datetime.now(UTC)
    event = AlarmEventPayload(
        id=uuid4(),
        condition=Condition.PAIN_SEVERE,
        priority=Priority.HIGH,
        trigger=Trigger.ONSET,
        before=AlarmState.OFF,
        after=AlarmState.ON,
        present=True,
        signal=Signal.SOUNDING,
        level=5.2,
        limits={"level": 5.0, "on_delay_s": 2.0},
        onset_at=now,
        decided_at=now,
        published_at=now,
    )
    state = AlarmPayload(
        condition=event.condition,
        priority=event.priority,
        state=event.after,
        present=True,
        signal=event.signal,
        onset_at=now,
        changed_at=now,
        event_id=event.id,
    )
    return [
        client.publish(topics.alarm(event.condition), state.model_dump_json(), qos=1, retain=True),
        client.publish(topics.event, event.model_dump_json(), qos=1),
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))

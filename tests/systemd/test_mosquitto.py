"""The shipped mosquitto.conf and acl, run by the real mosquitto over TLS with real clients."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from typing import Final

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.mqtt.discovery import discovery_topic
from pain.alarms import Condition
from pain.topics import Topics, station_heartbeat
from pain.wire import COMMANDS
from tests.brokers import PATIENCE_S
from tests.systemd.shipped import SHIPPED, ShippedBroker

SITE: Final = "rosenhof"
ROOM_12, ROOM_14, ROOM_15, ROOM_99 = (
    Topics(site=SITE, room=f"room-{number}") for number in (12, 14, 15, 99)
)
ELSEWHERE: Final = Topics(site="elm-court", room="room-12")
USERS: Final = ("room-12", "room-99", "box-3", "ward-2", "homeassistant")
NOT_AUTHORISED: Final = 135


def told_by(room: Topics) -> tuple[str, ...]:
    """Everything that a room publishes."""
    alarms = (room.alarm(condition) for condition in Condition)
    return (room.availability, room.status, room.reading, room.event, *alarms)


def orders_to(room: Topics) -> tuple[str, ...]:
    return tuple(room.command(name) for name in COMMANDS)


HEARTBEAT: Final = station_heartbeat(SITE, "ward-2")
HEARTBEATS: Final = tuple(station_heartbeat(SITE, name) for name in ("ward-2", "ward-3", "room-12"))
ROOMS: Final = (ROOM_12, ROOM_14, ROOM_15, ROOM_99)
DISCOVERY: Final = {room: discovery_topic("homeassistant", room) for room in ROOMS}

MAY_WRITE: Final[dict[str, set[str]]] = {
    "room-12": {*told_by(ROOM_12), DISCOVERY[ROOM_12]},
    "room-99": {*told_by(ROOM_99)},
    "box-3": {
        *told_by(ROOM_14),
        *told_by(ROOM_15),
        DISCOVERY[ROOM_14],
        DISCOVERY[ROOM_15],
    },
    "ward-2": {HEARTBEAT, *(order for room in ROOMS for order in orders_to(room))},
    "homeassistant": {"homeassistant/status"},
}
MAY_READ: Final[dict[str, set[str]]] = {
    "room-12": {*orders_to(ROOM_12), ROOM_12.availability, *HEARTBEATS},
    "room-99": {*orders_to(ROOM_99), ROOM_99.availability, *HEARTBEATS},
    "box-3": {
        *orders_to(ROOM_14),
        *orders_to(ROOM_15),
        ROOM_14.availability,
        ROOM_15.availability,
        *HEARTBEATS,
    },
    "ward-2": {
        "painwatch/rosenhof",
        *HEARTBEATS,
        *(topic for room in ROOMS for topic in (*told_by(room), *orders_to(room))),
    },
    "homeassistant": {
        "homeassistant/status",
        *HEARTBEATS,
        *DISCOVERY.values(),
        *(topic for room in ROOMS for topic in told_by(room)),
    },
}
EVERYTHING: Final = (
    *(topic for room in (*ROOMS, ELSEWHERE) for topic in (*told_by(room), *orders_to(room))),
    *DISCOVERY.values(),
    *HEARTBEATS,
    "homeassistant/status",
    "painwatch/rosenhof",
    "something/else",
)
ORACLE: Final = "oracle"
"""Added to the shipped acl by these tests: may write what others may or may not hear."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedBroker]:
    with ShippedBroker(
        tmp_path_factory.mktemp("mosquitto"),
        users=(*USERS, ORACLE),
        more_acl=f"user {ORACLE}\ntopic write #\n",
    ) as running:
        yield running


class Person:
    """A client over TLS that knows what the broker said to each request."""

    def __init__(
        self, broker: ShippedBroker, user: str | None, password: str | None = None
    ) -> None:
        self._answers: dict[int, ReasonCode] = {}
        self._changed = threading.Condition()
        self._connected: ReasonCode | None = None
        self._heard: list[tuple[str, bytes]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, f"test-{user}", protocol=MQTTv5)
        if user is not None:
            self._client.username_pw_set(user, password or f"{user}-pw")
        self._client.tls_set_context(ssl.create_default_context(cafile=broker.certificates.ca))
        self._client.on_connect = self._on_connect
        self._client.on_publish = lambda _c, _u, mid, reason, _p: self._take(mid, reason)
        self._client.on_subscribe = lambda _c, _u, mid, reasons, _p: self._take(mid, reasons[0])
        self._client.on_message = self._on_message
        self._client.connect("localhost", broker.port)
        self._client.loop_start()
        with self._changed:
            assert self._changed.wait_for(lambda: self._connected is not None, PATIENCE_S)

    @property
    def admitted(self) -> bool:
        assert self._connected is not None
        return not self._connected.is_failure

    def may_write(self, topic: str, payload: bytes = b"x") -> bool:
        code = self._answer(self._client.publish(topic, payload, qos=1).mid)
        assert code.value in {0, 16, NOT_AUTHORISED}, code  # 16: nobody has subscribed to it
        return not code.is_failure

    def listen(self) -> None:
        """Ask for everything; mosquitto grants that, and sends what may be heard."""
        mid = self._client.subscribe("#", qos=1)[1]
        assert mid is not None
        assert not self._answer(mid).is_failure

    def heard_until(self, last: bytes) -> set[str]:
        """The topics of all messages before the one with this payload."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: any(payload == last for _, payload in self._heard), PATIENCE_S
            )
            return {topic for topic, payload in self._heard if payload != last}

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client._reset_sockets(sockpair_only=True)  # paho leaves them to the collector

    def _answer(self, mid: int) -> ReasonCode:
        with self._changed:
            assert self._changed.wait_for(lambda: mid in self._answers, PATIENCE_S)
            return self._answers.pop(mid)

    def _take(self, mid: int, reason: ReasonCode) -> None:
        with self._changed:
            self._answers[mid] = reason
            self._changed.notify_all()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        with self._changed:
            self._heard.append((message.topic, bytes(message.payload)))
            self._changed.notify_all()

    def _on_connect(self, *arguments: object) -> None:
        with self._changed:
            reason = arguments[3]
            assert isinstance(reason, ReasonCode)
            self._connected = reason
            self._changed.notify_all()


@pytest.mark.parametrize("user", USERS)
def test_each_user_writes_its_own_topics_and_no_other(broker: ShippedBroker, user: str):
    person = Person(broker, user)
    wrote = {topic for topic in EVERYTHING if person.may_write(topic)}
    person.leave()
    assert wrote == MAY_WRITE[user]


@pytest.mark.parametrize("user", USERS)
def test_each_user_hears_its_own_topics_and_no_other(broker: ShippedBroker, user: str):
    person, oracle = Person(broker, user), Person(broker, ORACLE)
    person.listen()
    for topic in EVERYTHING:
        assert oracle.may_write(topic)
    assert oracle.may_write(HEARTBEAT, b"the end")  # which everybody hears
    heard = person.heard_until(b"the end")
    person.leave()
    oracle.leave()
    assert heard == MAY_READ[user]


@pytest.mark.parametrize(
    ("user", "password"), [(None, None), ("ward-2", "guess"), ("stranger", "x")]
)
def test_who_has_no_user_and_password_is_not_let_in(
    broker: ShippedBroker, user: str | None, password: str | None
):
    person = Person(broker, user, password)
    assert not person.admitted
    person.leave()


def test_without_tls_nobody_is_heard(broker: ShippedBroker):
    client = Client(CallbackAPIVersion.VERSION2, "plain", protocol=MQTTv5)
    ended = threading.Event()
    admitted: list[object] = []
    client.on_connect = lambda *arguments: admitted.append(arguments)
    client.on_disconnect = lambda *_: ended.set()
    client.connect("localhost", broker.port)
    client.loop_start()
    assert ended.wait(PATIENCE_S)
    client.loop_stop()
    client._reset_sockets(sockpair_only=True)
    assert not admitted


def test_the_queue_for_a_station_that_is_away_holds_a_weekend():
    conf = (SHIPPED / "mosquitto" / "mosquitto.conf").read_text()
    settings = dict(
        line.split(" ", 1) for line in conf.splitlines() if line and not line.startswith("#")
    )
    events = 200 * 6 * 24 * 3  # 200 rooms, an event every ten minutes, three days
    assert int(settings["max_queued_messages"]) >= events
    assert settings["persistence"] == "true"
    assert settings["allow_anonymous"] == "false"

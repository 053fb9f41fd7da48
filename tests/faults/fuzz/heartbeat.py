"""The station's heartbeat: a room listens until a finite time, or not at all."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, Final, NoReturn

import atheris

with atheris.instrument_imports(include=["edge", "pain"]):
    from edge.config import MqttConfig
    from edge.mqtt import RoomLink
    from pain.topics import Topics, station_heartbeat

from paho.mqtt.client import MQTTMessage

from tests.faults.fuzz.damage import as_json
from tests.faults.fuzz.engine import Mutator, fuzz
from tests.faults.fuzz.moment import WALL

GOOD: Final = {
    "schema_version": 1,
    "station": "ward-2",
    "at": WALL.isoformat(),
    "expires_at": (WALL + timedelta(seconds=60)).isoformat(),
}
WORDS: Final = (
    *(b"{", b"}", b"[", b'"', b":", b",", b"null", b"NaN", b"1e999", b"-", b"\\u0000", b"\\ud800"),
    *(b"\xff\xfe", b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59", b"Z", b"P1D"),
)


def _no_command(*_: Any) -> NoReturn:
    raise AssertionError("a heartbeat was taken for a command")


LINK: Final = RoomLink(
    mqtt=MqttConfig(host="broker", station="ward-2"),
    topics=Topics(site="home", room="room-1"),
    room_name="Room 1",
    on_command=_no_command,
    on_connected=lambda: None,
)


def one(data: bytes) -> str:
    """Hear a beat: an odd first byte says that the broker had kept it, the rest is its text."""
    assert _hear(b"", retained=True) == float("-inf")  # the station has gone
    until_s = _hear(data[1:], retained=bool(data and data[0] % 2))
    assert until_s == float("-inf") or math.isfinite(until_s)
    return "taken" if math.isfinite(until_s) else "refused"


def _hear(payload: bytes, *, retained: bool) -> float:
    message = MQTTMessage(topic=station_heartbeat("home", "ward-2").encode())
    message.payload, message.retain = payload, retained
    LINK.on_message(message)
    return LINK.listening_until_s


if __name__ == "__main__":
    fuzz(
        one,
        seeds=[b"\0" + as_json(GOOD), b"\1" + as_json(GOOD), b"\0" + b"[" * 2000],
        mutator=Mutator(documents=[GOOD], header=1),
        words=WORDS,
        max_len=2048,
    )

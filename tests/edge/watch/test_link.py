"""The board against a real broker and a real room: gateway logic, link, commands and answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest
from textual.pilot import Pilot

from edge.config import (
    AlarmsConfig,
    CameraConfig,
    EdgeConfig,
    MqttConfig,
    PainLimit,
    RoomConfig,
    SmoothingConfig,
)
from edge.gateway.room import RoomGateway
from edge.mqtt import RoomLink
from edge.watch.app import BoardApp
from edge.watch.bands import bands_from
from edge.watch.feed import Heard, LinkChange, Message, Notice
from edge.watch.link import BoardLink
from edge.worker.messages import ReadingMessage
from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition
from pain.clock import SystemClock
from pain.errors import BrokerError
from pain.topics import Topics
from pain.values import Reading, Score
from tests.brokers import PATIENCE_S, MosquittoBroker, free_port

SITE, ROOM = "elm-court", "room-12"
KEY = f"{SITE}/{ROOM}"
RIGHT, WRONG = "Abendrot", "Morgenrot"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path / "broker") as running:
        yield running


class Room:
    """The daemon's own logic and link for one room; only the camera is missing."""

    def __init__(self, mqtt: MqttConfig) -> None:
        self.clock = SystemClock()
        room = RoomConfig(id=ROOM, name="Room 12", camera=CameraConfig(uri="v4l2:///dev/video0"))
        config = EdgeConfig(
            site=SITE,
            mqtt=mqtt,
            rooms=(room,),
            smoothing=SmoothingConfig(time_constant_s=0.1, window_s=0.5),
            alarms=AlarmsConfig(
                pain_moderate=PainLimit(level=3.0, on_delay_s=0.1),
                pain_severe=PainLimit(level=5.0, on_delay_s=0.1),
            ),
        )
        self._lock = threading.Lock()
        self.link = RoomLink(
            mqtt=mqtt,
            topics=Topics(site=SITE, room=ROOM),
            room_name="Room 12",
            on_command=self._command,
            on_connected=lambda: None,
        )
        self.gateway = RoomGateway(
            room=room, config=config, publisher=self.link, clock=self.clock, fast=False
        )
        self.link.start()
        assert self.link.wait_connected(PATIENCE_S), self.link.failure

    def _command(self, name: str, payload: bytes, retained: bool) -> None:
        with self._lock:
            self.gateway.command(name, payload, retained=retained)

    def feels(self, level: float) -> None:
        """Two seconds of readings at 25 fps, at once: a fast clip runs ahead of the clock too."""
        start = self.clock.now()
        score = Score(
            level=level,
            probabilities=(0, 0, 0, 0, 0, 0, 1),
            pspi=None,
            action_units={ActionUnit.AU4: 4.0, ActionUnit.AU7: 3.0},
            confidence=0.8,
        )
        with self._lock:
            for index in range(50):
                reading = Reading(
                    captured_s=start.monotonic_s + index * 0.04,
                    wall_time=start.wall + timedelta(seconds=index * 0.04),
                    sequence=index,
                    outcome=score,
                    face_height_px=90.0,
                )
                self.gateway.handle(ReadingMessage(reading=reading))


class Board:
    """The Textual board on a real link."""

    def __init__(self, mqtt: MqttConfig, *, person: str | None = None) -> None:
        self.inbox: SimpleQueue[Heard] = SimpleQueue()
        self.link = BoardLink(mqtt=mqtt, site=SITE, clock=SystemClock())
        self.link.start(self.inbox.put)
        self.app = BoardApp(
            inbox=self.inbox,
            feed=self.link,
            site=SITE,
            bands=bands_from(AlarmsConfig()),
            clock=SystemClock(),
            person=person,
        )

    async def until(self, pilot: Pilot[None], shown: Callable[[BoardApp], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not shown(self.app):
                await pilot.pause(0.02)


def alarm_is(condition: Condition, state: AlarmState) -> Callable[[BoardApp], bool]:
    def shown(app: BoardApp) -> bool:
        room = app.state.rooms.get(KEY)
        alarm = room.alarms.get(condition) if room else None
        return alarm is not None and alarm.state is state

    return shown


def says(text: str) -> Callable[[BoardApp], bool]:
    return lambda app: any(line.text == text for line in app.state.log)


async def test_an_alarm_is_shown_acknowledged_and_answered(broker: MosquittoBroker) -> None:
    room = Room(broker.config())
    board = Board(broker.config())
    try:
        async with board.app.run_test(size=(80, 24)) as pilot:
            room.feels(5.8)
            await board.until(pilot, alarm_is(Condition.PAIN_SEVERE, AlarmState.ON))
            await pilot.press("a", *"anna", "enter")
            await board.until(pilot, alarm_is(Condition.PAIN_SEVERE, AlarmState.ACKNOWLEDGED))
            await board.until(pilot, says("acknowledge by anna: accepted"))
            await board.until(pilot, says("severe pain acknowledged by anna"))
            acknowledged = board.app.state.rooms[KEY].alarms[Condition.PAIN_SEVERE]
            assert acknowledged.acknowledged_by == "anna"
    finally:
        board.link.stop()
        room.link.stop()


async def test_a_command_that_cannot_be_applied_is_refused_aloud(broker: MosquittoBroker) -> None:
    room = Room(broker.config())
    board = Board(broker.config(), person="anna")
    try:
        async with board.app.run_test(size=(80, 24)) as pilot:
            await board.until(pilot, lambda app: KEY in app.state.rooms)
            await board.until(pilot, lambda app: app.chosen == KEY)
            await pilot.press("r")
            await board.until(pilot, lambda app: any(line.mine for line in app.state.log))
            (line,) = [line for line in board.app.state.log if line.mine]
            assert line.text.startswith("resume by anna: refused, ")
    finally:
        board.link.stop()
        room.link.stop()


def test_a_board_that_comes_later_hears_what_stands(broker: MosquittoBroker) -> None:
    room = Room(broker.config())
    room.feels(5.8)
    heard: SimpleQueue[Heard] = SimpleQueue()
    link = BoardLink(mqtt=broker.config(), site=SITE, clock=SystemClock())
    link.start(heard.put)
    try:
        wanted = {"availability", "status", "alarm/pain_severe"}
        while wanted:
            item = heard.get(timeout=PATIENCE_S)
            if isinstance(item, Message):
                wanted.discard(item.topic.removeprefix(f"painwatch/{KEY}/"))
    finally:
        link.stop()
        room.link.stop()


def test_the_board_hears_when_the_broker_goes_and_why(broker: MosquittoBroker) -> None:
    heard: SimpleQueue[Heard] = SimpleQueue()
    link = BoardLink(mqtt=broker.config(), site=SITE, clock=SystemClock())
    link.start(heard.put)
    try:
        broker.kill()
        changes: list[bool] = []
        notices: list[str] = []
        while changes != [True, False] or not notices:
            item = heard.get(timeout=PATIENCE_S)
            if isinstance(item, LinkChange):
                changes.append(item.connected)
            elif isinstance(item, Notice):
                notices.append(item.text)
        assert str(broker.port) in notices[0]
    finally:
        link.stop()


def test_an_absent_broker_is_an_error_with_a_sentence() -> None:
    port = free_port()
    mqtt = MqttConfig(host="127.0.0.1", port=port, plaintext=True, connect_timeout_s=0.5)
    link = BoardLink(mqtt=mqtt, site=SITE, clock=SystemClock())
    with pytest.raises(BrokerError, match=f"nothing listens at .*:{port}"):
        link.start(lambda _item: None)


def test_a_wrong_password_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    with MosquittoBroker(tmp_path / "broker", users={"board": RIGHT}) as broker:
        mqtt = broker.config(username="board", password=WRONG)
        link = BoardLink(mqtt=mqtt, site=SITE, clock=SystemClock())
        with pytest.raises(BrokerError, match=r"mqtt\.username"):
            link.start(lambda _item: None)

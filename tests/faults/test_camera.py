"""What becomes of cameras: each fault is told by the right alarm, and ends when it is over.

One real daemon watches five rooms at once; four are real RTSP cameras (a GStreamer server each),
which are unplugged, stalled, frozen, covered, or replaced by something that speaks no RTSP. The
fifth room must notice nothing.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from edge.config import EdgeConfig
from pain.alarms import Condition, Trigger
from pain.topics import Topics
from pain.wire import EVENTS, AlarmEventPayload, StatusPayload
from tests.brokers import Heard, MosquittoBroker, Recorder, free_port
from tests.edge.capture.rooms import Grey, encode, living, resident_room, with_clock
from tests.edge.capture.rtsp import serve
from tests.edge.gateway.conftest import RESIDENT_CLIP
from tests.edge.gateway.daemons import Daemon

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

PATIENCE_S = 100.0
FPS = 5
ROOMS = ("calm", "plug", "stall", "frozen", "black")
TOPICS = {room: Topics(site="home", room=room) for room in ROOMS}
LIVE_S, FAULTY_S, AFTER_S = 8, 16, 40
"""A clip whose picture is frozen or black for a while, under a clock that runs on."""
STILL_AFTER_S = 8.0
"""Shorter than in a home, so that the test is."""
BIT_RATE = 300_000
ENCODER = {
    "preset": "veryfast",
    "maxrate": str(BIT_RATE),
    "bufsize": str(BIT_RATE),
    "g": "10",
    "bf": "0",
}
"""As a camera encodes: at a constant rate, refining what stands still, so that a frozen picture is
never twice the same (tests/edge/capture/test_stillness.py tries other encoders)."""

Said = Callable[[str, object], None]


def clip(path: Path, *, fault: str | None = None, size: tuple[int, int] = (320, 240)) -> Path:
    """A room in which somebody breathes; then the fault, then the room again."""
    breathing = living(resident_room(*size), pictures=20 * FPS, fps=FPS, noise=3.0, breath_px=1.5)
    alive = list(breathing)

    def pictures() -> Iterator[Grey]:
        picture = alive[0]
        for number in range((LIVE_S + FAULTY_S + AFTER_S) * FPS):
            faulty = LIVE_S * FPS <= number < (LIVE_S + FAULTY_S) * FPS
            if faulty and fault == "black":
                picture = np.zeros_like(picture)
            elif not (faulty and fault == "frozen"):
                picture = alive[number % len(alive)]
            yield with_clock(picture.copy(), number // FPS)

    return encode(path, pictures(), codec="libx264", fps=FPS, bit_rate=BIT_RATE, options=ENCODER)


@dataclass(kw_only=True)
class World:
    """The daemon's rooms, and what was heard of them."""

    daemon: Daemon
    ear: Recorder
    plug_port: int
    stall_pid: int
    plugged: ExitStack
    folder: Path

    def events(self, room: str, heard: list[Heard] | None = None) -> list[AlarmEventPayload]:
        found = []
        for one in self.ear.messages if heard is None else heard:
            if one.topic == TOPICS[room].event:
                event = EVENTS.validate_json(one.payload)
                if isinstance(event, AlarmEventPayload):
                    found.append(event)
        return found

    def wait_for(
        self, room: str, trigger: Trigger, *, times: int = 1, of: Condition = Condition.CAMERA_LOST
    ) -> AlarmEventPayload:
        def look(heard: list[Heard]) -> list[AlarmEventPayload]:
            found = [
                event
                for event in self.events(room, heard)
                if event.condition is of and event.trigger is trigger
            ]
            return found[times - 1 : times]

        return self.ear.wait_for(look)[0]

    def wait_for_status(self, room: str, wanted: Callable[[StatusPayload], object]) -> None:
        self.ear.wait_for(
            lambda heard: any(
                wanted(StatusPayload.model_validate_json(one.payload))
                for one in heard
                if one.topic == TOPICS[room].status
            )
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, landmarker_path: Path) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("camera")
    steady = clip(folder / "steady.mp4")
    with ExitStack() as stack, ExitStack() as plugged:
        broker = stack.enter_context(MosquittoBroker(folder / "broker"))
        ear = stack.enter_context(Recorder(broker.port, patience_s=PATIENCE_S))
        port = free_port()
        plugged.enter_context(serve(steady, port=port))
        stall = stack.enter_context(serve(steady))
        uris = {"calm": str(RESIDENT_CLIP), "plug": f"rtsp://127.0.0.1:{port}/room"}
        uris["stall"] = stall.uri()
        for fault in ("frozen", "black"):
            made = clip(folder / f"{fault}.mp4", fault=fault)
            uris[fault] = stack.enter_context(serve(made)).uri()
        config = EdgeConfig.model_validate(
            {
                "site": "home",
                "mqtt": broker.config(homeassistant_prefix=None).model_dump(),
                "rooms": [
                    {
                        "id": room,
                        "camera": {
                            "uri": uri,
                            "loop": room == "calm",
                            "fps_limit": FPS,
                            "still_after_s": STILL_AFTER_S,
                        },
                    }
                    for room, uri in uris.items()
                ],
                "tracking": {"landmarker": str(landmarker_path)},
                "storage": {"folder": str(folder / "state")},
            }
        )
        daemon = stack.enter_context(Daemon(folder / "box.yaml", config))
        made_world = World(
            daemon=daemon,
            ear=ear,
            plug_port=port,
            stall_pid=stall.pid,
            plugged=plugged,
            folder=folder,
        )
        for room in ROOMS:
            made_world.wait_for_status(room, watched)
        yield made_world
        os.kill(stall.pid, signal.SIGCONT)


def watched(status: StatusPayload) -> bool:
    return status.fps is not None and status.stages["capture"].state == "ok"


def seconds(event: AlarmEventPayload, since: datetime) -> float:
    return round((event.decided_at - since).total_seconds(), 2)


@pytest.mark.parametrize(("fault", "said"), [("frozen", "stands still"), ("black", "black")])
def test_a_picture_that_shows_nothing_is_a_lost_camera(
    world: World, fault: str, said: str, record_property: Said
):
    began = world.wait_for(fault, Trigger.ONSET)
    ended = world.wait_for(fault, Trigger.CLEARED)
    world.wait_for_status(fault, lambda status: said in str(status.stages["capture"].detail))
    # The picture is faulty for a while, told within STILL_AFTER_S and a little, and then it is
    # back at once.
    told_s = (ended.decided_at - began.decided_at).total_seconds()
    record_property(f"{fault}_told_s", told_s)
    assert told_s > FAULTY_S / 4


def test_a_stalled_camera_is_lost_and_comes_back(world: World, record_property: Said):
    since = datetime.now(UTC)
    os.kill(world.stall_pid, signal.SIGSTOP)
    record_property("stall_alarm_s", seconds(world.wait_for("stall", Trigger.ONSET), since))
    since = datetime.now(UTC)
    os.kill(world.stall_pid, signal.SIGCONT)
    record_property("stall_back_s", seconds(world.wait_for("stall", Trigger.CLEARED), since))


def test_an_unplugged_camera_is_lost_and_another_in_its_place_is_watched(
    world: World, record_property: Said
):
    since = datetime.now(UTC)
    world.plugged.close()
    record_property("plug_alarm_s", seconds(world.wait_for("plug", Trigger.ONSET), since))

    with Garbage(world.plug_port) as garbage:
        assert garbage.asked.wait(PATIENCE_S), "nobody tried to connect"
    assert len(world.events("plug")) == 1, "garbage was taken for a picture"

    other = clip(world.folder / "other.mp4", size=(640, 368))
    since = datetime.now(UTC)
    with serve(other, port=world.plug_port):
        record_property("plug_back_s", seconds(world.wait_for("plug", Trigger.CLEARED), since))
        world.wait_for_status("plug", watched)


def test_the_other_room_noticed_nothing_and_no_worker_was_lost(world: World):
    assert [
        event for event in world.events("calm") if event.condition is Condition.CAMERA_LOST
    ] == []
    for room in ROOMS:
        newest = [one for one in world.ear.messages if one.topic == TOPICS[room].status][-1]
        assert StatusPayload.model_validate_json(newest.payload).worker_restarts == 0, room


class Garbage:
    """Listens where a camera was and answers with noise."""

    def __init__(self, port: int) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self.asked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="garbage")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _run(self) -> None:
        noise = np.random.default_rng(2).integers(0, 256, 200_000, np.uint8).tobytes()
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client:
                try:
                    client.recv(4096)
                    client.sendall(noise)
                except OSError:
                    pass
            self.asked.set()

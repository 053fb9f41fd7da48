"""Vision workers that crash, hang, and are killed for their memory: told, and watched again.

One real daemon; a fault for each of three rooms at the same time, and a fourth room beside them.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.config import EdgeConfig
from pain.alarms import Condition, Trigger
from pain.topics import Topics
from pain.wire import EVENTS, AlarmEventPayload, StatusPayload
from tests.brokers import Heard, MosquittoBroker, Recorder
from tests.edge.gateway.conftest import RESIDENT_CLIP
from tests.edge.gateway.daemons import Daemon

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

PATIENCE_S = 100.0
FAULTS = {
    "crash": signal.SIGSEGV,
    "hang": signal.SIGSTOP,
    "memory": signal.SIGKILL,  # what the kernel's out-of-memory killer sends
}
TOPICS = {room: Topics(site="home", room=room) for room in (*FAULTS, "calm")}


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Recorder]:
    with (
        MosquittoBroker(tmp_path / "broker") as broker,
        Recorder(broker.port, patience_s=PATIENCE_S) as ear,
    ):
        yield ear


@pytest.fixture
def daemon(tmp_path: Path, ear: Recorder, landmarker_path: Path) -> Iterator[Daemon]:
    mqtt = {"host": "127.0.0.1", "port": ear.port, "plaintext": True, "homeassistant_prefix": None}
    camera = {"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 5}
    config = EdgeConfig.model_validate(
        {
            "site": "home",
            "mqtt": mqtt,
            "rooms": [{"id": room, "camera": camera} for room in TOPICS],
            "tracking": {"landmarker": str(landmarker_path)},
            "storage": {"folder": str(tmp_path / "state")},
        }
    )
    with Daemon(tmp_path / "box.yaml", config) as running:
        yield running


def model_failed(trigger: Trigger, room: str) -> Callable[[list[Heard]], list[AlarmEventPayload]]:
    def look(heard: list[Heard]) -> list[AlarmEventPayload]:
        events = [
            EVENTS.validate_json(one.payload) for one in heard if one.topic == TOPICS[room].event
        ]
        return [
            event
            for event in events
            if isinstance(event, AlarmEventPayload)
            and event.condition is Condition.MODEL_FAILED
            and event.trigger is trigger
        ]

    return look


def scored(room: str) -> Callable[[list[Heard]], bool]:
    def look(heard: list[Heard]) -> bool:
        statuses = (
            StatusPayload.model_validate_json(one.payload)
            for one in heard
            if one.topic == TOPICS[room].status
        )
        return any(status.fps for status in statuses)

    return look


def test_a_lost_worker_is_told_and_replaced_and_other_rooms_go_on(
    ear: Recorder, daemon: Daemon, record_property: Callable[[str, object], None]
):
    for room in TOPICS:
        ear.wait_for(scored(room))
    before = daemon.workers()
    since = datetime.now(UTC)
    for room, number in FAULTS.items():
        before[room].send_signal(number)
    for room in FAULTS:
        (onset,) = ear.wait_for(model_failed(Trigger.ONSET, room))
        (cleared,) = ear.wait_for(model_failed(Trigger.CLEARED, room))
        record_property(f"{room}_alarm_s", (onset.decided_at - since).total_seconds())
        record_property(f"{room}_back_s", (cleared.decided_at - onset.decided_at).total_seconds())
    after = daemon.workers()
    assert set(after) == set(TOPICS)
    for room in FAULTS:
        assert after[room].pid != before[room].pid
    assert after["calm"].pid == before["calm"].pid
    assert model_failed(Trigger.ONSET, "calm")(ear.messages) == []

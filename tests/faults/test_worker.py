"""Vision workers that crash, hang, and are killed for their memory: told, and watched again."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.config import EdgeConfig
from pain.alarms import Condition, Trigger
from pain.topics import Topics
from pain.wire import EVENTS, AlarmEventPayload, StageState, StatusPayload
from tests.brokers import Heard, MosquittoBroker, Recorder
from tests.edge.gateway.conftest import RESIDENT_CLIP
from tests.edge.gateway.daemons import Daemon
from tests.edge.score.conftest import Recipe, make_bundle

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


Watch = Callable[..., AbstractContextManager[Daemon]]


@pytest.fixture
def watch(tmp_path: Path, ear: Recorder, landmarker_path: Path) -> Watch:
    """Make a daemon that watches the clip in some rooms."""
    mqtt = {"host": "127.0.0.1", "port": ear.port, "plaintext": True, "homeassistant_prefix": None}
    camera = {"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 5}

    def make(rooms: Iterable[str], **sections: Any) -> Daemon:
        config = EdgeConfig.model_validate(
            {
                "site": "home",
                "mqtt": mqtt,
                "rooms": [{"id": room, "camera": camera} for room in rooms],
                "tracking": {"landmarker": str(landmarker_path)},
                "storage": {"folder": str(tmp_path / "state")},
                **sections,
            }
        )
        return Daemon(tmp_path / "box.yaml", config)

    return make


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


def statuses(
    room: str, wanted: Callable[[StatusPayload], object]
) -> Callable[[list[Heard]], list[StatusPayload]]:
    def look(heard: list[Heard]) -> list[StatusPayload]:
        said = (
            StatusPayload.model_validate_json(one.payload)
            for one in heard
            if one.topic == TOPICS[room].status
        )
        return [status for status in said if wanted(status)]

    return look


def scoring_is_stalled(status: StatusPayload) -> bool:
    return status.stages["score"].state is StageState.STALLED


def seconds(start: datetime, event: AlarmEventPayload) -> float:
    return (event.decided_at - start).total_seconds()


def test_a_lost_worker_is_told_and_replaced_and_other_rooms_go_on(
    ear: Recorder, watch: Watch, record_property: Callable[[str, object], None]
):
    # A fault for each of three rooms at the same time, and a fourth room beside them.
    with watch(TOPICS) as daemon:
        for room in TOPICS:
            ear.wait_for(statuses(room, lambda status: status.fps))
        before = daemon.workers()
        since = datetime.now(UTC)
        for room, number in FAULTS.items():
            before[room].send_signal(number)
        for room in FAULTS:
            (onset,) = ear.wait_for(model_failed(Trigger.ONSET, room))
            (cleared,) = ear.wait_for(model_failed(Trigger.CLEARED, room))
            record_property(f"{room}_alarm_s", seconds(since, onset))
            record_property(f"{room}_back_s", seconds(onset.decided_at, cleared))
        after = daemon.workers()
    assert set(after) == set(TOPICS)
    for room in FAULTS:
        assert after[room].pid != before[room].pid
    assert after["calm"].pid == before["calm"].pid
    assert model_failed(Trigger.ONSET, "calm")(ear.messages) == []


def test_a_model_that_never_answers_is_told_and_its_worker_replaced(
    ear: Recorder, watch: Watch, tmp_path: Path, record_property: Callable[[str, object], None]
):
    # It answers the golden input, whose numbers are 0, and no face: those lie at some pixel.
    make_bundle(tmp_path / "bundle", Recipe(hang_above=1.0))
    with watch(["hang"], scoring={"bundle": str(tmp_path / "bundle")}) as daemon:
        (stalled, *_) = ear.wait_for(statuses("hang", scoring_is_stalled))
        before = daemon.workers()["hang"]
        (onset,) = ear.wait_for(model_failed(Trigger.ONSET, "hang"))
        (lost, *_) = ear.wait_for(statuses("hang", lambda status: status.worker_restarts))
        ear.wait_for(statuses("hang", lambda status: status.at > lost.at and status.bundle))
        assert daemon.workers()["hang"].pid != before.pid
    record_property("alarm_s", seconds(stalled.at, onset))
    record_property("ended_s", (lost.at - stalled.at).total_seconds())
    assert onset.detail is not None
    assert "score" in onset.detail

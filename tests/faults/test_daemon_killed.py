"""The whole daemon, killed while severe pain is signalled, and started again."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

import edge
from edge.config import EdgeConfig
from pain.alarms import AlarmState, Condition, Signal, Trigger
from pain.topics import Topics
from pain.wire import (
    EVENTS,
    AcknowledgeCommand,
    AlarmEventPayload,
    AlarmPayload,
    EventPayload,
    RestartEventPayload,
)
from tests.brokers import MosquittoBroker, Recorder

CLIP = Path(edge.__file__).parent / "demo" / "resident.mp4"
TOPICS = Topics(site="home", room="room-1")
SEVERE = Condition.PAIN_SEVERE


@contextmanager
def daemon(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``painwatch edge run`` in a process group of its own, which is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "painwatch", "edge", "run", "-c", str(config), "--fast"],
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def events(recorder: Recorder) -> list[EventPayload]:
    return [EVENTS.validate_json(heard.payload) for heard in recorder.on(TOPICS.event)]


def severe(recorder: Recorder) -> list[AlarmEventPayload]:
    return [
        event
        for event in events(recorder)
        if isinstance(event, AlarmEventPayload) and event.condition is SEVERE
    ]


@pytest.mark.slow
def test_severe_pain_that_was_signalled_is_signalled_after_kill_9_until_somebody_acknowledges(
    tmp_path: Path, landmarker_path: Path
) -> None:
    config = tmp_path / "room.yaml"
    with MosquittoBroker(tmp_path / "broker") as broker, Recorder(broker.port) as recorder:
        recorder.patience_s = 120.0  # it waits for a video to be scored
        camera = {"uri": str(CLIP), "loop": True, "fps_limit": 5}
        made = EdgeConfig.model_validate(
            {
                "site": TOPICS.site,
                "mqtt": broker.config(homeassistant_prefix=None).model_dump(),
                "rooms": [{"id": TOPICS.room, "camera": camera}],
                "tracking": {"landmarker": str(landmarker_path)},
                "storage": {"folder": str(tmp_path / "state")},
            }
        )
        config.write_text(made.model_dump_json(exclude_none=True))
        with daemon(config) as first:
            recorder.wait_for(lambda _: severe(recorder))
            os.killpg(first.pid, signal.SIGKILL)
            recorder.wait_for_text(TOPICS.availability, "offline")
        before = severe(recorder)
        recorder.clear()
        with daemon(config) as second:
            recorder.wait_for_text(TOPICS.availability, "online")
            restarts = [e for e in events(recorder) if isinstance(e, RestartEventPayload)]
            (told,) = restarts or recorder.wait_for(
                lambda _: [e for e in events(recorder) if isinstance(e, RestartEventPayload)]
            )
            assert SEVERE in told.standing
            alarm = AlarmPayload.model_validate_json(recorder.on(TOPICS.alarm(SEVERE))[0].payload)
            assert alarm.state in {AlarmState.ON, AlarmState.LATCHED}
            assert alarm.signal is Signal.SOUNDING
            now = datetime.now(UTC)
            command = AcknowledgeCommand(
                id=uuid4(), person="nurse-7", issued_at=now, expires_at=now + timedelta(minutes=1)
            )
            recorder.publish(TOPICS.command("acknowledge"), command.model_dump_json())
            recorder.wait_for(
                lambda _: [
                    event for event in severe(recorder) if event.trigger is Trigger.ACKNOWLEDGED
                ]
            )
            second.send_signal(signal.SIGTERM)
            assert second.wait(60) == 0
            recorder.wait_for_text(TOPICS.availability, "stopped")
    # The clip is read fast, so its next episode may have begun meanwhile: as one chain.
    chain = list({event.id: event for event in [*before, *severe(recorder)]}.values())
    assert chain[0].trigger is Trigger.ONSET
    for earlier, later in itertools.pairwise(chain):
        assert earlier.after is later.before
    (led_here,) = [event for event in chain if event.id == alarm.event_id]
    assert (led_here.after, led_here.onset_at) == (alarm.state, alarm.onset_at)

"""The daemon whole: real clip, real MediaPipe, real model, real mosquitto."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from edge.config import AlarmsConfig
from edge.demo.truth import load_truth
from edge.gateway.box import RoomCommand
from edge.gateway.run import Gateway
from pain.alarms import AlarmState, Condition, Trigger
from pain.clock import SystemClock
from pain.errors import BrokerError
from pain.wire import (
    AcknowledgeCommand,
    AlarmEventPayload,
    AlarmPayload,
    CommandEventPayload,
    ReadingPayload,
    StatusPayload,
)
from tests.brokers import Heard, MosquittoBroker, Recorder, free_port
from tests.edge.gateway.conftest import (
    RESIDENT_CLIP,
    TOPICS,
    MakeConfig,
    RunningGateway,
    config_maker,
)
from tests.edge.gateway.daemons import Daemon


def alarm_events(recorder: Recorder) -> list[AlarmEventPayload]:
    return [
        AlarmEventPayload.model_validate_json(heard.payload)
        for heard in recorder.on(TOPICS.event)
        if b'"kind":"alarm"' in heard.payload
    ]


def came(condition: Condition, trigger: Trigger) -> object:
    def look(messages: list[Heard]) -> bool:
        return any(
            heard.topic == TOPICS.event
            and f'"condition":"{condition}"' in heard.text
            and f'"trigger":"{trigger}"' in heard.text
            for heard in messages
        )

    return look


def has_level(messages: list[Heard]) -> bool:
    return any(
        heard.topic == TOPICS.reading and '"level":null' not in heard.text for heard in messages
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, landmarker_path: Path) -> Iterator[Recorder]:
    """Everything that the wire carried while the whole clip was read once."""
    folder = tmp_path_factory.mktemp("broker")
    with MosquittoBroker(folder) as broker, Recorder(broker.port) as recorder:
        config = config_maker(broker, landmarker_path)()
        assert Gateway(config, fast=True, clock=SystemClock()).run(wait_for_broker=False) == 0
        recorder.wait_for_text(TOPICS.availability, "stopped")
        yield recorder


def test_the_clip_gives_each_pain_alarm_once_and_the_wire_shows_every_change_once(
    played: Recorder,
):
    events = alarm_events(played)
    onsets = [event.condition for event in events if event.trigger is Trigger.ONSET]
    assert onsets == [Condition.PAIN_MODERATE, Condition.PAIN_SEVERE]
    assert len({event.id for event in events}) == len(events)
    for condition in onsets:
        chain = [event for event in events if event.condition is condition]
        assert chain[0].before is AlarmState.OFF
        for earlier, later in itertools.pairwise(chain):
            assert earlier.after is later.before
        retained = AlarmPayload.model_validate_json(played.on(TOPICS.alarm(condition))[-1].payload)
        assert retained.event_id == chain[-1].id
        assert retained.state is chain[-1].after


def test_alarms_follow_the_true_onsets_within_the_on_delay_and_two_seconds(played: Recorder):
    truth = load_truth()
    status = StatusPayload.model_validate_json(played.on(TOPICS.status)[-1].payload)
    assert status.stream_started_at is not None
    for condition, limit in (
        (Condition.PAIN_MODERATE, AlarmsConfig().pain_moderate),
        (Condition.PAIN_SEVERE, AlarmsConfig().pain_severe),
    ):
        true_onset_s = next(
            index / truth.fps for index, level in enumerate(truth.level) if level >= limit.level
        )
        decided = next(
            event.decided_at for event in alarm_events(played) if event.condition is condition
        )
        decided_s = (decided - status.stream_started_at).total_seconds()
        assert 0.0 < decided_s - true_onset_s <= limit.on_delay_s + 2.0


def test_readings_come_about_once_a_second_and_never_claim_zero_for_unknown(played: Recorder):
    readings = [
        ReadingPayload.model_validate_json(heard.payload) for heard in played.on(TOPICS.reading)
    ]
    assert len(readings) > 20
    for reading in readings:
        assert (reading.level is None) == (reading.reason is not None)
    gaps_s = [
        (later.measured_at - earlier.measured_at).total_seconds()
        for earlier, later in itertools.pairwise(readings)
    ]
    assert all(0.9 <= gap_s <= 1.5 for gap_s in gaps_s)


def test_a_killed_worker_is_a_technical_alarm_and_comes_back(
    make_config: MakeConfig, recorder: Recorder
):
    camera = {"uri": str(RESIDENT_CLIP), "loop": True}
    with RunningGateway(make_config(camera=camera)):
        recorder.wait_for(lambda messages: any(heard.topic == TOPICS.reading for heard in messages))
        (worker,) = (
            child for child in psutil.Process().children() if "edge.worker" in child.cmdline()
        )
        os.kill(worker.pid, signal.SIGKILL)
        recorder.wait_for(came(Condition.MODEL_FAILED, Trigger.ONSET))
        recorder.wait_for(came(Condition.MODEL_FAILED, Trigger.CLEARED))
        status = StatusPayload.model_validate_json(recorder.on(TOPICS.status)[-1].payload)
        assert status.worker_restarts == 1


def test_an_absent_provider_is_told_on_the_wire_and_the_resident_stays_watched(
    make_config: MakeConfig, recorder: Recorder, tmp_path: Path
):
    scoring = {"provider": "tensorrt-native", "engines": str(tmp_path)}
    with RunningGateway(make_config(scoring=scoring)):
        recorder.wait_for(came(Condition.DEGRADED_PROVIDER, Trigger.ONSET))
        recorder.wait_for(has_level)
    (event,) = (
        event
        for event in alarm_events(recorder)
        if event.condition is Condition.DEGRADED_PROVIDER and event.trigger is Trigger.ONSET
    )
    assert event.detail is not None
    assert event.detail.startswith("tensorrt-native fp32 was asked for, cpu fp32 runs. ")
    statuses = [
        StatusPayload.model_validate_json(heard.payload) for heard in recorder.on(TOPICS.status)
    ]
    status = next(one for one in statuses if one.provider_actual is not None)
    assert (status.provider_requested, status.provider_actual) == ("tensorrt-native", "cpu")
    assert (status.precision_requested, status.precision_actual) == ("auto", "fp32")
    assert status.degraded == event.detail


def test_a_recording_that_cannot_be_read_is_camera_lost_and_exit_code_2(
    make_config: MakeConfig, recorder: Recorder, tmp_path: Path
):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is no video" * 100)
    gateway = Gateway(make_config(camera={"uri": str(broken)}), fast=False, clock=SystemClock())
    assert gateway.run(wait_for_broker=False) == 2
    recorder.wait_for(came(Condition.CAMERA_LOST, Trigger.ONSET))
    # The status says it as well, but its next word, stopped, may take its place on the way out.
    [onset] = [event for event in alarm_events(recorder) if event.trigger is Trigger.ONSET]
    assert "broken.mp4" in (onset.detail or "")


def test_one_bad_room_leaves_the_other_alone(
    make_config: MakeConfig, recorder: Recorder, tmp_path: Path
):
    broken = tmp_path / "broken.mp4"
    broken.touch()
    rooms = [
        {"id": "room-1", "camera": {"uri": str(RESIDENT_CLIP), "fps_limit": 5}},
        {"id": "room-2", "camera": {"uri": str(broken)}},
    ]
    gateway = Gateway(make_config(rooms=rooms), fast=True, clock=SystemClock())
    assert gateway.run(wait_for_broker=False) == 2
    recorder.wait_for_text(TOPICS.availability, "stopped")
    assert Condition.PAIN_SEVERE in {event.condition for event in alarm_events(recorder)}


def test_an_absent_broker_is_a_clear_error_before_any_camera_is_opened(
    make_config: MakeConfig, broker: MosquittoBroker
):
    mqtt = broker.config(port=free_port(), connect_timeout_s=1.0).model_dump()
    gateway = Gateway(make_config(mqtt=mqtt), fast=True, clock=SystemClock())
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1.*--wait-for-broker"):
        gateway.run(wait_for_broker=False)


def test_an_acknowledgement_is_applied_and_answered_with_the_persons_id(
    make_config: MakeConfig, recorder: Recorder
):
    # The no_face advisory is the alarm that comes by itself whatever the model says.
    alarms = {"no_face_after_s": 1.0}
    quality = {"min_face_height_px": 2000}
    camera = {"uri": str(RESIDENT_CLIP), "loop": True}
    with RunningGateway(make_config(camera=camera, alarms=alarms, quality=quality)):
        recorder.wait_for(came(Condition.NO_FACE, Trigger.ONSET))
        now = datetime.now(UTC)
        command = AcknowledgeCommand(
            id=uuid4(), person="nurse-7", issued_at=now, expires_at=now + timedelta(minutes=1)
        )
        recorder.publish(TOPICS.command("acknowledge"), command.model_dump_json())
        recorder.wait_for(came(Condition.NO_FACE, Trigger.ACKNOWLEDGED))
        answer = recorder.wait_for(
            lambda messages: [
                heard
                for heard in messages
                if heard.text.startswith('{"schema_version":1,"kind":"command"')
            ]
        )
        told = CommandEventPayload.model_validate_json(answer[0].payload)
        assert (told.accepted, told.person, told.command_id) == (True, "nurse-7", command.id)


def test_rooms_are_watched_while_thousands_of_commands_wait(
    make_config: MakeConfig, recorder: Recorder
):
    camera = {"uri": str(RESIDENT_CLIP), "loop": True}
    with RunningGateway(make_config(camera=camera)) as running:
        recorder.wait_for(has_level)
        commands = running.gateway._commands  # a broker would hand them on one by one
        for _ in range(20_000):
            commands.put(RoomCommand(room=TOPICS.room, name="open", payload=b"{}", retained=False))
        recorder.clear()
        recorder.wait_for(has_level)
        recorder.clear()
        recorder.wait_for(has_level)
        assert not commands.empty()


def test_sigterm_ends_the_daemon_cleanly_and_says_stopped(
    make_config: MakeConfig, recorder: Recorder, tmp_path: Path
):
    config = tmp_path / "room.yaml"
    camera = {"uri": str(RESIDENT_CLIP), "loop": True}
    config.write_text(make_config(camera=camera).model_dump_json(exclude_none=True))
    daemon = subprocess.Popen(
        [sys.executable, "-m", "painwatch", "edge", "run", "-c", str(config)],
        stderr=subprocess.PIPE,
    )
    with daemon:
        recorder.wait_for(lambda messages: any(heard.topic == TOPICS.reading for heard in messages))
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate()
    assert daemon.returncode == 0
    recorder.wait_for_text(TOPICS.availability, "stopped")
    assert recorder.on(TOPICS.availability)[-1].text == "stopped"


def test_stopped_is_out_before_a_worker_that_hangs_has_ended(
    make_config: MakeConfig, recorder: Recorder, tmp_path: Path
):
    camera = {"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 5}
    with Daemon(tmp_path / "room.yaml", make_config(camera=camera)) as daemon:
        recorder.wait_for(lambda messages: any(heard.topic == TOPICS.reading for heard in messages))
        worker = daemon.workers()[TOPICS.room]
        worker.suspend()  # it will not take SIGTERM either, and must be killed
        daemon.signal(signal.SIGTERM)
        recorder.wait_for_text(TOPICS.availability, "stopped")
        assert not daemon.ended, "the goodbye came after the worker had been waited for"
        assert daemon.wait() == 0
        assert not worker.is_running()


def test_the_gateway_never_loads_a_library_that_sees_pictures():
    script = (
        "import sys; import edge.gateway.run, edge.cli; "
        "print(sorted({'cv2', 'mediapipe', 'av', 'onnxruntime', 'torch'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"

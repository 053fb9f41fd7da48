"""The config file read again by the real daemon: wholly or not at all."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from edge.config import EdgeConfig
from edge.config.load import load_config
from edge.gateway.reload import ConfigSource, prepare
from pain.alarms import AlarmState, Condition, Trigger
from pain.errors import ConfigError, UsageError
from pain.topics import Topics
from pain.wire import (
    EVENTS,
    AlarmEventPayload,
    AlarmPayload,
    StatusPayload,
)
from tests.brokers import Heard, MosquittoBroker, Recorder, make_certificates
from tests.edge.gateway.conftest import RESIDENT_CLIP, MakeConfig
from tests.edge.gateway.daemons import PATIENCE_S, Daemon, ask, order_reload

SEEN, DARK, NEW = (Topics(site="home", room=room) for room in ("room-1", "room-2", "room-3"))
ABSENT = {"uri": "v4l2:///dev/v4l/by-id/absent", "open_timeout_s": 1}
CLIP = {"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 5}

Look = Callable[[list[Heard]], object]


@pytest.fixture
def recorder(broker: MosquittoBroker) -> Iterator[Recorder]:
    with Recorder(broker.port, patience_s=PATIENCE_S) as listening:
        yield listening


def status(topics: Topics, wanted: Callable[[StatusPayload], object], recorder: Recorder):
    """Wait for a status as wanted, and return the newest such one."""

    def look(messages: list[Heard]) -> list[StatusPayload]:
        statuses = (
            StatusPayload.model_validate_json(heard.payload)
            for heard in messages
            if heard.topic == topics.status
        )
        return [one for one in statuses if wanted(one)]

    return recorder.wait_for(look)[-1]


def alarm_events(topics: Topics, messages: list[Heard]) -> list[AlarmEventPayload]:
    events = (
        EVENTS.validate_json(heard.payload) for heard in messages if heard.topic == topics.event
    )
    return [event for event in events if isinstance(event, AlarmEventPayload)]


def stands(topics: Topics, condition: Condition, state: AlarmState = AlarmState.ON) -> Look:
    def look(messages: list[Heard]) -> bool:
        told = [heard for heard in messages if heard.topic == topics.alarm(condition)]
        return bool(told) and AlarmPayload.model_validate_json(told[-1].payload).state is state

    return look


def is_read(topics: Topics) -> Look:
    return lambda messages: any(heard.topic == topics.reading for heard in messages)


def pids(daemon: Daemon) -> dict[str, int]:
    return {room: worker.pid for room, worker in daemon.workers().items()}


def acknowledge(recorder: Recorder, topics: Topics, condition: Condition) -> None:
    assert ask(recorder, topics, "acknowledge", condition=condition).accepted


@pytest.fixture
def daemon(make_config: MakeConfig, tmp_path: Path, recorder: Recorder) -> Iterator[Daemon]:
    """A room that is watched, and one whose camera is absent and whose alarm stands."""
    rooms = [{"id": SEEN.room, "camera": CLIP}, {"id": DARK.room, "camera": ABSENT}]
    alarms = {"camera_lost_after_s": 2.0}
    with Daemon(tmp_path / "room.yaml", make_config(rooms=rooms, alarms=alarms)) as running:
        recorder.wait_for(is_read(SEEN))
        recorder.wait_for(stands(DARK, Condition.CAMERA_LOST))
        yield running


def test_a_file_with_a_mistake_changes_nothing_and_is_told(daemon: Daemon, recorder: Recorder):
    before = pids(daemon)
    daemon.content["alarms"]["no_face_after_s"] = -1
    daemon.write()
    answer = order_reload(recorder, SEEN)
    assert (answer.accepted, answer.person, answer.command) == (False, "it-3", "reload")
    line = 1 + next(
        number
        for number, text in enumerate(daemon.file.read_text().splitlines())
        if "no_face_after_s" in text
    )
    for part in (f"{daemon.file}:{line}: ", "alarms.no_face_after_s = -1"):
        assert part in (answer.reason or "")
    for topics in (SEEN, DARK):
        told = status(topics, lambda one: one.config_error, recorder)
        assert told.config_error == answer.reason
    assert pids(daemon) == before

    del daemon.content["alarms"]["no_face_after_s"]
    daemon.write()
    recorder.clear()
    daemon.signal(signal.SIGHUP)
    status(SEEN, lambda one: one.config_error is None, recorder)
    assert pids(daemon) == before


def test_changed_and_new_rooms_are_taken_and_the_others_notice_nothing(
    daemon: Daemon, recorder: Recorder
):
    before = pids(daemon)
    began = status(SEEN, lambda _: True, recorder).started_at
    recorder.clear()
    daemon.content["rooms"][1]["camera"]["uri"] += "-too"
    daemon.content["rooms"].append({"id": NEW.room, "camera": ABSENT})
    daemon.write()
    answer = order_reload(recorder, DARK)
    assert answer.accepted, answer.reason
    recorder.wait_for_text(NEW.availability, "online")
    recorder.wait_for(stands(NEW, Condition.CAMERA_LOST))
    # The changed room's alarm stands on over the change of its worker: it neither ends nor
    # begins again, and the new camera is what is being tried.
    changed = status(
        DARK, lambda one: "absent-too" in (one.stages["capture"].detail or ""), recorder
    )
    assert changed.worker_restarts == 0
    assert alarm_events(DARK, recorder.messages) == []
    assert stands(DARK, Condition.CAMERA_LOST)(recorder.messages)
    after = pids(daemon)
    assert after[SEEN.room] == before[SEEN.room]
    assert after[DARK.room] != before[DARK.room]
    assert status(SEEN, lambda _: True, recorder).started_at == began
    assert recorder.on(SEEN.availability) == []

    del daemon.content["rooms"][2]
    daemon.write()
    gone = psutil.Process(after[NEW.room])
    daemon.signal(signal.SIGHUP)
    recorder.wait_for_text(NEW.availability, "stopped")
    recorder.wait_for(lambda _: recorder.on(NEW.availability)[-1].payload == b"")
    psutil.wait_procs([gone], PATIENCE_S)
    assert pids(daemon) == {room: after[room] for room in (SEEN.room, DARK.room)}


def test_new_limits_are_in_force_at_once_and_neither_worker_nor_measurement_begins_anew(
    daemon: Daemon, recorder: Recorder
):
    before = pids(daemon)
    assert ask(recorder, SEEN, "set_baseline").accepted
    until = status(SEEN, lambda one: one.baseline.until, recorder).baseline.until
    daemon.content["alarms"]["camera_lost_after_s"] = 3.5
    daemon.write()
    assert order_reload(recorder, SEEN).accepted
    acknowledge(recorder, DARK, Condition.CAMERA_LOST)
    event = alarm_events(DARK, recorder.messages)[-1]
    assert event.trigger is Trigger.ACKNOWLEDGED
    assert 3.5 in event.limits.values()
    recorder.clear()
    acknowledged = stands(DARK, Condition.CAMERA_LOST, AlarmState.ACKNOWLEDGED)
    daemon.content["smoothing"]["time_constant_s"] = 2.0
    daemon.write()
    daemon.signal(signal.SIGHUP)
    recorder.wait_for(acknowledged)
    recorder.wait_for(is_read(SEEN))
    now = status(
        SEEN, lambda one: one.provider_actual and one.stages["score"].state == "ok", recorder
    )
    assert abs(now.baseline.until - until) < timedelta(seconds=1)
    assert pids(daemon) == before


def test_another_broker_hears_everything_and_the_old_one_a_goodbye(
    daemon: Daemon, recorder: Recorder, tmp_path: Path
):
    before = pids(daemon)
    with (
        MosquittoBroker(tmp_path / "other") as other,
        Recorder(other.port, patience_s=PATIENCE_S) as hearing,
    ):
        daemon.content["mqtt"]["port"] = other.port
        daemon.write()
        assert order_reload(recorder, SEEN).accepted  # the answer comes on the old connection
        for topics in (SEEN, DARK):
            recorder.wait_for_text(topics.availability, "stopped")
            hearing.wait_for_text(topics.availability, "online")
        hearing.wait_for(stands(DARK, Condition.CAMERA_LOST))
        hearing.wait_for(is_read(SEEN))
        acknowledge(hearing, DARK, Condition.CAMERA_LOST)
        assert pids(daemon) == before
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0
        hearing.wait_for_text(DARK.availability, "stopped")


def source_of(config: EdgeConfig, file: Path, **changes: object) -> ConfigSource:
    file.write_text(config.model_copy(update=changes).model_dump_json(exclude_none=True))
    return ConfigSource(path=file, read=load_config)


def test_what_is_read_at_the_start_alone_is_refused_by_name(
    make_config: MakeConfig, tmp_path: Path
):
    config = make_config()
    source = source_of(config, tmp_path / "room.yaml", site="elm-court")
    with pytest.raises(ConfigError, match=r"room\.yaml: site: .*restart the service"):
        prepare(source, config)


def test_a_password_that_cannot_be_read_is_found_before_the_old_connection_is_closed(
    make_config: MakeConfig, tmp_path: Path
):
    config = make_config()
    mqtt = config.mqtt.model_copy(update={"username": "box", "password_env": "PAINWATCH_ABSENT"})
    source = source_of(config, tmp_path / "room.yaml", mqtt=mqtt)
    with pytest.raises(ConfigError, match=r"room\.yaml: mqtt\.password_env.*no such environment"):
        prepare(source, config)


@pytest.mark.parametrize("change", ["a room is added", "a room gets another name"])
def test_a_certificate_that_was_spoilt_meanwhile_is_found_before_a_new_connection_is_made(
    make_config: MakeConfig, tmp_path: Path, change: str
):
    config = make_config()
    ca = make_certificates(tmp_path / "ca").ca
    tls = config.mqtt.tls.model_copy(update={"ca_file": ca})
    mqtt = config.mqtt.model_copy(update={"plaintext": False, "tls": tls})
    source = source_of(config, tmp_path / "room.yaml", mqtt=mqtt)
    config = load_config(source.path)
    [room] = config.rooms
    if change == "a room is added":
        rooms = (room, room.model_copy(update={"id": "room-2"}))
    else:
        rooms = (room.model_copy(update={"name": "Mrs. Ellis"}),)
    source = source_of(config, tmp_path / "room.yaml", rooms=rooms)
    assert prepare(source, config).changes
    ca.write_text("half a file")
    with pytest.raises(ConfigError, match=r"room\.yaml: mqtt\.tls\.ca_file"):
        prepare(source, config)


def test_whatever_goes_wrong_in_reading_is_a_refusal(make_config: MakeConfig, tmp_path: Path):
    def explode(_path: Path) -> EdgeConfig:
        raise RecursionError("too deep")

    source = ConfigSource(path=tmp_path / "room.yaml", read=explode)
    with pytest.raises(UsageError, match=r"room\.yaml cannot be read: too deep"):
        prepare(source, make_config())


def test_without_a_file_there_is_nothing_to_read(make_config: MakeConfig):
    with pytest.raises(UsageError, match="without a config file"):
        prepare(None, make_config())

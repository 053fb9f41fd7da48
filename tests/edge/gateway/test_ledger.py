"""What a daemon has published is taken back once its config says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.config import EdgeConfig
from edge.gateway.ledger import Ledger, ledger_entries
from edge.mqtt.departed import retained_by
from pain.errors import UsageError
from pain.topics import Topics
from tests.brokers import MosquittoBroker, Recorder

TOPICS = {room: Topics(site="home", room=room) for room in ("room-1", "room-2")}
CAMERA = {"uri": "v4l2:///dev/video0"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def recorder(broker: MosquittoBroker) -> Iterator[Recorder]:
    with Recorder(broker.port, client_id=f"ear-{uuid4().hex}") as listening:
        yield listening


def config(broker: MosquittoBroker, state: Path, *rooms: str, **mqtt: Any) -> EdgeConfig:
    return EdgeConfig.model_validate(
        {
            "site": "home",
            "mqtt": broker.config(**mqtt).model_dump(),
            "rooms": [{"id": room, "camera": CAMERA} for room in rooms],
            "storage": {"folder": state},
        }
    )


def begin(file: Path, loaded: EdgeConfig) -> None:
    """A daemon starts with this config, and its ledger is done."""
    ledger = Ledger(file)
    ledger.keep(loaded)
    assert ledger._thread is not None
    ledger._thread.join()


def cleared(recorder: Recorder, topic: str) -> bool:
    return any(not heard.payload for heard in recorder.on(topic))


def test_a_room_that_was_taken_out_while_the_daemon_was_stopped_is_cleared_at_its_start(
    broker: MosquittoBroker, recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "edge.yaml"
    begin(file, config(broker, tmp_path, "room-1", "room-2"))
    assert recorder.messages == []
    begin(file, config(broker, tmp_path, "room-1"))
    gone = retained_by(broker.config(), TOPICS["room-2"])
    recorder.wait_for(lambda _: all(cleared(recorder, topic) for topic in gone))
    assert not any(heard.topic.startswith(TOPICS["room-1"].base) for heard in recorder.messages)
    assert [entry.room for _, entry in ledger_entries(config(broker, tmp_path, "x").storage)] == [
        "room-1"
    ]


def test_discovery_is_taken_back_when_it_is_switched_off(
    broker: MosquittoBroker, recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "edge.yaml"
    begin(file, config(broker, tmp_path, "room-1"))
    begin(file, config(broker, tmp_path, "room-1", homeassistant_prefix=None))
    discovery = retained_by(broker.config(), TOPICS["room-1"])[0]
    recorder.wait_for(lambda _: cleared(recorder, discovery))
    assert {heard.topic for heard in recorder.messages if not heard.payload} == {discovery}


def test_what_another_daemon_of_the_machine_publishes_is_left_alone(
    broker: MosquittoBroker, recorder: Recorder, tmp_path: Path
) -> None:
    begin(tmp_path / "one.yaml", config(broker, tmp_path, "room-1"))
    begin(tmp_path / "two.yaml", config(broker, tmp_path, "room-2"))
    begin(tmp_path / "one.yaml", config(broker, tmp_path, "room-1"))
    assert recorder.messages == []


def test_a_broker_that_is_away_is_asked_again_at_the_next_start(
    broker: MosquittoBroker, recorder: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "edge.yaml"
    begin(file, config(broker, tmp_path, "room-1", "room-2"))
    away = {"port": 1, "connect_timeout_s": 0.3}
    begin(file, config(broker, tmp_path, "room-1", **away))
    assert "home/room-2 is still shown at the broker" in caplog.text
    begin(file, config(broker, tmp_path, "room-1"))
    recorder.wait_for(lambda _: cleared(recorder, TOPICS["room-2"].availability))


def test_a_person_may_have_a_room_forgotten(
    broker: MosquittoBroker, recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(
        f"site: home\nmqtt: {{host: 127.0.0.1, port: {broker.port}, plaintext: true}}\n"
        f"rooms: [{{id: room-1, camera: {{uri: 'v4l2:///dev/video0'}}}}]\n"
        f"storage: {{folder: {tmp_path}}}\n"
    )
    result = CliRunner().invoke(app, ["forget", "room-2", "-c", str(file)])
    assert result.exit_code == 0, result.output
    assert "home/room-2" in result.output
    recorder.wait_for(lambda _: cleared(recorder, TOPICS["room-2"].availability))
    for room, words in (("room-1", "take it out there first"), ("Room 2", "must match")):
        refused = CliRunner().invoke(app, ["forget", room, "-c", str(file)])
        assert isinstance(refused.exception, UsageError)
        assert words in str(refused.exception)

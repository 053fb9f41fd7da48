"""Real worker, real tracker, a real embedding graph with random weights, the bundled clip.

Random weights recognise nobody: this shows that the parts fit, not how well people are told apart.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from edge.config import EdgeConfig
from edge.gateway.room import RoomGateway
from edge.identity.desk import ResidentDesk
from edge.identity.vault import Vault
from edge.score import builtin_bundle_dir
from edge.worker.messages import Failed, Hello, Message, ReadingMessage
from pain.values import Reason
from pain.wire import EnrolResidentCommand, IdentityState, ReadingPayload, StatusPayload
from tests.edge.gateway.test_room import HandClock, Wire
from tests.edge.identity.bundles import DIMENSIONS, make_embedding
from tests.edge.worker.conftest import RESIDENT_CLIP, Worker


def config_of(embedding: Path, landmarker: Path) -> EdgeConfig:
    identity = {
        "enabled": True,
        "bundle": str(embedding),
        "check_every_s": 0.5,
        "enrol_window_s": 10,
    }
    camera = {"uri": str(RESIDENT_CLIP), "fps_limit": 4}
    return EdgeConfig.model_validate(
        {
            "site": "home",
            "mqtt": {"host": "broker"},
            "rooms": [{"id": "room-1", "camera": camera, "identity": identity}],
            "tracking": {"landmarker": landmarker},
            "scoring": {"builtin": "landmarks-v1"},
        }
    )


@pytest.fixture(scope="module")
def heard(
    tmp_path_factory: pytest.TempPathFactory, landmarker_path: Path
) -> tuple[EdgeConfig, list[Message]]:
    """Everything that a worker says of the clip, whose face is always the same."""
    folder = tmp_path_factory.mktemp("identity") / "emb"
    make_embedding(folder)
    config = config_of(folder, landmarker_path)
    worker = Worker(room=config.rooms[0], config=config, fast=True)
    worker.start()
    try:
        return config, worker.hear_out()
    finally:
        worker.stop(0)
        worker.close()


def replay(config: EdgeConfig, messages: list[Message], folder: Path, *, enrol: bool) -> Wire:
    """Let a room's gateway hear it, in the clip's own time."""
    wire, clock = Wire(), HandClock()
    clock.monotonic_s = next(
        m.reading.captured_s for m in messages if isinstance(m, ReadingMessage)
    )
    room = RoomGateway(
        room=config.rooms[0],
        config=config,
        publisher=wire,
        clock=clock,
        fast=True,
        resident=ResidentDesk(
            config.rooms[0].identity, vault=Vault(folder / "face.json"), note=lambda _body: None
        ),
    )
    for message in messages:
        room.handle(message)
        room.tick()
        if enrol and isinstance(message, ReadingMessage):
            enrol = False
            now = clock.now().wall
            command = EnrolResidentCommand(
                id=uuid4(),
                person="nurse-7",
                issued_at=now,
                expires_at=now + timedelta(minutes=1),
                consent="signed by her guardian",
            )
            room.command("enrol_resident", command.model_dump_json().encode(), retained=False)
    room.finish()
    return wire


def test_only_numbers_leave_the_worker_and_seldom(heard):
    _, messages = heard
    assert not any(isinstance(message, Failed) for message in messages)
    (hello,) = [message for message in messages if isinstance(message, Hello)]
    assert hello.recogniser is not None
    assert hello.recogniser.dimensions == DIMENSIONS
    sights = [m.sight for m in messages if isinstance(m, ReadingMessage) and m.sight is not None]
    vectors = [seen.vector for seen in sights if seen.vector is not None]
    assert all(seen.alone for seen in sights)
    assert {len(vector) for vector in vectors} == {DIMENSIONS}
    assert 20 < len(vectors) <= len(sights) / 2 + 1


def test_the_resident_of_the_clip_is_enrolled_and_then_scored(heard, tmp_path):
    config, messages = heard
    wire = replay(config, messages, tmp_path, enrol=True)
    status = wire.last(StatusPayload).identity
    assert status is not None
    assert (status.state, status.failure) == (IdentityState.ENROLLED, None)
    assert status.recognised is True
    assert wire.last(ReadingPayload).level is not None


def test_somebody_else_enrolled_leaves_the_face_of_the_clip_unscored(heard, tmp_path):
    config, messages = heard
    replay(config, messages, tmp_path, enrol=True)
    file = tmp_path / "face.json"
    document = json.loads(file.read_text())
    document["vector"] = [-number for number in document["vector"]]
    file.write_text(json.dumps(document))
    said = [
        payload
        for payload in replay(config, messages, tmp_path, enrol=False).said
        if isinstance(payload, ReadingPayload)
    ]
    assert said[-1].reason is Reason.NOT_RESIDENT
    assert all(payload.level is None for payload in said)


def test_a_pain_model_in_the_embeddings_place_ends_the_worker_with_words(landmarker_path):
    config = config_of(builtin_bundle_dir("landmarks-v1"), landmarker_path)
    worker = Worker(room=config.rooms[0], config=config, fast=True)
    worker.start()
    try:
        (failed,) = worker.hear_out()
    finally:
        worker.stop(0)
        worker.close()
    assert isinstance(failed, Failed)
    assert failed.fatal
    assert "here a face embedding" in failed.detail

"""The real daemon deletes an enrolled face on command, and says so in its record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from edge.record.read import Wanted, read
from pain.wire import COMMANDS, CommandEventPayload
from tests.brokers import MosquittoBroker, Recorder
from tests.edge.gateway.conftest import RESIDENT_CLIP, TOPICS, RunningGateway, config_maker
from tests.edge.gateway.daemons import answer_to


def ask(recorder: Recorder, name: str, **more: str) -> CommandEventPayload:
    now = datetime.now(UTC)
    command = COMMANDS[name].model_validate(
        {
            "id": uuid4(),
            "person": "nurse-7",
            "issued_at": now,
            "expires_at": now + timedelta(minutes=1),
            **more,
        }
    )
    recorder.publish(TOPICS.command(name), command.model_dump_json())
    return answer_to(recorder, TOPICS, command.id)


def test_forgetting_deletes_the_file_and_is_in_the_record(
    tmp_path: Path, landmarker_path: Path
) -> None:
    with MosquittoBroker(tmp_path) as broker, Recorder(broker.port) as recorder:
        config = config_maker(broker, landmarker_path)(
            camera={"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 2}
        )
        folder = broker.folder / "state" / TOPICS.site
        folder.mkdir(parents=True)
        face = folder / f"{TOPICS.room}.resident.json"
        face.write_text("whatever a run before has left")
        with RunningGateway(config):
            recorder.wait_for_text(TOPICS.availability, "online")
            refused = ask(recorder, "enrol_resident", consent="signed by her guardian")
            assert not refused.accepted
            assert "identity.enabled" in str(refused.reason)
            assert ask(recorder, "forget_resident").accepted
            assert not face.exists()
        recorder.wait_for_text(TOPICS.availability, "stopped")
    (line,) = read(folder / "record", Wanted(kinds=frozenset({"identity"})))
    assert (line["room"], line["body"]) == (TOPICS.room, {"what": "forgotten", "person": "nurse-7"})

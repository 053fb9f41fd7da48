"""A real daemon whose record has no place to be."""

from __future__ import annotations

from pathlib import Path

from pain.alarms import Condition
from pain.wire import AlarmPayload, StatusPayload
from tests.brokers import MosquittoBroker, Recorder
from tests.edge.gateway.conftest import RESIDENT_CLIP, TOPICS, RunningGateway, config_maker


def test_a_record_that_cannot_be_written_is_told_and_the_room_is_watched_all_the_same(
    tmp_path: Path, landmarker_path: Path
) -> None:
    with MosquittoBroker(tmp_path) as broker, Recorder(broker.port) as recorder:
        config = config_maker(broker, landmarker_path)(
            camera={"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 2}
        )
        site = broker.folder / "state" / TOPICS.site
        site.mkdir(parents=True)
        (site / "record").write_text("a file where the folder should be")
        with RunningGateway(config):
            told = recorder.wait_for(
                lambda _: [
                    status.record_error
                    for heard in recorder.on(TOPICS.status)
                    if (status := StatusPayload.model_validate_json(heard.payload)).record_error
                ]
            )
            details = recorder.wait_for(
                lambda _: [
                    alarm.detail
                    for heard in recorder.on(TOPICS.alarm(Condition.OUTBOX_STUCK))
                    if (alarm := AlarmPayload.model_validate_json(heard.payload)).present
                ]
            )
            recorder.wait_for(lambda _: recorder.on(TOPICS.reading))
    assert "cannot be written" in told[0]
    assert details == [told[0]]

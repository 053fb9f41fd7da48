"""What the real daemon writes into its record of measurements."""

from __future__ import annotations

from pathlib import Path

from edge.record.read import Wanted, read
from tests.brokers import MosquittoBroker, Recorder
from tests.edge.gateway.conftest import RESIDENT_CLIP, TOPICS, RunningGateway, config_maker
from tests.edge.gateway.daemons import ask


def test_a_reset_and_a_measurement_that_was_cut_short_are_in_the_record(
    tmp_path: Path, landmarker_path: Path
) -> None:
    with MosquittoBroker(tmp_path) as broker, Recorder(broker.port) as recorder:
        config = config_maker(broker, landmarker_path)(
            camera={"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 2}
        )
        with RunningGateway(config):
            recorder.wait_for_text(TOPICS.availability, "online")
            assert ask(recorder, TOPICS, "set_baseline").accepted
            assert ask(recorder, TOPICS, "reset_baseline").accepted
            assert ask(recorder, TOPICS, "set_baseline").accepted
        recorder.wait_for_text(TOPICS.availability, "stopped")
    wanted = Wanted(kinds=frozenset({"baseline"}))
    lines = list(read(broker.folder / "state" / TOPICS.site / "record", wanted))
    assert [(line["room"], line["body"]["what"]) for line in lines] == [
        (TOPICS.room, "reset"),
        (TOPICS.room, "failed"),
    ]
    assert "stopped in the window" in lines[1]["body"]["why"]

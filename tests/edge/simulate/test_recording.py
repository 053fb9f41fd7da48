"""Recorded readings are read as they were sent."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from edge.mqtt.payloads import reading_payload
from edge.simulate.recording import read_recording
from edge.simulate.stream import EPOCH
from edge.worker.messages import ReadingMessage
from pain.clock import Moment
from pain.errors import SourceError
from pain.values import Reason, Trend
from tests.edge.simulate.streams import stream


def trend(at_s: float, level: float | None) -> Trend:
    return Trend(
        at_s=at_s,
        level=level,
        spread=None if level is None else 0.1,
        coverage=0.0 if level is None else 1.0,
        corrected_level=None,
        pspi=None,
        action_units={},
        confidence=None if level is None else 0.9,
        reason=Reason.OCCLUDED if level is None else None,
    )


def payload(at_s: float, level: float | None) -> str:
    now = Moment(monotonic_s=at_s, wall=EPOCH + timedelta(days=9000, seconds=at_s))
    return reading_payload(trend(at_s, level), now).model_dump_json()


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "readings.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_payloads_of_the_topic_reading_are_read_as_they_stand(tmp_path: Path):
    (room,) = read_recording(written(tmp_path, payload(1.0, 2.5), payload(2.0, None)))
    assert room.outcomes == (2.5, Reason.OCCLUDED)
    assert room.at_s[1] - room.at_s[0] == pytest.approx(1.0)
    assert room.episodes is None


def test_each_topic_is_a_room(tmp_path: Path):
    lines = [
        json.dumps({"topic": f"painwatch/home/{name}/reading", "payload": json.loads(said)})
        for name, said in (
            ("a", payload(1.0, 1.0)),
            ("b", payload(1.5, 4.0)),
            ("a", payload(2.0, 2.0)),
        )
    ]
    rooms = read_recording(written(tmp_path, *lines))
    assert [room.outcomes for room in rooms] == [(1.0, 2.0), (4.0,)]


def test_single_frames_of_the_worker_are_read_with_their_truth(tmp_path: Path):
    frames = stream(lambda now_s: Reason.BLURRED if now_s < 1 else 4.0, length_s=3.0)
    lines = []
    for number, at_s in enumerate(frames.at_s):
        message = json.loads(ReadingMessage(reading=frames.reading(number)).model_dump_json())
        truth = 3.5 if 1 <= at_s < 2 else 0.0
        lines.append(json.dumps({"reading": message["reading"], "true_level": truth}))
    (room,) = read_recording(written(tmp_path, *lines))
    assert room.outcomes == frames.outcomes
    assert room.at_s == frames.at_s
    assert room.episodes is not None
    (pain,) = room.episodes
    assert (pain.start_s, pain.end_s) == (1.0, pytest.approx(1.8))
    assert pain.peak == 3.5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hello", "jsonl:2: is no reading: is no JSON"),
        ("[1]", "jsonl:2: a line must be a JSON object"),
        ('{"level": 9}', "jsonl:2: is no reading: level"),
        ('{"payload": null}', "jsonl:2: payload and reading are both empty"),
        ('{"reading": {"captured_s": 1}}', "jsonl:2: is no reading: reading"),
    ],
)
def test_a_line_that_is_no_reading_is_named(line: str, said: str, tmp_path: Path):
    with pytest.raises(SourceError, match=said):
        read_recording(written(tmp_path, payload(1.0, 1.0), line))


def test_an_empty_or_absent_recording_is_refused(tmp_path: Path):
    with pytest.raises(SourceError, match="holds no reading"):
        read_recording(written(tmp_path))
    with pytest.raises(SourceError, match="cannot be read"):
        read_recording(tmp_path / "none.jsonl")

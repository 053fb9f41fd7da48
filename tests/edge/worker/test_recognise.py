"""A face is compared once in a while, never in every frame, and a failure costs no score."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from edge.worker.pipeline import Pipeline
from edge.worker.recognise import Recogniser
from edge.worker.vitals import Vitals
from pain.errors import ScoringError
from pain.values import Face, Frame, NoFace, Reason, Score
from tests.edge.capture.clocks import HandClock
from tests.edge.identity.faces import score
from tests.edge.worker.test_pipeline import FACE, Scripted

VECTOR = (0.6, 0.8)


def frame_at(captured_s: float) -> Frame:
    return Frame(
        image=np.zeros((48, 64, 3), np.uint8),
        captured_s=captured_s,
        wall_time=datetime(2026, 1, 1, tzinfo=UTC),
        sequence=7,
    )


class Embedder:
    def __init__(self) -> None:
        self.asked = 0
        self.fault: Exception | None = None

    def embed(self, face: Face) -> tuple[float, ...]:
        self.asked += 1
        if self.fault:
            raise self.fault
        return VECTOR


@pytest.fixture
def embedder() -> Embedder:
    return Embedder()


def times(embedder: Embedder, tracks: list[int], *, every_s: float) -> list[float]:
    """When a face was compared, of frames ten a second with these track numbers."""
    recogniser = Recogniser(embedder, check_every_s=every_s)
    return [
        index / 10
        for index, track in enumerate(tracks)
        if recogniser.look(replace(FACE, track=track), at_s=index / 10).vector is not None
    ]


@pytest.mark.parametrize(
    ("tracks", "compared_s"),
    [
        ([1] * 50, [0.0, 2.0, 4.0]),
        ([1] * 10 + [2] * 25, [0.0, 1.0, 3.0]),
        ([1] * 3 + [2] * 10, [0.0, 0.5]),
        (list(range(20)), [0.0, 0.5, 1.0, 1.5]),
    ],
    ids=["one face", "a new face at once", "not sooner than half a second", "one that flickers"],
)
def test_a_face_is_compared_once_in_a_while_and_a_new_one_soon(embedder, tracks, compared_s):
    assert times(embedder, tracks, every_s=2.0) == compared_s
    assert embedder.asked == len(compared_s)


def test_every_frame_says_whose_track_it_is_and_whether_it_is_alone(embedder):
    recogniser = Recogniser(embedder, check_every_s=2.0)
    recogniser.look(FACE, at_s=0.0)
    seen = recogniser.look(replace(FACE, track=0, alone=False), at_s=0.1)
    assert (seen.track, seen.alone, seen.vector, seen.failed) == (0, False, None, False)


class Compared:
    """A pipeline that compares faces."""

    def __init__(self, embedder: Embedder, *, tracked: object = FACE) -> None:
        self.reports: list[str] = []
        self.pipeline = Pipeline(
            tracker=Scripted(tracked),
            scorer=Scripted(score()),
            vitals=Vitals(HandClock()),
            report_failure=self.reports.append,
            stall_s=2.0,
            recogniser=Recogniser(embedder, check_every_s=2.0),
        )


def test_a_scored_frame_carries_the_vector(embedder):
    message = Compared(embedder).pipeline.process(frame_at(0.0))
    assert isinstance(message.reading.outcome, Score)
    assert message.sight is not None
    assert message.sight.vector == VECTOR


def test_a_frame_without_a_face_carries_none(embedder):
    bench = Compared(embedder, tracked=NoFace(reason=Reason.NO_FACE))
    assert bench.pipeline.process(frame_at(0.0)).sight is None
    assert embedder.asked == 0


def test_a_failing_embedding_is_told_and_the_face_is_scored_all_the_same(embedder):
    embedder.fault = ScoringError("no vector")
    bench = Compared(embedder)
    message = bench.pipeline.process(frame_at(0.0))
    assert isinstance(message.reading.outcome, Score)
    assert message.sight is not None
    assert message.sight.failed
    assert bench.reports == ["recognising a face failed: ScoringError: no vector"]
    assert bench.pipeline.process(frame_at(0.1)).sight.failed is False
    assert embedder.asked == 1

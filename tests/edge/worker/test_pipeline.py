"""Frames in, readings out; the tracker is scripted so that it fails when told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.config import ScoringConfig
from edge.score import Scorer
from edge.worker.pipeline import RECOVERED_AFTER_S, Pipeline
from edge.worker.vitals import Vitals
from pain.values import Box, Face, Frame, HeadPose, NoFace, Reading, Reason, Score, Unavailable
from pain.wire import StageState
from tests.edge.capture.clocks import HandClock
from tests.edge.score.conftest import Recipe, make_bundle

FACE = Face(
    box=Box(x=0.0, y=0.0, width=90.0, height=100.0),
    landmarks=np.random.default_rng(5).uniform(0, 100, (478, 3)).astype(np.float32),
    blendshapes=np.zeros(52, np.float32),
    pose=HeadPose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0),
    height_px=91.5,
    sharpness=1.0,
    brightness=128.0,
)


class Scripted:
    """Gives, or raises, what it is told to; both as tracker and as scorer."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def track(self, frame: Frame) -> Any:
        return self._give()

    def score(self, face: Face) -> Any:
        return self._give()

    def _give(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Bench:
    """A pipeline with its surroundings."""

    def __init__(self, *, tracker: Any, scorer: Any) -> None:
        self.vitals = Vitals(HandClock())
        self.reports: list[str] = []
        self.pipeline = Pipeline(
            tracker=tracker,
            scorer=scorer,
            vitals=self.vitals,
            report_failure=self.reports.append,
            stall_s=2.0,
        )

    def look(self, captured_s: float = 12.5) -> Reading:
        frame = Frame(
            image=np.zeros((48, 64, 3), np.uint8),
            captured_s=captured_s,
            wall_time=datetime(2026, 1, 1, tzinfo=UTC),
            sequence=7,
        )
        return self.pipeline.process(frame).reading

    def states(self) -> tuple[StageState, StageState]:
        statuses = self.vitals.statuses()
        return statuses["track"].state, statuses["score"].state


@pytest.fixture
def scorer(tmp_path: Path) -> Callable[..., Scorer]:
    """A real scorer on a small real bundle."""

    def make(**changes: Any) -> Scorer:
        make_bundle(tmp_path / "bundle", replace(Recipe(), **changes))
        return Scorer(bundle_dir=tmp_path / "bundle", scoring=ScoringConfig())

    return make


def test_a_face_is_scored(scorer: Callable[..., Scorer]) -> None:
    bench = Bench(tracker=Scripted(FACE), scorer=scorer())
    reading = bench.look()
    assert isinstance(reading.outcome, Score)
    assert reading.outcome.level == pytest.approx(3.0, abs=1e-5)
    assert (reading.captured_s, reading.sequence, reading.face_height_px) == (12.5, 7, 91.5)
    assert bench.states() == (StageState.OK, StageState.OK)
    assert bench.reports == []


@pytest.mark.parametrize("reason", [Reason.NO_FACE, Reason.TOO_DARK])
def test_without_a_face_there_is_a_reason_and_no_level(reason: Reason) -> None:
    bench = Bench(tracker=Scripted(NoFace(reason=reason)), scorer=Scripted(ZeroDivisionError()))
    reading = bench.look()
    assert reading.outcome == Unavailable(reason=reason)
    assert reading.face_height_px is None
    assert bench.states() == (StageState.OK, StageState.STARTING)


def test_failing_tracking_is_model_failed_for_that_frame_alone() -> None:
    tracker = Scripted(RuntimeError("graph error"))
    bench = Bench(tracker=tracker, scorer=Scripted(None))
    assert bench.look().outcome == Unavailable(reason=Reason.MODEL_FAILED)
    assert bench.states()[0] is StageState.FAILED
    assert bench.reports == ["tracking a frame failed: RuntimeError: graph error"]
    tracker.answer = NoFace(reason=Reason.NO_FACE)
    assert bench.look().outcome == Unavailable(reason=Reason.NO_FACE)
    assert bench.states()[0] is StageState.OK


def test_a_model_that_gives_no_number_is_model_failed(scorer: Callable[..., Scorer]) -> None:
    bench = Bench(tracker=Scripted(FACE), scorer=scorer(nan_above=0.5))
    reading = bench.look()
    assert reading.outcome == Unavailable(reason=Reason.MODEL_FAILED)
    assert reading.face_height_px == 91.5
    assert bench.states() == (StageState.OK, StageState.FAILED)
    assert len(bench.reports) == 1


@pytest.mark.parametrize("level", [-0.5, 6.5, float("nan")])
def test_a_score_outside_its_scale_never_leaves(level: float) -> None:
    wrong = Score(
        level=level,
        probabilities=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        pspi=None,
        action_units={},
        confidence=1.0,
    )
    bench = Bench(tracker=Scripted(FACE), scorer=Scripted(wrong))
    assert bench.look().outcome == Unavailable(reason=Reason.MODEL_FAILED)
    assert bench.states()[1] is StageState.FAILED


def test_a_lasting_failure_is_reported_once_and_again_after_recovery() -> None:
    tracker = Scripted(RuntimeError("graph error"))
    bench = Bench(tracker=tracker, scorer=Scripted(None))
    for step in range(1000):
        bench.look(captured_s=0.04 * step)
    assert len(bench.reports) == 1
    tracker.answer = NoFace(reason=Reason.NO_FACE)
    bench.look(captured_s=41)
    tracker.answer = RuntimeError("again")
    bench.look(captured_s=42)
    assert len(bench.reports) == 1
    bench.look(captured_s=43 + RECOVERED_AFTER_S)
    assert len(bench.reports) == 2


def test_a_report_stays_short() -> None:
    bench = Bench(tracker=Scripted(RuntimeError("x" * 10_000)), scorer=Scripted(None))
    bench.look()
    assert len(bench.reports[0]) < 300

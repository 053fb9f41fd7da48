"""Nobody but the resident is scored, and the resident is not lost for a grimace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.identity import IdentityConfig
from edge.identity.gate import IdentityGate
from edge.identity.values import Template, distance, mean_of
from pain.values import Reason, Score, Unavailable
from tests.edge.identity.faces import EMBEDDING, START, like, person, reading, score, sight

CONFIG = IdentityConfig(threshold=0.5, check_every_s=2, grace_s=30)
RESIDENT = person(0)
TEMPLATE = Template(
    bundle=EMBEDDING.bundle,
    bundle_sha256=EMBEDDING.bundle_sha256,
    vector=RESIDENT,
    samples=20,
    enrolled_at=START,
    person="nurse-7",
    consent="signed by her guardian",
)


@pytest.fixture
def gate() -> IdentityGate:
    gate = IdentityGate(CONFIG)
    gate.expect(TEMPLATE)
    return gate


def said(gate: IdentityGate, at_s: float, seen) -> Reason | None:
    """Why there is no score, None where there is one."""
    outcome = gate.judge(reading(at_s), seen).outcome
    return outcome.reason if isinstance(outcome, Unavailable) else None


class TestNobodyEnrolled:
    def test_everybody_is_scored(self):
        gate = IdentityGate(CONFIG)
        assert said(gate, 0, sight(person(3))) is None
        assert said(gate, 1, sight(failed=True)) is None
        assert said(gate, 2, None) is None
        assert gate.recognised is None

    def test_again_once_the_template_is_gone(self, gate):
        assert said(gate, 0, sight(person(3))) is Reason.NOT_RESIDENT
        gate.expect(None)
        assert said(gate, 1, sight(person(3))) is None


class TestEnrolled:
    @pytest.mark.parametrize(
        ("vector", "reason"),
        [
            (RESIDENT, None),
            (like(RESIDENT, distance=0.49), None),
            (like(RESIDENT, distance=0.51), Reason.NOT_RESIDENT),
            (person(3), Reason.NOT_RESIDENT),
            ((1.0, 0.0), Reason.NOT_RESIDENT),
            (None, Reason.NOT_RESIDENT),
        ],
        ids=["same", "near", "just too far", "another", "another embedding", "not compared yet"],
    )
    def test_a_new_face_is_scored_when_it_is_near(self, gate, vector, reason):
        assert said(gate, 0, sight(vector)) is reason
        assert gate.recognised is (reason is None)

    def test_a_face_stays_known_between_comparisons(self, gate):
        assert said(gate, 0, sight(RESIDENT)) is None
        assert said(gate, 1, sight()) is None

    def test_a_grimace_that_looks_like_nobody_is_scored_for_the_grace(self, gate):
        assert said(gate, 0, sight(RESIDENT)) is None
        grimace = like(RESIDENT, distance=0.9)
        assert all(said(gate, at_s, sight(grimace)) is None for at_s in range(2, 31, 2))
        assert said(gate, 32, sight(grimace)) is Reason.NOT_RESIDENT
        assert said(gate, 34, sight(RESIDENT)) is None

    def test_a_face_of_a_new_track_is_unknown_again(self, gate):
        assert said(gate, 0, sight(RESIDENT, track=1)) is None
        assert said(gate, 1, sight(track=2)) is Reason.NOT_RESIDENT
        assert said(gate, 2, sight(person(3), track=2)) is Reason.NOT_RESIDENT
        assert said(gate, 3, sight(RESIDENT, track=3)) is None

    @pytest.mark.parametrize("reason", [Reason.NO_FACE, Reason.TOO_DARK, Reason.MODEL_FAILED])
    @pytest.mark.parametrize("seen", [None, sight(person(3))])
    def test_another_reason_stays_what_it_is(self, gate, reason, seen):
        given_ = reading(0, reason)
        assert gate.judge(given_, seen) == given_

    def test_a_score_without_a_sight_is_nobodys(self, gate):
        assert said(gate, 0, sight(RESIDENT)) is None
        assert said(gate, 1, None) is Reason.NOT_RESIDENT

    def test_an_embedding_that_fails_is_no_absence_of_the_resident(self, gate):
        assert said(gate, 0, sight(failed=True)) is Reason.MODEL_FAILED
        assert said(gate, 1, sight()) is Reason.MODEL_FAILED
        assert said(gate, 2, sight(person(3))) is Reason.NOT_RESIDENT

    def test_an_embedding_that_fails_leaves_a_known_face_known_for_the_grace(self, gate):
        assert said(gate, 0, sight(RESIDENT)) is None
        assert said(gate, 20, sight(failed=True)) is None
        assert said(gate, 31, sight(failed=True)) is Reason.MODEL_FAILED


FRAMES = st.lists(
    st.tuples(
        st.floats(0.05, 20),
        st.integers(1, 3),
        st.sampled_from([None, RESIDENT, like(RESIDENT, distance=0.7), person(3)]),
        st.booleans(),
    ),
    max_size=60,
)


@given(FRAMES)
def test_a_score_passes_unchanged_just_when_its_track_was_near_within_the_grace(frames):
    gate = IdentityGate(CONFIG)
    gate.expect(TEMPLATE)
    at_s, before, near_s = 0.0, None, None
    for step_s, track, vector, scored in frames:
        at_s += step_s
        near_s = None if track != before else near_s
        before = track
        near_s = at_s if vector == RESIDENT else near_s
        shown = reading(at_s, score() if scored else Reason.BLURRED)
        told = gate.judge(shown, sight(vector, track=track))
        known = near_s is not None and at_s - near_s <= CONFIG.grace_s
        if known or not scored:
            assert told == shown
        else:
            assert told.outcome == Unavailable(reason=Reason.NOT_RESIDENT)
        assert not isinstance(told.outcome, Score) or told.outcome == shown.outcome


UNIT = st.lists(st.floats(-1, 1), min_size=8, max_size=8).filter(lambda v: abs(v[0]) > 0.1)


@given(UNIT, UNIT)
def test_a_distance_is_symmetric_and_0_for_the_same(one, other):
    first, second = mean_of([one]), mean_of([other])
    assert first is not None
    assert second is not None
    assert distance(first, first) == pytest.approx(0, abs=1e-9)
    assert distance(first, second) == distance(second, first)
    assert 0 <= distance(first, second) <= 2
    middle = mean_of([first, second])
    if middle is not None:
        # The mean is as near to each as half the way.
        assert distance(first, middle) <= distance(first, second) + 1e-9

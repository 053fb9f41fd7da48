"""Random stories: what nature allows, and that time alone decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain.action_units import AU_MAX, BLENDSHAPES, ActionUnit
from pain.errors import DataError
from pain.scales import LEVEL_MAX, PSPI_MAX
from train.residents.dynamics import Envelope
from train.residents.everyday import EVERYDAY_NEGATIVES, Traits
from train.residents.expression import Kind, facial_actions, pain_level
from train.residents.story import (
    FASTEST_TURN_DEG_PER_S,
    FASTEST_UNIT_PER_S,
    FURTHEST_YAW_DEG,
    Story,
)
from train.residents.story_plot import SHORTEST_S, draw_story

AU = ActionUnit
seeds = st.integers(0, 2**32 - 1)
people = st.builds(Traits, palsy=st.floats(-1, 1), masking=st.floats(0, 0.8))
LENGTH_S = 45.0
MOUTH = {AU.AU20, AU.AU25, AU.AU26, AU.AU27}
few = settings(max_examples=12)


def story(seed: int, traits: Traits | None = None, duration_s: float = LENGTH_S) -> Story:
    return draw_story(np.random.default_rng(seed), duration_s=duration_s, traits=traits)


def times(of: Story, step_s: float = 0.02) -> list[float]:
    return np.arange(0.0, of.duration_s, step_s).tolist()


@few
@given(seeds, people)
def test_everything_stays_within_its_scale(seed: int, traits: Traits) -> None:
    told = story(seed, traits)
    for time_s in times(told, 0.1):
        face = told.expression_at(time_s)
        assert all(0.0 <= value <= AU_MAX for value in face.units.values())
        assert 0.0 <= face.level <= LEVEL_MAX
        assert 0.0 <= face.pspi <= PSPI_MAX
        assert 0.0 <= told.lids_at(time_s) <= 1.0
        assert -1.0 <= told.breath_at(time_s) <= 1.0
        weights = facial_actions(face)
        assert set(weights) <= set(BLENDSHAPES)
        assert all(0.0 <= weight <= 1.3 for weight in weights.values())
        # More would cut the lids through each other.
        assert weights["eyeBlinkLeft"] <= 1.0


@settings(max_examples=6)
@given(seeds, people)
def test_no_unit_and_no_angle_jumps(seed: int, traits: Traits) -> None:
    told, step_s = story(seed, traits), 0.01
    at = times(told, step_s)
    faces = [told.expression_at(time_s) for time_s in at]
    for unit in AU:
        course = np.array([face.units.get(unit, 0.0) for face in faces])
        fastest = FASTEST_UNIT_PER_S if unit in MOUTH else FASTEST_UNIT_PER_S / 2 + 1.0
        assert np.abs(np.diff(course)).max() / step_s <= fastest, unit
    for name in ("mouthSmileLeft", "eyeWideLeft", "browInnerUp", "jawLeft", "eyeLookUpLeft"):
        course = np.array([face.extra.get(name, 0.0) for face in faces])
        assert np.abs(np.diff(course)).max() <= 0.3, name
    poses = [told.pose_at(time_s) for time_s in at]
    angles = np.array([[pose.yaw_deg, pose.pitch_deg, pose.roll_deg] for pose in poses])
    assert np.abs(np.diff(angles, axis=0)).max() / step_s <= FASTEST_TURN_DEG_PER_S
    assert np.abs(angles[:, 0]).max() <= FURTHEST_YAW_DEG
    assert np.abs(angles[:, 1:]).max() <= 35.0


@few
@given(seeds)
def test_the_level_moves_as_smoothly_as_the_units(seed: int) -> None:
    told = story(seed)
    levels = np.array([told.expression_at(time_s).level for time_s in times(told)])
    # PSPI counts eyes as shut or not, which is half a level at once; the rest is the fastest onset.
    assert np.abs(np.diff(levels)).max() <= 0.5 + 1.0


@few
@given(seeds)
def test_pain_comes_and_goes_at_its_pace(seed: int) -> None:
    for episode in story(seed).episodes:
        if episode.face.kind is Kind.PAIN:
            assert 0.3 <= episode.course.onset_s <= 1.0
            assert 0.5 <= episode.course.offset_s <= 3.0


@few
@given(seeds, people)
def test_only_pain_has_a_level(seed: int, traits: Traits) -> None:
    told = story(seed, traits)
    for time_s in times(told, 0.1):
        face = told.expression_at(time_s)
        assert face.name in {"neutral", "pain", "pain-talk", "talk"} | EVERYDAY_NEGATIVES or (
            face.name.startswith("alone-")
        )
        assert (face.kind is Kind.PAIN) == face.name.startswith("pain")
        assert face.level == (pain_level(face.units) if face.kind is Kind.PAIN else 0.0)


@few
@given(seeds, st.floats(SHORTEST_S, 120.0))
def test_a_story_begins_and_ends_neutral_and_is_told_without_gaps(
    seed: int, duration_s: float
) -> None:
    told = story(seed, duration_s=duration_s)
    for time_s in (0.0, duration_s - 1.0, duration_s):
        assert told.expression_at(time_s).kind is Kind.NEUTRAL
    assert told.segments[0].start_s == 0.0
    assert told.segments[-1].end_s == told.duration_s == duration_s
    for first, second in zip(told.segments, told.segments[1:], strict=False):
        assert first.start_s < first.end_s == second.start_s
        assert second.scene.startswith("pain") or second.level == 0.0


@given(seeds, st.sampled_from([10, 25, 30]))
@settings(max_examples=6)
def test_time_alone_decides_whatever_was_asked_before(seed: int, fps: int) -> None:
    told, again = story(seed), story(seed)
    frames = [number / fps for number in range(int(LENGTH_S * fps))]
    forwards = [told.expression_at(time_s) for time_s in frames]
    backwards = [again.expression_at(time_s) for time_s in reversed(frames)]
    assert forwards == backwards[::-1]
    assert [told.pose_at(t) for t in frames[::7]] == [again.pose_at(t) for t in frames[::7]]


def test_other_seeds_tell_other_stories() -> None:
    assert story(1) == story(1)
    assert story(1) != story(2)


def blinks_per_min(told: Story) -> float:
    open_s = sum(
        told.expression_at(time_s).units.get(AU.AU43, 0.0) < 1.0 for time_s in times(told, 0.1)
    )
    return len(told.blinks) / (open_s * 0.1 / 60.0)


def test_eyes_blink_as_often_as_eyes_do() -> None:
    rates = [blinks_per_min(story(seed, duration_s=180.0)) for seed in range(8)]
    assert 12.0 < np.mean(rates) < 26.0
    masked = blinks_per_min(story(3, Traits(masking=0.6), duration_s=180.0))
    assert masked < 0.7 * rates[3]


def test_intervals_between_blinks_are_uneven() -> None:
    starts = np.array([blink.start_s for blink in story(5, duration_s=600.0).blinks])
    gaps = np.diff(starts)
    assert gaps.min() > 0.5
    assert 0.3 < np.log(gaps).std() < 1.2


def test_a_blink_shuts_the_lids_and_is_no_au43() -> None:
    told = story(5)
    blinks = [blink for blink in told.blinks if told.expression_at(blink.start_s).name == "neutral"]
    assert blinks
    shut = told.expression_at(blinks[0].apex_s[0] + 0.01)
    assert facial_actions(shut)["eyeBlinkLeft"] == pytest.approx(0.97)
    assert (shut.pspi, shut.units.get(AU.AU43, 0.0)) == (0.0, 0.0)


def test_levels_and_negatives_of_all_kinds_come_over_some_minutes() -> None:
    told = [story(seed, duration_s=600.0) for seed in range(4)]
    segments = [segment for one in told for segment in one.segments]
    levels = [segment.level for segment in segments if segment.scene.startswith("pain")]
    assert all(np.histogram(levels, bins=5, range=(0.0, LEVEL_MAX))[0] > 0)
    names = {segment.scene for segment in segments}
    assert names >= EVERYDAY_NEGATIVES - {"blink"}
    lengths = [s.end_s - s.start_s for s in segments if s.scene.startswith("pain")]
    assert min(lengths) < 3.0
    assert max(lengths) > 60.0


def test_speech_moves_the_jaw_and_is_no_pain() -> None:
    told = next(
        one for one in map(story, range(50)) if any(e.face.name == "talk" for e in one.episodes)
    )
    talk = next(episode for episode in told.episodes if episode.face.name == "talk")
    begins, ends = talk.course.apex_s
    faces = [told.expression_at(time_s) for time_s in np.arange(begins, ends, 0.02).tolist()]
    jaw = np.array([face.units.get(AU.AU26, 0.0) for face in faces])
    assert jaw.max() > 1.0
    crossings = np.count_nonzero(np.diff(jaw > jaw.max() / 3.0)) / 2.0
    assert crossings / (ends - begins) > 1.0
    assert max(face.level for face in faces) == 0.0


def test_a_story_that_is_too_short_is_refused() -> None:
    with pytest.raises(DataError, match="too short"):
        story(1, duration_s=SHORTEST_S - 1.0)


@given(st.floats(0.1, 2.0), st.floats(0.0, 5.0), st.floats(0.1, 3.0), st.floats(0.0, 1.0))
def test_an_envelope_rises_holds_and_falls(
    onset_s: float, hold_s: float, offset_s: float, share: float
) -> None:
    course = Envelope(start_s=1.0, onset_s=onset_s, hold_s=hold_s, offset_s=offset_s)
    begins, ends = course.apex_s
    assert course.at(1.0) == course.at(course.end_s) == course.at(0.0) == 0.0
    assert course.at(begins + share * (ends - begins)) == pytest.approx(1.0)
    early, late = sorted((share * onset_s, share**2 * onset_s))
    assert course.at(1.0 + early) <= course.at(1.0 + late)
    assert course.at(1.0 + onset_s / 2.0) == pytest.approx(0.5)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.action_units import AU_MAX, BLENDSHAPES, ActionUnit
from train.residents.everyday import (
    ALONE,
    EVERYDAY_NEGATIVES,
    Traits,
    as_shown,
    draw_everyday,
    draw_everyday_named,
    draw_traits,
    rated_level,
)
from train.residents.expression import Kind, facial_actions
from train.residents.repertoire import draw_pain

AU = ActionUnit
seeds = st.integers(0, 2**32 - 1)
traits = st.builds(Traits, palsy=st.floats(-1, 1), masking=st.floats(0, 1), toothless=st.booleans())
ALL = ["neutral", "pain", "pain-talk", *sorted(EVERYDAY_NEGATIVES), *(ALONE + u for u in AU)]


@given(seeds, st.sampled_from(ALL), traits)
def test_whatever_is_shown_stays_within_its_scale(seed: int, name: str, of: Traits) -> None:
    drawn = draw_everyday_named(name, np.random.default_rng(seed))
    shown = as_shown(drawn, of)
    assert shown.name == name
    assert all(0.0 <= value <= AU_MAX for value in shown.units.values())
    assert all(0.0 <= value <= 1.0 for value in shown.extra.values())
    assert shown.level <= drawn.level
    weights = facial_actions(shown)
    assert set(weights) <= set(BLENDSHAPES)
    assert all(0.0 <= weight <= 1.3 for weight in weights.values())


@given(seeds, st.sampled_from(["chew", "sneeze", "squint"]))
def test_the_added_negatives_are_no_pain(seed: int, name: str) -> None:
    drawn = draw_everyday_named(name, np.random.default_rng(seed))
    assert (drawn.kind, drawn.level) == (Kind.OTHER, 0.0)
    assert name == "chew" or drawn.pspi > 0.0


@given(seeds, st.sampled_from(AU))
def test_a_unit_alone_is_alone(seed: int, unit: ActionUnit) -> None:
    drawn = draw_everyday_named(f"{ALONE}{unit}", np.random.default_rng(seed))
    assert set(drawn.units) == {unit}
    assert drawn.level == 0.0
    assert not drawn.extra


@given(seeds)
def test_speech_leaves_the_pain_where_it_is(seed: int) -> None:
    silent = draw_pain(np.random.default_rng(seed))
    speaking = draw_everyday_named("pain-talk", np.random.default_rng(seed))
    assert speaking.kind is Kind.PAIN
    assert speaking.pspi == pytest.approx(silent.pspi)
    assert speaking.level >= silent.level


def test_masking_lowers_the_level_but_not_the_lids() -> None:
    rng = np.random.default_rng(4)
    faces = [draw_pain(rng) for _ in range(50)]
    for face in faces:
        shown = as_shown(face, Traits(masking=0.5))
        assert shown.level < face.level
        assert shown.units.get(AU.AU43) == face.units.get(AU.AU43)


@pytest.mark.parametrize(("palsy", "weak", "strong"), [(0.8, "Right", "Left"),
                                                       (-0.8, "Left", "Right")])  # fmt: skip
def test_after_a_stroke_one_side_hangs_and_moves_less(palsy: float, weak: str, strong: str) -> None:
    smile = draw_everyday_named("smile", np.random.default_rng(1))
    weights = facial_actions(as_shown(smile, Traits(palsy=palsy)))
    assert weights[f"mouthSmile{weak}"] < 0.3 * weights[f"mouthSmile{strong}"]
    assert weights[f"mouthFrown{weak}"] > weights.get(f"mouthFrown{strong}", 0.0)


def test_traits_are_the_exception() -> None:
    rng = np.random.default_rng(5)
    drawn = [draw_traits(rng) for _ in range(3000)]
    assert np.mean([t.palsy != 0.0 for t in drawn]) == pytest.approx(0.07, abs=0.02)
    assert np.mean([t.masking > 0.0 for t in drawn]) == pytest.approx(0.10, abs=0.02)
    assert np.mean([t.toothless for t in drawn]) == pytest.approx(0.15, abs=0.03)


def test_shares_of_the_full_repertoire() -> None:
    rng = np.random.default_rng(6)
    people = [draw_everyday(8, rng) for _ in range(500)]
    assert all(person[0].kind is Kind.NEUTRAL for person in people)
    faces = [face for person in people for face in person]
    kinds = [face.kind for face in faces]
    for kind, share in ((Kind.NEUTRAL, 0.2), (Kind.PAIN, 0.4), (Kind.OTHER, 0.4)):
        assert kinds.count(kind) / len(kinds) == pytest.approx(share, abs=0.03)
    assert {face.name for face in faces} == set(ALL)


@given(seeds, st.integers(1, 12))
def test_same_seed_same_faces(seed: int, count: int) -> None:
    first = draw_everyday(count, np.random.default_rng(seed))
    assert first == draw_everyday(count, np.random.default_rng(seed))
    assert len(first) == count


@pytest.mark.parametrize(("level", "spread"), [(0.0, 0.4), (3.0, 0.8), (6.0, 0.4)])
def test_raters_scatter_as_stated(level: float, spread: float) -> None:
    rng = np.random.default_rng(7)
    rated = np.array([rated_level(level, rng) for _ in range(4000)])
    assert set(rated) <= set(range(7))
    if level == 3.0:
        # Rounding to whole levels adds its own twelfth.
        assert rated.std() == pytest.approx(np.sqrt(spread**2 + 1 / 12), abs=0.04)
        assert rated.mean() == pytest.approx(3.0, abs=0.05)
    else:
        assert abs(rated.mean() - level) < 0.2

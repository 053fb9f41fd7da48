import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pain.action_units import AU_MAX, ActionUnit
from train.residents.expression import Expression, Kind
from train.residents.repertoire import HARD_NEGATIVES, draw_expressions, draw_named, draw_pain

AU = ActionUnit
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def pains() -> list[Expression]:
    rng = np.random.default_rng(1)
    return [draw_pain(rng) for _ in range(2000)]


@given(seeds, st.sampled_from(["neutral", "pain", *sorted(HARD_NEGATIVES)]))
@example(seed=90, name="pain")  # a unit so weak that it is 0 once rounded
def test_intensities_are_within_their_scale(seed: int, name: str) -> None:
    drawn = draw_named(name, np.random.default_rng(seed))
    assert drawn.name == name
    assert all(0.0 < value <= AU_MAX for value in drawn.units.values())
    assert all(0.0 <= value <= 1.0 for value in drawn.extra.values())
    assert 0.0 <= drawn.pspi <= 16.0


@given(seeds, st.sampled_from(sorted(HARD_NEGATIVES)))
def test_hard_negatives_have_level_0_and_their_true_units(seed: int, name: str) -> None:
    drawn = draw_named(name, np.random.default_rng(seed))
    assert drawn.kind is Kind.OTHER
    assert drawn.level == 0.0
    signature = {
        "smile": {AU.AU6, AU.AU12},
        "laugh": {AU.AU6, AU.AU12, AU.AU25},
        "yawn": {AU.AU25, AU.AU27},
        "sleep": {AU.AU43},
        "blink": {AU.AU43},
    }.get(name, set())
    assert signature <= set(drawn.units)


def test_a_smile_keeps_a_pspi_above_0() -> None:
    smile = draw_named("smile", np.random.default_rng(3))
    assert smile.pspi > 0.0
    assert smile.level == 0.0


def test_pain_covers_every_level_and_every_pspi(pains: list[Expression]) -> None:
    levels = np.bincount([round(p.level) for p in pains], minlength=7)
    assert (levels[1:] > 0.05 * len(pains)).all()
    assert min(p.level for p in pains) < 0.5
    assert set(range(1, 16)) <= {round(p.pspi) for p in pains}
    assert max(p.pspi for p in pains) > 15.0


def test_each_pain_unit_covers_its_scale(pains: list[Expression]) -> None:
    for unit in (AU.AU4, AU.AU6, AU.AU7, AU.AU9, AU.AU10, AU.AU20):
        counts, _ = np.histogram([p.units.get(unit, 0.0) for p in pains], bins=5, range=(0, 5))
        assert (counts > 0.02 * len(pains)).all(), unit


def test_units_are_not_one_drive(pains: list[Expression]) -> None:
    units = (AU.AU4, AU.AU6, AU.AU7, AU.AU9, AU.AU10)
    table = np.array([[p.units.get(unit, 0.0) for unit in units] for p in pains])
    correlation = np.corrcoef(table.T)
    assert np.abs(correlation[np.triu_indices(len(units), 1)]).max() < 0.6
    alone = [sum(u in p.units for u in units) <= 2 for p in pains]
    assert 0.05 < np.mean(alone) < 0.4


def test_some_faces_are_one_sided(pains: list[Expression]) -> None:
    palsied = np.mean([abs(p.asymmetry) > 0.3 for p in pains])
    assert 0.03 < palsied < 0.1


def test_shares_of_a_data_set() -> None:
    rng = np.random.default_rng(2)
    people = [draw_expressions(8, rng) for _ in range(400)]
    assert all(person[0].kind is Kind.NEUTRAL for person in people)
    kinds = [face.kind for person in people for face in person]
    for kind, share in ((Kind.NEUTRAL, 0.2), (Kind.PAIN, 0.4), (Kind.OTHER, 0.4)):
        assert kinds.count(kind) / len(kinds) == pytest.approx(share, abs=0.03)
    names = {face.name for person in people for face in person}
    assert names == {"neutral", "pain", *HARD_NEGATIVES}


@given(seeds, st.integers(1, 20))
def test_same_seed_same_expressions(seed: int, count: int) -> None:
    first = draw_expressions(count, np.random.default_rng(seed))
    second = draw_expressions(count, np.random.default_rng(seed))
    assert first == second
    assert len(first) == count

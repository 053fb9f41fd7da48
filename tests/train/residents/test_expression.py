import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.action_units import AU_MAX, BLENDSHAPES, ActionUnit
from train.residents.expression import NEUTRAL, Expression, Kind, blend, facial_actions, pain_level

AU = ActionUnit
intensities = st.dictionaries(st.sampled_from(ActionUnit), st.floats(0, AU_MAX))


def of(kind: Kind, units: dict[ActionUnit, float], asymmetry: float = 0.0) -> Expression:
    return Expression(name="any", kind=kind, units=units, asymmetry=asymmetry)


@given(intensities)
def test_pspi_follows_prkachin_and_solomon(units: dict[ActionUnit, float]) -> None:
    u = {unit: units.get(unit, 0.0) for unit in ActionUnit}
    closed = 1.0 if u[AU.AU43] >= 2.5 else 0.0
    by_hand = u[AU.AU4] + max(u[AU.AU6], u[AU.AU7]) + max(u[AU.AU9], u[AU.AU10]) + closed
    for kind in Kind:
        assert of(kind, units).pspi == pytest.approx(by_hand)


@given(intensities, st.sampled_from(ActionUnit), st.floats(0, AU_MAX))
def test_level_never_falls_when_a_unit_rises(
    units: dict[ActionUnit, float], unit: ActionUnit, rise: float
) -> None:
    stronger = {**units, unit: min(AU_MAX, units.get(unit, 0.0) + rise)}
    assert 0.0 <= pain_level(units) <= pain_level(stronger) <= 6.0


@given(intensities)
def test_only_pain_has_a_level(units: dict[ActionUnit, float]) -> None:
    assert of(Kind.NEUTRAL, units).level == 0.0
    assert of(Kind.OTHER, units).level == 0.0
    assert of(Kind.PAIN, units).level == pain_level(units)


@pytest.mark.parametrize(
    ("units", "level"),
    [
        ({}, 0.0),
        ({AU.AU4: 2, AU.AU7: 2, AU.AU10: 2}, 3.0),
        ({AU.AU4: 4, AU.AU6: 3, AU.AU9: 3}, 5.0),
        ({AU.AU4: 5, AU.AU6: 5, AU.AU9: 5, AU.AU43: 5}, 6.0),
        ({AU.AU20: 5}, 0.75),
        ({AU.AU25: 1, AU.AU27: 5}, 0.75),
        ({AU.AU12: 5}, 0.0),
    ],
)
def test_known_faces_have_known_levels(units: dict[ActionUnit, float], level: float) -> None:
    assert pain_level(units) == pytest.approx(level)


@given(intensities, st.floats(-1, 1))
def test_facial_actions_are_known_and_bounded(
    units: dict[ActionUnit, float], asymmetry: float
) -> None:
    weights = facial_actions(of(Kind.PAIN, units, asymmetry))
    assert set(weights) <= set(BLENDSHAPES)
    assert all(0.0 <= weight <= 1.3 for weight in weights.values())


@given(st.floats(0.1, 5), st.floats(0.01, 1))
def test_asymmetry_weakens_one_side_and_keeps_the_intensity_on_the_other(
    strength: float, asymmetry: float
) -> None:
    even = facial_actions(of(Kind.PAIN, {AU.AU4: strength}))
    right_weak = facial_actions(of(Kind.PAIN, {AU.AU4: strength}, asymmetry))
    left_weak = facial_actions(of(Kind.PAIN, {AU.AU4: strength}, -asymmetry))
    assert right_weak["browDownLeft"] == even["browDownLeft"] == left_weak["browDownRight"]
    assert right_weak["browDownRight"] < even["browDownRight"]
    assert left_weak["browDownLeft"] < even["browDownLeft"]


def test_a_shut_lid_gives_up_part_of_its_squint() -> None:
    squint = facial_actions(of(Kind.PAIN, {AU.AU7: 5}))["eyeSquintLeft"]
    shut = facial_actions(of(Kind.PAIN, {AU.AU7: 5, AU.AU43: 5}))
    assert shut["eyeSquintLeft"] < squint
    assert shut["eyeBlinkLeft"] > 0.9


@given(intensities, st.floats(0, 1))
def test_pain_that_fades_in_from_neutral_never_exceeds_its_apex(
    units: dict[ActionUnit, float], share: float
) -> None:
    apex = of(Kind.PAIN, units)
    assert blend(NEUTRAL, apex, 0.0).level == 0.0
    assert blend(NEUTRAL, apex, share).level <= apex.level + 1e-9
    assert blend(NEUTRAL, apex, 1.0).level == pytest.approx(apex.level)

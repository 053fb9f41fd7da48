"""What a wrong answer costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from pain.scales import LEVEL_COUNT
from train.distil.losses import Labels, Taught, teaching_loss, truth_loss
from train.distil.network import OUTPUTS, PSPI_SCALE, Readable, build_student
from train.distil.schema import StudentSection, TeachingSection, TruthSection
from train.objectives.spread import neighbours
from train.protocol.calibrate import mean_class
from train.track.tracked import UNITS

NAN = float("nan")


def raw(level: float, *, pspi: float = 0.0, units: float = 0.0, sharp: float = 60.0) -> Tensor:
    out = torch.zeros(1, OUTPUTS)
    out[0, :LEVEL_COUNT] = sharp * (neighbours(torch.tensor([level])) - 1.0)
    out[0, LEVEL_COUNT] = pspi / PSPI_SCALE
    out[0, LEVEL_COUNT + 1 :] = units
    return out


def labels(level: float = NAN, pspi: float = NAN, units: float = NAN) -> Labels:
    return Labels(
        level=torch.tensor([level]),
        pspi=torch.tensor([pspi]),
        units=torch.full((1, len(UNITS)), units),
    )


def taught(level: float, *, pspi: float = NAN, units: float = NAN) -> Taught:
    return Taught(
        probabilities=neighbours(torch.tensor([level])),
        level=torch.tensor([level]),
        pspi=torch.tensor([pspi]),
        units=torch.full((1, len(UNITS)), units),
    )


@given(st.floats(0.0, 6.0, width=32))
def test_a_level_is_the_mean_of_its_two_neighbours(level: float):
    shares = neighbours(torch.tensor([level]))
    assert float(shares.sum()) == pytest.approx(1.0, abs=1e-6)
    assert float((shares * torch.arange(7)).sum()) == pytest.approx(level, abs=1e-5)
    assert int((shares > 0).sum()) <= 2


def test_what_is_not_known_costs_nothing():
    anything = raw(3.0, pspi=7.0, units=2.0)
    assert float(truth_loss(anything, labels(), TruthSection())) == 0.0


@pytest.mark.parametrize(
    "known",
    [{"level": 0.0}, {"pspi": 1.0}, {"units": 0.0}],
    ids=["level", "pspi", "units"],
)
def test_every_label_that_is_known_costs_by_itself(known: dict[str, float]):
    wrong = raw(5.0, pspi=9.0, units=3.0)
    right = raw(0.0, pspi=1.0, units=0.0)
    assert float(truth_loss(wrong, labels(**known), TruthSection())) > 0.5
    assert float(truth_loss(right, labels(**known), TruthSection())) == pytest.approx(0, abs=1e-3)


def test_a_weight_of_nothing_switches_a_label_off():
    weights = TruthSection(level=0.0, pspi=0.0, units=0.0)
    assert float(truth_loss(raw(5.0), labels(0.0, 0.0, 4.0), weights)) == 0.0


def test_agreeing_with_the_teacher_is_free_and_the_far_level_costs_more_than_the_near_one():
    weights = TeachingSection(temperature=1.0, soft=0.0, units=0.0)
    said = taught(2.0)
    costs = [float(teaching_loss(raw(level), said, weights)) for level in (2.0, 3.0, 6.0)]
    assert costs[0] == pytest.approx(0.0, abs=1e-4)
    assert costs[0] < costs[1] < costs[2]


def test_divergence_alone_does_not_know_which_level_is_near():
    weights = TeachingSection(temperature=1.0, ordinal=0.0, level=0.0, units=0.0)
    near, far = (float(teaching_loss(raw(level), taught(2.0), weights)) for level in (3.0, 6.0))
    assert near == pytest.approx(far, rel=0.01)


def test_a_teachers_calibrated_level_is_followed_where_its_distribution_says_another():
    said = replace(taught(2.0), level=torch.tensor([3.0]))
    weights = TeachingSection(soft=0.0, ordinal=0.0)
    costs = [float(teaching_loss(raw(level), said, weights)) for level in (2.0, 3.0)]
    assert costs[0] == pytest.approx(0.5, abs=1e-3)
    assert costs[1] == pytest.approx(0.0, abs=1e-3)


def test_units_of_the_teacher_are_followed_where_it_has_any():
    weights = TeachingSection(soft=0.0, ordinal=0.0)
    assert float(teaching_loss(raw(0.0, units=2.0), taught(0.0), weights)) == 0.0
    told = taught(0.0, pspi=4.0, units=1.0)
    assert float(teaching_loss(raw(0.0, units=2.0), told, weights)) > 0.5


def test_the_temperature_softens_the_teacher_as_its_logits_would():
    logits = torch.tensor([[3.0, 1.0, 0.0, -1.0, -2.0, -3.0, -4.0]])
    said = Taught(
        probabilities=logits.softmax(1),
        level=mean_class(logits.softmax(1)),
        pspi=torch.tensor([NAN]),
        units=torch.full((1, len(UNITS)), NAN),
    )
    same = torch.zeros(1, OUTPUTS)
    same[0, :LEVEL_COUNT] = logits + 5.0
    for temperature in (0.7, 1.0, 4.0):
        weights = TeachingSection(temperature=temperature)
        assert float(teaching_loss(same, said, weights)) == pytest.approx(0.0, abs=1e-5)


@given(st.lists(st.floats(-30, 30, width=32), min_size=OUTPUTS, max_size=OUTPUTS))
def test_whatever_a_network_says_is_read_within_the_scales(values: list[float]):
    section = StudentSection(backbone="landmarks", weights="random", hidden=())
    reader = Readable(build_student(section), temperature=1.7)
    reading = reader.read(torch.tensor([values]))
    assert float(reading.probabilities.sum()) == pytest.approx(1.0, abs=1e-5)
    mean = float((reading.probabilities * torch.arange(7)).sum())
    assert float(reading.level) == pytest.approx(mean, abs=1e-5)
    assert 0.0 <= float(reading.pspi) <= 16.0
    assert bool(((reading.action_units >= 0) & (reading.action_units <= 5)).all())

"""Figures of readers on people that no weight has seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.train.protocol.toy import Toy
from train.distil.faces import Faces, load_faces
from train.distil.judge import agreement, judge
from train.distil.network import Reading
from train.objectives.spread import neighbours
from train.track.tracked import UNITS


@pytest.fixture
def faces(other_people: Toy) -> Faces:
    loaded = load_faces([other_people.data], cache=other_people.cache, to_learn=False)
    return replace(loaded, pspi=(2.0 * loaded.levels).astype(np.float32))


def reading(faces: Faces, *, level: np.ndarray, pspi: np.ndarray) -> Reading:
    return Reading(
        probabilities=neighbours(torch.from_numpy(level.astype(np.float32))),
        level=torch.from_numpy(level.astype(np.float32)),
        pspi=torch.from_numpy(pspi.astype(np.float32)),
        action_units=torch.zeros(len(faces), len(UNITS)),
    )


def test_who_is_always_right_has_no_error(faces: Faces):
    judged = judge("oracle", faces, reading(faces, level=faces.levels, pspi=faces.pspi))
    found = {metric.name: metric.value for metric in judged.metrics}
    assert found["level_mae"] == pytest.approx(0.0, abs=1e-6)
    assert found["pspi_mae"] == pytest.approx(0.0, abs=1e-6)
    assert found["level_pcc"] == found["pspi_pcc"] == pytest.approx(1.0)
    assert "48 synthetic faces of 6 people, never trained on" in judged.on


def test_a_face_without_a_pspi_counts_for_levels_alone(faces: Faces):
    told = faces.pspi.copy()
    told[::2] = np.nan
    judged = judge("half", faces, reading(faces, level=faces.levels, pspi=told + 1.0))
    metric = judged.metric("pspi_mae")
    assert metric is not None
    assert metric.value == pytest.approx(1.0)
    silent = judge("none", faces, reading(faces, level=faces.levels, pspi=np.full(48, np.nan)))
    assert silent.metric("pspi_mae") is None
    assert silent.metric("level_mae") is not None


def test_agreement_is_of_levels(faces: Faces):
    exact = reading(faces, level=faces.levels, pspi=faces.pspi)
    shifted = reading(faces, level=np.clip(faces.levels - 1.0, 0.0, 6.0), pspi=faces.pspi)
    same, other = agreement(exact, exact), agreement(shifted, exact)
    assert (same.same_level, same.mean_difference) == (1.0, 0.0)
    assert same.correlation == pytest.approx(1.0)
    assert other.same_level < 0.7
    assert 0.3 < other.mean_difference <= 1.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pain.errors import ConfigError, DataError
from tests.train.distil.conftest import plan
from train.data.sample import Origin, Sample
from train.distil.contrast import Contrasts
from train.distil.losses import Labels
from train.distil.network import OUTPUTS
from train.distil.ridge import fit_ridge
from train.distil.schema import ContrastSection, RidgeSection
from train.features.frozen import Features
from train.heads import make_head
from train.residents.expression import Kind
from train.track.tracked import UNITS

FACES = 400
WIDTH = 8
SUBJECTS = np.array([f"person-{n % 40}" for n in range(FACES)])
BLOCKS = {"near": 5, "far": 3}
BOTH = ContrastSection(shares={"near": 1.0, "far": 1.0}, patterns=("near",), penalty=1.0)

# Rest lies between smile and pain, and shout beside all three: no one direction tells pain apart.
PLACES = {
    "neutral": (0.0, 0.0),
    "smile": (2.0, 2.0),
    "shout": (-2.0, 2.0),
    "pain": (2.0, -2.0),
    "pain-open": (-2.0, -2.0),
}


def faces(*, seed: int = 0) -> tuple[Features, Labels, list[Sample]]:
    rng = np.random.default_rng(seed)
    names = [list(PLACES)[n % 5] for n in range(FACES)]
    level = np.array([rng.uniform(0, 6) if name.startswith("pain") else 0.0 for name in names])
    strength = np.where(level > 0, level / 4, 1.0)
    centre = np.array([PLACES[name] for name in names]) * strength[:, None]
    shown = rng.normal(0, 0.4, (FACES, WIDTH)).astype(np.float32)
    shown[:, :2] += centre
    shown[:, 5:7] += centre
    samples = [
        Sample(
            id=str(n),
            image=Path(f"{n}.jpg"),
            subject=str(SUBJECTS[n]),
            origin=Origin.SYNTHETIC,
            source="toy",
            expression=name,
            kind=Kind.PAIN if name.startswith("pain") else Kind.OTHER,
        )
        for n, name in enumerate(names)
    ]
    labels = Labels(
        level=torch.from_numpy(level).float(),
        pspi=torch.from_numpy(level * 2).float(),
        units=torch.full((FACES, len(UNITS)), torch.nan),
    )
    return Features(plain=shown, mirrored=shown, computed=FACES), labels, samples


def read(section: RidgeSection) -> tuple[np.ndarray, np.ndarray, list[Sample]]:
    features, labels, samples = faces()
    head = make_head(WIDTH, (), OUTPUTS, parts=2 if section.contrast else 0)
    fit_ridge(head, features, labels, SUBJECTS, section, blocks=BLOCKS, samples=samples)
    unseen, truth, samples = faces(seed=1)
    with torch.inference_mode():
        raw = head(torch.from_numpy(unseen.plain))
    said = (torch.softmax(raw[:, :7], dim=1) * torch.arange(7)).sum(dim=1).numpy()
    return said, truth.level.numpy(), samples


def test_pain_is_told_from_what_lies_on_all_sides_of_it():
    linear, level, _ = read(RidgeSection(penalties=(1.0,), level=1.0, pspi=0.0))
    contrasted, _, samples = read(
        RidgeSection(penalties=(1.0,), level=0.0, pspi=0.0, contrast=BOTH)
    )
    shout = np.array([sample.expression == "shout" for sample in samples])
    severe = level > 4

    assert np.abs(contrasted - level).mean() < np.abs(linear - level).mean()
    assert contrasted[severe].min() > contrasted[shout].max()


def test_milder_pain_is_on_neither_side():
    _, labels, samples = faces()
    found = Contrasts.of(samples, labels.level.numpy(), BOTH, BLOCKS)
    level = labels.level.numpy()
    pain = np.array([sample.kind is Kind.PAIN for sample in samples])
    near, far = found.classes

    assert set(far[pain & (level < BOTH.pain_from)]) == {"milder pain"}
    assert set(far[level >= BOTH.pain_from]) == {"pain"}
    assert set(near[level >= BOTH.pain_from]) == {"pain: pain", "pain: pain-open"}
    assert set(far[~pain]) == {"neutral", "smile", "shout"}


def test_milder_pain_speaks_neither_for_pain_nor_against_it():
    features, labels, samples = faces()
    found = Contrasts.of(samples, labels.level.numpy(), BOTH, BLOCKS)
    near, far = found.fit(features.plain).sides

    # Classes are in the order of their names: milder pain, neutral, pain (its patterns), the rest.
    assert near.tolist() == [0.0, -1.0, 1.0, 1.0, -1.0, -1.0]
    assert far.tolist() == [0.0, -1.0, 1.0, -1.0, -1.0]


def test_a_part_without_a_share_is_not_looked_at():
    _, labels, samples = faces()
    section = ContrastSection(shares={"near": 0.0, "far": 2.0})
    found = Contrasts.of(samples, labels.level.numpy(), section, BLOCKS)

    assert found.columns == (slice(5, 8),)
    assert found.shares.tolist() == [2.0]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("no such part", "this backbone has near, far"),
        ("no names", "400 of 400 faces name none"),
        ("nobody in pain", "needs faces in pain"),
        ("nothing but pain", "faces that are in none"),
    ],
)
def test_faces_that_allow_no_contrast_are_told(fault: str, told: str):
    _, labels, samples = faces()
    level = labels.level.numpy()
    section = ContrastSection(shares={"s152": 1.0}) if fault == "no such part" else BOTH
    changed = {
        "no names": {"expression": None},
        "nobody in pain": {"kind": Kind.OTHER},
        "nothing but pain": {"kind": Kind.PAIN},
    }.get(fault, {})
    samples = [Sample(**{**fields(sample), **changed}) for sample in samples]

    with pytest.raises(DataError, match=told):
        Contrasts.of(samples, level, section, BLOCKS)


def fields(sample: Sample) -> dict[str, object]:
    return {name: getattr(sample, name) for name in Sample.__dataclass_fields__}


@pytest.mark.parametrize(
    ("contrast", "told"),
    [
        ({"shares": {}}, "must not be empty"),
        ({"shares": {"s152": -1}}, "none below 0"),
        ({"shares": {"s152": 0}}, "one above it"),
        ({"shares": {"s152": 1}, "patterns": ["s183"]}, "s183 has no share"),
        ({"shares": {"s152": 1}, "penalty": 0}, "greater than 0"),
    ],
)
def test_a_contrast_that_makes_no_sense_is_refused(contrast: dict[str, object], told: str):
    student = {"backbone": "face_mesh", "weights": "random", "hidden": []}
    with pytest.raises(ConfigError, match=told):
        plan(student=student, ridge={"contrast": contrast})

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pain.action_units import BLENDSHAPES
from pain.errors import ConfigError, DataError
from tests.train.distil.conftest import plan
from tests.train.protocol.toy import Toy
from train.distil.checkpoint import load_student
from train.distil.faces import load_faces
from train.distil.losses import Labels
from train.distil.network import OUTPUTS, PSPI_SCALE
from train.distil.ridge import fit_ridge
from train.distil.run import distil
from train.distil.schema import RidgeSection
from train.distil.watcher import Watcher
from train.features.frozen import FOLDER_NAME, Features
from train.heads import Head, make_head
from train.track.tracked import UNITS

WIDTH = 12
FACES = 400
RNG = np.random.default_rng(0)
SUBJECTS = np.array([f"person-{n % 40}" for n in range(FACES)])


def material(*, noise: float = 0.1) -> tuple[Features, Labels]:
    """Faces whose level and PSPI are linear in the features, of people with features of their own.

    A mirror image has another last feature, which says nothing of pain.
    """
    level = RNG.uniform(0, 6, FACES).round(1)
    units = np.stack([np.clip(level - 1, 0, 5)] * len(UNITS), axis=1)
    units[:, 0] = np.nan
    plain = RNG.normal(0, noise, (FACES, WIDTH))
    plain[:, 0] += level / 3 - 1
    plain[:, 1] += level
    mirrored = plain.copy()
    mirrored[:, -1] *= -1
    labels = Labels(
        level=torch.from_numpy(level).float(),
        pspi=torch.from_numpy(level * 2).float(),
        units=torch.from_numpy(units).float(),
    )
    found = Features(
        plain=plain.astype(np.float32), mirrored=mirrored.astype(np.float32), computed=FACES
    )
    return found, labels


def fitted(features: Features, labels: Labels, **changes: object) -> tuple[Head, float]:
    head = make_head(WIDTH, (), OUTPUTS)
    section = RidgeSection.model_validate({"penalties": [1.0, 1e6], **changes})
    return head, fit_ridge(head, features, labels, SUBJECTS, section).correlation


def said(head: Head, features: Features) -> tuple[np.ndarray, torch.Tensor]:
    with torch.inference_mode():
        raw = head(torch.from_numpy(features.plain))
    probabilities = torch.softmax(raw[:, :7] / 0.2, dim=1)
    return (probabilities * torch.arange(7)).sum(dim=1).numpy(), raw


@pytest.mark.parametrize(
    "mixture", [{"level": 1, "pspi": 0}, {"level": 0, "pspi": 1}, {"level": 0.4, "pain": 0.2}]
)
def test_level_pspi_and_units_are_read_off_the_features(mixture: dict[str, float]):
    features, labels = material()
    head, correlation = fitted(features, labels, **mixture)
    level, raw = said(head, features)

    assert correlation > 0.95
    assert np.abs(level - labels.level.numpy()).mean() < 0.6
    assert np.abs(raw[:, 7].numpy() * PSPI_SCALE - labels.pspi.numpy()).mean() < 0.3


def test_the_level_is_not_drawn_towards_the_mean():
    features, labels = material(noise=1.5)
    head, _ = fitted(features, labels)
    level, _ = said(head, features)
    # Not the very top: beyond 6 there is no level, so noise can only lower what stands there.
    high = (labels.level.numpy() > 4) & (labels.level.numpy() < 5)

    assert level[high].mean() == pytest.approx(labels.level.numpy()[high].mean(), abs=0.4)


def test_a_penalty_that_leaves_nothing_is_not_chosen():
    features, labels = material()
    head = make_head(WIDTH, (), OUTPUTS)
    choice = fit_ridge(
        head, features, labels, SUBJECTS, RidgeSection(penalties=(1e9, 1.0)), on_fold=print
    )

    assert choice.penalties[0] == 1.0


def test_what_no_face_is_coded_for_is_read_as_nothing():
    features, labels = material()
    head, _ = fitted(features, labels)
    _, raw = said(head, features)

    assert torch.isfinite(raw).all()
    assert float(raw[:, 8].abs().max()) < 1e-6


@pytest.mark.parametrize("fault", ["few people", "no level", "nothing of pain"])
def test_faces_that_teach_nothing_are_told(fault: str):
    features, labels = material()
    subjects = np.array(["one", "two"] * (FACES // 2)) if fault == "few people" else SUBJECTS
    if fault == "no level":
        labels = Labels(level=torch.full((FACES,), torch.nan), pspi=labels.pspi, units=labels.units)
    if fault == "nothing of pain":
        labels = Labels(level=torch.full((FACES,), 2.0), pspi=labels.pspi, units=labels.units)
    head = make_head(WIDTH, (), OUTPUTS)

    with pytest.raises(DataError, match=r"people are too few|no face has one|teach nothing"):
        fit_ridge(head, features, labels, subjects, RidgeSection())


MESH = {"backbone": "face_mesh_blendshapes", "weights": "random", "taps": ["s214"], "hidden": []}


def test_a_head_on_the_face_mesh_network_from_tracked_faces_to_a_checkpoint(
    landmark_set: Toy, other_people: Toy, tmp_path: Path
):
    asked = plan(name="mesh", student=MESH, ridge={"penalties": [10.0, 1000.0], "folds": 3})
    training = load_faces([landmark_set.data], cache=landmark_set.cache, to_learn=True)
    tests = [load_faces([other_people.data], cache=landmark_set.cache, to_learn=False)]
    notes: list[str] = []

    def once(out: Path) -> None:
        distil(
            asked,
            training,
            tests,
            out,
            cache=landmark_set.cache,
            device=torch.device("cpu"),
            command="painwatch train distil",
            watcher=Watcher(on_note=notes.append),
        )

    once(tmp_path / "one")
    student = load_student(tmp_path / "one")

    assert student.inputs == ("face", "blendshapes")
    assert "ridge" in student.training.loss
    assert any(note.startswith("penalties level ") for note in notes)
    assert {metric.name for metric in student.metrics} >= {"level_mae", "level_pcc"}
    shown = training.batch(student.inputs, np.arange(3))
    with torch.inference_mode():
        read = student.module(*shown)
    assert torch.isfinite(read.level).all()
    # Features are kept: a second training computes none, and comes out the same.
    kept = sorted((landmark_set.cache / FOLDER_NAME).glob("face_mesh_blendshapes-*/*.npz"))
    once(tmp_path / "two")
    assert kept
    assert kept == sorted((landmark_set.cache / FOLDER_NAME).glob("face_mesh_blendshapes-*/*.npz"))
    again = load_student(tmp_path / "two").network.state_dict()
    assert all(torch.equal(v, again[k]) for k, v in student.network.state_dict().items())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"student": {**MESH, "hidden": [8]}}, "student.hidden"),
        ({"student": {**MESH, "train": "all"}}, "student.train"),
        ({"student": MESH, "teachers": ["teacher"]}, "labels alone"),
        ({"student": MESH, "ridge": {"penalties": [0]}}, "above 0"),
        ({"student": MESH, "ridge": {"level": 0, "pspi": 0}}, "must have a share"),
        ({"student": {"backbone": "landmarks", "taps": ["s89"]}, "ridge": None}, "no stages"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(changes: dict[str, object], told: str):
    with pytest.raises(ConfigError, match=told):
        plan(**{"ridge": {}, **changes})


def test_fitted_apart_each_block_says_half_of_what_it_says_alone():
    rng = np.random.default_rng(1)
    level = rng.uniform(0, 6, FACES)
    crowd = (0.3 * level[:, None] + rng.normal(size=(FACES, 60))).astype(np.float32)
    telling = (level[:, None] + rng.normal(0, 0.3, (FACES, 2))).astype(np.float32)
    labels = Labels(
        level=torch.from_numpy(level).float(),
        pspi=torch.from_numpy(level).float(),
        units=torch.full((FACES, len(UNITS)), torch.nan),
    )

    def weights_of_pspi(shown: np.ndarray, *, blocks: dict[str, int], apart: bool) -> np.ndarray:
        head = make_head(shown.shape[1], (), OUTPUTS)
        section = RidgeSection(penalties=(100.0,), level=1, pspi=0, apart=apart)
        features = Features(plain=shown, mirrored=shown, computed=FACES)
        fit_ridge(head, features, labels, SUBJECTS, section, blocks=blocks)
        return head.last.weight[7].detach().numpy()

    both = np.hstack([crowd, telling])
    alone = np.concatenate(
        [
            weights_of_pspi(part, blocks={"one": part.shape[1]}, apart=True)
            for part in (crowd, telling)
        ]
    )
    apart = weights_of_pspi(both, blocks={"crowd": 60, "telling": 2}, apart=True)
    assert apart == pytest.approx(alone / 2, rel=1e-3)
    assert weights_of_pspi(both, blocks={"crowd": 60, "telling": 2}, apart=False) != pytest.approx(
        alone / 2, rel=0.1
    )


def test_the_textbook_adds_what_the_faces_do_not_teach():
    """Where no face of the set ever frowns, a frown raises the level all the same."""
    rng = np.random.default_rng(2)
    level = rng.uniform(0, 6, FACES)
    blend = rng.uniform(0, 0.05, (FACES, len(BLENDSHAPES))).astype(np.float32)
    brows = [BLENDSHAPES.index(f"browDown{side}") for side in ("Left", "Right")]
    blend[:, brows] = 0.02
    blend[:, BLENDSHAPES.index("mouthUpperUpLeft")] = level / 6
    features = Features(plain=blend, mirrored=blend, computed=FACES)
    labels = Labels(
        level=torch.from_numpy(level).float(),
        pspi=torch.from_numpy(level).float(),
        units=torch.full((FACES, len(UNITS)), torch.nan),
    )
    frown = blend[:1].copy()
    frown[0, brows] += 0.4
    raised = []
    for share in (0.0, 1.0):
        head = make_head(len(BLENDSHAPES), (), OUTPUTS)
        section = RidgeSection(penalties=(1e4,), level=1, pspi=0, textbook=share)
        fit_ridge(head, features, labels, SUBJECTS, section, textbook=slice(0, len(BLENDSHAPES)))
        at = [
            said(head, Features(plain=x, mirrored=None, computed=1))[0][0]
            for x in (blend[:1], frown)
        ]
        raised.append(at[1] - at[0])
    assert raised[0] == pytest.approx(0.0, abs=1e-4)
    assert raised[1] > 0.5


def test_the_textbook_is_refused_where_no_blendshapes_are_seen():
    features, labels = material()
    with pytest.raises(DataError, match=r"textbook needs .* blendshapes"):
        fitted(features, labels, textbook=1.0)

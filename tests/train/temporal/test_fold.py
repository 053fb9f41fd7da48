"""What a head over time learns that no single frame shows, from its own clips and the past."""

from __future__ import annotations

import _thread
from dataclasses import replace

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from sklearn.metrics import roc_auc_score

from tests.train.temporal.toy import GAP, ClipToy, experiment
from train.features.examples import Examples
from train.features.inputs import LandmarkInputs
from train.protocol.fold import Scores, Trained
from train.protocol.folds import Fold, make_folds
from train.protocol.gather import gather
from train.protocol.learner import Epoch
from train.protocol.material import Material
from train.protocol.watcher import Watcher
from train.temporal.clips import Clip, clips_of
from train.temporal.fold import score_clips, train_clip_network
from train.temporal.network import ClipNet

SHORT = {"epochs": 3, "lr": 0.02, "batch_size": 16}


class Made:
    """All that one fold needs."""

    def __init__(self, toy: ClipToy, fabric: Fabric, **changes: object) -> None:
        asked = experiment(toy, **changes)
        self.examples: Examples
        self.material: Material
        self.examples, self.material = gather(asked, fabric, Watcher())
        self.clips: tuple[Clip, ...] = clips_of(self.examples)
        folds = make_folds(self.examples.levels, self.examples.subjects, split=asked.split)
        self.fold: Fold = folds[0]

    def learn(self, material: Material | None = None, *, seed: int = 1, **more) -> Trained[ClipNet]:
        fold = self.fold
        return train_clip_network(
            material or self.material, self.clips, fold.train, fold.validation, seed=seed, **more
        )

    def score(self, outcome: Trained[ClipNet], material: Material | None = None) -> Scores:
        return score_clips(
            material or self.material,
            self.clips,
            outcome.network,
            outcome.calibration,
            self.fold.test,
        )


def shown_otherwise(material: Material, rows: np.ndarray) -> Material:
    """The same faces, those of ``rows`` made absurd, their levels too."""
    inputs, levels = material.inputs, material.levels.copy()
    assert isinstance(inputs, LandmarkInputs)
    assert inputs.blendshapes is not None
    landmarks, blendshapes = inputs.landmarks.copy(), inputs.blendshapes.copy()
    landmarks[rows] += 5.0
    blendshapes[rows] = 1.0 - blendshapes[rows]
    levels[rows] = 6.0 - levels[rows]
    changed = replace(inputs, landmarks=landmarks, blendshapes=blendshapes)
    return replace(material, inputs=changed, levels=levels)


def fitted(outcome: Trained[ClipNet]) -> list[torch.Tensor]:
    calibration = (outcome.calibration.temperature, *(outcome.calibration.thresholds or ()))
    return [*outcome.network.state_dict().values(), torch.tensor(calibration)]


def same(one: Trained[ClipNet], other: Trained[ClipNet]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(fitted(one), fitted(other), strict=True))


def shut_eyes_told_apart(head: str, blinks: ClipToy, fabric: Fabric) -> float:
    """AUROC of pain among the frames with shut eyes, of people who were not seen."""
    made = Made(blinks, fabric, head=head)
    level = made.score(made.learn()).level
    assert isinstance(made.material.inputs, LandmarkInputs)
    assert made.material.inputs.blendshapes is not None
    shut = made.material.inputs.blendshapes[made.fold.test].max(axis=1) > 0.5
    truth = made.material.levels[made.fold.test] > 0
    return float(roc_auc_score(truth[shut], level[shut]))


@pytest.mark.parametrize("head", ["gru", "tcn"])
def test_time_tells_a_blink_from_eyes_shut_in_pain(head: str, blinks: ClipToy, fabric: Fabric):
    assert shut_eyes_told_apart(head, blinks, fabric) > 0.95


def test_single_frames_do_not(blinks: ClipToy, fabric: Fabric):
    assert 0.3 < shut_eyes_told_apart("per_frame", blinks, fabric) < 0.7


@pytest.mark.parametrize("head", ["tcn", "per_frame"])
def test_nothing_that_is_fitted_has_seen_the_test_people(
    head: str, blinks: ClipToy, fabric: Fabric
):
    made = Made(blinks, fabric, head=head, optimiser=SHORT)
    clean = made.learn()
    assert same(clean, made.learn(shown_otherwise(made.material, made.fold.test)))
    # The same where it belongs is not overlooked, so the line above can fail.
    for rows in (made.fold.train[:9], made.fold.validation[:9]):
        assert not same(clean, made.learn(shown_otherwise(made.material, rows)))


def test_no_person_is_in_two_parts(blinks: ClipToy, fabric: Fabric):
    made = Made(blinks, fabric)
    parts = [
        {made.examples.samples[row].subject for row in rows.tolist()}
        for rows in (made.fold.train, made.fold.validation, made.fold.test)
    ]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 15


@pytest.mark.parametrize("head", ["gru", "tcn"])
def test_what_comes_later_changes_no_score(head: str, blinks: ClipToy, fabric: Fabric):
    made = Made(blinks, fabric, head=head, optimiser=SHORT)
    outcome = made.learn()
    times = np.array([sample.time_s for sample in made.examples.samples])
    later = made.fold.test[times[made.fold.test] > 7.0]
    before = made.score(outcome).probabilities
    after = made.score(outcome, shown_otherwise(made.material, later)).probabilities
    early = times[made.fold.test] <= 7.0
    np.testing.assert_allclose(before[early], after[early], atol=1e-6)
    assert np.abs(before[~early] - after[~early]).max() > 0.01


def test_same_seed_same_numbers(blinks: ClipToy, fabric: Fabric):
    made = Made(blinks, fabric, optimiser=SHORT)
    one, two, other = (made.learn(seed=seed) for seed in (1, 1, 2))
    assert same(one, two)
    assert not same(one, other)


def test_a_lost_face_is_a_gap_in_time(blinks: ClipToy, fabric: Fabric):
    made = Made(blinks, fabric)
    clip = next(clip for clip in made.clips if clip.name == "p00.mp4")
    frames = [made.examples.samples[row].frame for row in clip.rows.tolist()]
    assert not set(frames) & set(range(GAP.start, GAP.stop))
    assert np.diff(clip.time_s).max() == pytest.approx((GAP.stop - GAP.start + 1) / 5.0)


def test_ctrl_c_keeps_the_best_weights(blinks: ClipToy, fabric: Fabric):
    made = Made(blinks, fabric)

    def stop(epoch: Epoch) -> None:
        if epoch.number == 2:
            _thread.interrupt_main()

    outcome = made.learn(on_epoch=stop)
    assert outcome.interrupted
    assert outcome.training.best.number <= 2
    assert np.isfinite(made.score(outcome).level).all()


def test_the_validation_loss_is_of_frames_of_whole_clips(blinks: ClipToy, fabric: Fabric):
    made = Made(blinks, fabric, optimiser=SHORT)
    outcome = made.learn()
    losses = []
    for clip in made.clips:
        if clip.rows[0] in made.fold.validation:
            features = torch.from_numpy(made.material.plain(clip.rows))[None]
            elapsed_s = torch.from_numpy(np.diff(clip.time_s, prepend=clip.time_s[0])[None]).float()
            with torch.inference_mode():
                outputs = outcome.network(features, elapsed_s)[0]
                levels = torch.from_numpy(made.material.levels[clip.rows])
                losses.append(outcome.network.objective(outputs, levels))
    mean = float(torch.cat(losses).mean())
    assert outcome.training.best.validation_loss == pytest.approx(mean, rel=1e-4)

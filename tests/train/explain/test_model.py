from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.track import Landmarker
from tests.train.explain.checkpoints import write_checkpoint
from train.data.sample import Origin
from train.explain.model import ExplainedModel
from train.explain.run import find_faces
from train.protocol.checkpoint import load_checkpoint


@pytest.mark.usefixtures("shallow")
def test_a_transformers_attention_sums_to_one_and_its_patches_form_the_grid(
    tmp_path: Path, two_faces: list[Path], landmarker: Landmarker
):
    model = ExplainedModel(load_checkpoint(write_checkpoint(tmp_path / "m", "dinov2_s14")))
    backbone = model.patches
    assert backbone is not None
    views = find_faces(two_faces, model, landmarker=landmarker).views
    heads = model.attention(backbone, views[0])
    assert heads.shape == (6, 16, 16)
    np.testing.assert_allclose(heads.sum(axis=(1, 2)), 1.0, rtol=1e-4)
    assert model.patch_features(backbone, views).shape == (2, 256, 384)


def test_a_verdict_is_calibrated_and_the_same_as_the_score_of_its_picture(
    mobilenet: Path, two_faces: list[Path], landmarker: Landmarker
):
    model = ExplainedModel(load_checkpoint(mobilenet))
    (view,) = find_faces(two_faces[:1], model, landmarker=landmarker).views
    verdict = model.verdict(view)
    assert sum(verdict.probabilities) == pytest.approx(1.0)
    assert model.scorer_of(view)(view.picture[None])[0] == pytest.approx(verdict.level)
    assert verdict.level == pytest.approx(np.arange(7) @ np.array(verdict.probabilities))


def test_a_label_says_everything_that_must_be_known(mobilenet: Path):
    model = ExplainedModel(load_checkpoint(mobilenet))
    assert model.patches is None
    said = str(model.label(None))
    assert "synthetic or real is not known" in said
    assert "mobilenetv3_small (random weights)" in said
    assert "drawn-faces" in said
    assert "PLUMBING ONLY" in said
    assert "Face: synthetic." in str(model.label(Origin.SYNTHETIC))

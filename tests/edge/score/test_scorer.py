"""A bundle either proves itself at start or is refused with a sentence that says what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto

from edge.config import ScoringConfig
from edge.score import Scorer
from pain.action_units import ActionUnit
from pain.errors import (
    BundleCorrupt,
    BundleError,
    BundleTampered,
    InternalError,
    ScoringError,
)
from pain.values import Box, Face, HeadPose
from tests.edge.score.conftest import replace_artefact

CPU = ScoringConfig()
MakeBundle = Callable[..., Path]


def a_face(**changes: Any) -> Face:
    rng = np.random.default_rng(5)
    values: dict[str, Any] = {
        "box": Box(x=0.0, y=0.0, width=100.0, height=100.0),
        "landmarks": rng.uniform(0, 100, (478, 3)).astype(np.float32),
        "blendshapes": np.zeros(52, np.float32),
        "pose": HeadPose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0),
        "height_px": 100.0,
        "sharpness": 1.0,
        "brightness": 128.0,
    }
    return Face(**{**values, **changes})


def test_a_good_bundle_scores_a_face(bundle_dir: MakeBundle) -> None:
    scorer = Scorer(bundle_dir=bundle_dir(), scoring=CPU)
    score = scorer.score(a_face())
    assert score.level == pytest.approx(3.0, abs=1e-5)
    assert score.pspi == pytest.approx(7.0)
    assert score.action_units == {ActionUnit.AU4: 2.0, ActionUnit.AU43: 5.0}
    assert sum(score.probabilities) == pytest.approx(1.0)
    assert score.confidence == pytest.approx(0.2 + 0.3 + 0.2, abs=1e-5)
    assert scorer.bundle.name == "test-bundle"
    assert (scorer.provider_actual, scorer.precision_actual) == ("cpu", "fp32")
    assert scorer.degraded is None


def test_units_and_pspi_stay_within_their_scales(bundle_dir: MakeBundle) -> None:
    scorer = Scorer(bundle_dir=bundle_dir(pspi=17.5, units=(-0.4, 5.6)), scoring=CPU)
    score = scorer.score(a_face())
    assert score.pspi == 16.0
    assert score.action_units == {ActionUnit.AU4: 0.0, ActionUnit.AU43: 5.0}


REFUSED = [
    ("no golden", {"with_golden": False}, BundleCorrupt, "no artefact of role 'golden'"),
    (
        "another input name",
        {"graph_inputs": (("points", TensorProto.FLOAT, ("N", 478, 3)),)},
        BundleCorrupt,
        r"claims the inputs \['landmarks'\], the graph has \['points'\]",
    ),
    (
        "another input shape",
        {"graph_inputs": (("landmarks", TensorProto.FLOAT, ("N", 468, 3)),)},
        BundleCorrupt,
        r"input 'landmarks' must be tensor\(float\) \(N, 478, 3\), .* \(N, 468, 3\)",
    ),
    (
        "another input type",
        {"graph_inputs": (("landmarks", TensorProto.DOUBLE, ("N", 478, 3)),)},
        BundleCorrupt,
        r"the graph has tensor\(double\)",
    ),
    (
        "a fixed batch",
        {"graph_inputs": (("landmarks", TensorProto.FLOAT, (1, 478, 3)),)},
        BundleCorrupt,
        r"the graph has tensor\(float\) \(1, 478, 3\)",
    ),
    (
        "an input that the manifest hides",
        {
            "graph_inputs": (
                ("landmarks", TensorProto.FLOAT, ("N", 478, 3)),
                ("blendshapes", TensorProto.FLOAT, ("N", 52)),
            )
        },
        BundleCorrupt,
        "'blendshapes', 'landmarks'",
    ),
    (
        "another output name",
        {"level_output": "pain"},
        BundleCorrupt,
        r"claims the outputs .*the graph has .*'pain'",
    ),
    (
        "eight levels",
        {"probabilities": (0.125,) * 8},
        BundleCorrupt,
        r"output 'probabilities' must be tensor\(float\) \(N, 7\)",
    ),
    (
        "more units than names",
        {"units": (1.0, 2.0, 3.0)},
        BundleCorrupt,
        r"'action_units' must be tensor\(float\) \(N, 2\)",
    ),
    ("an unknown unit", {"claimed_units": ("AU4", "AU99")}, BundleCorrupt, "AU99"),
    ("a unit twice", {"claimed_units": ("AU4", "AU4")}, BundleCorrupt, "twice"),
    (
        "another result than at export",
        {"golden_shift": 0.02},
        BundleError,
        r"'level' .* a difference of 0.02, allowed is 0.01",
    ),
    ("a graph that gives NaN", {"nan_above": -1.0}, BundleError, "no number"),
    ("a tolerance for everything", {"tolerance": 3.0}, BundleCorrupt, "tolerance is 3.0"),
]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_a_damaged_bundle_is_refused(
    bundle_dir: MakeBundle, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Scorer(bundle_dir=bundle_dir(**changes), scoring=CPU)
    assert re.search(message, str(caught.value), re.DOTALL), str(caught.value)


def _remove_model(directory: Path) -> None:
    (directory / "model.onnx").unlink()


def _flip_a_byte(directory: Path) -> None:
    path = directory / "model.onnx"
    content = bytearray(path.read_bytes())
    content[-1] ^= 0xFF
    path.write_bytes(content)


def _change_the_manifest(directory: Path) -> None:
    path = directory / "bundle.json"
    document = json.loads(path.read_text())
    document["limits"] = "none"
    path.write_text(json.dumps(document))


def _model_of_garbage(directory: Path) -> None:
    replace_artefact(directory, "model", b"not a graph")


def _golden_of_garbage(directory: Path) -> None:
    replace_artefact(directory, "golden", b"not an archive")


def _no_manifest(directory: Path) -> None:
    (directory / "bundle.json").unlink()


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (_remove_model, BundleCorrupt, "model.onnx: cannot be read"),
        (_flip_a_byte, BundleTampered, "SHA-256"),
        (_change_the_manifest, BundleTampered, "changed after export"),
        (_model_of_garbage, BundleCorrupt, "ONNX Runtime cannot load this graph"),
        (_golden_of_garbage, BundleCorrupt, "not a usable golden input"),
        (_no_manifest, BundleCorrupt, "no readable model bundle here"),
    ],
)
def test_damaged_files_are_refused(
    bundle_dir: MakeBundle,
    damage: Callable[[Path], None],
    error: type[Exception],
    message: str,
) -> None:
    directory = bundle_dir()
    damage(directory)
    with pytest.raises(error, match=message):
        Scorer(bundle_dir=directory, scoring=CPU)


MOVED = {
    "level": "moved",
    "thresholds": {f"border_{k}": at for k, at in enumerate((0.5, 1.0, 2.0, 2.8, 3.2, 4.0), 1)},
}
"""Moves the mean 3.0 of the recipe's probabilities, between borders 4 and 5, to level 4."""


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({"level": 4.0, "calibration": MOVED}, 4.0),
        ({"level": 4.06, "calibration": MOVED}, 4.06),
        ({"level": 3.0, "calibration": {**MOVED, "level": "mean"}}, 3.0),
        ({"level": 5.0, "calibration": {"level": "own"}}, 5.0),
        ({"level": 6.04, "calibration": {"level": "own"}}, 6.0),
    ],
    ids=["moved", "moved within what the mean may be off", "thresholds noted alone", "own", "top"],
)
def test_the_level_follows_from_the_probabilities_as_the_bundle_says(
    bundle_dir: MakeBundle, changes: dict[str, Any], level: float
) -> None:
    scorer = Scorer(bundle_dir=bundle_dir(**changes), scoring=CPU)
    assert scorer.score(a_face()).level == pytest.approx(level, abs=1e-5)


IMPLAUSIBLE = [
    ("no distribution", {"probabilities": (0.5,) * 7}, "no distribution"),
    (
        "negative probability",
        {"probabilities": (-0.2, 0.2, 0.2, 0.3, 0.2, 0.2, 0.1)},
        "no distribution",
    ),
    ("level beside its mean", {"level": 1.0}, "is not the mean 3.000"),
    ("mean unmoved", {"level": 3.0, "calibration": MOVED}, "is not the mean .* moved by its"),
    ("own off the scale", {"level": 6.2, "calibration": {"level": "own"}}, "is not in 0..6"),
    ("NaN on this face alone", {"nan_above": 50.0}, "no number"),
]


@pytest.mark.parametrize(
    ("changes", "message"), [row[1:] for row in IMPLAUSIBLE], ids=[row[0] for row in IMPLAUSIBLE]
)
def test_an_implausible_result_is_an_error_and_never_a_level(
    bundle_dir: MakeBundle, changes: dict[str, Any], message: str
) -> None:
    if "nan_above" in changes:  # normalised landmarks stay below 50, a crop does not
        changes = {
            **changes,
            "graph_inputs": (("face", TensorProto.UINT8, ("N", 256, 256, 3)),),
            "claimed_inputs": ("face",),
        }
    scorer = Scorer(bundle_dir=bundle_dir(**changes), scoring=CPU)
    crop = np.full((256, 256, 3), 200, np.uint8)
    with pytest.raises(ScoringError, match=message) as caught:
        scorer.score(a_face(crop=crop))
    assert isinstance(caught.value, InternalError)


@pytest.mark.parametrize(
    ("landmarks", "message"),
    [
        (np.full((478, 3), 7.0, np.float32), "coincide"),
        (np.zeros((468, 3), np.float32), r"\(478, 3\)"),
    ],
)
def test_landmarks_that_cannot_be_normalised_are_an_error(
    bundle_dir: MakeBundle, landmarks: np.ndarray, message: str
) -> None:
    scorer = Scorer(bundle_dir=bundle_dir(), scoring=CPU)
    with pytest.raises(ScoringError, match=message):
        scorer.score(a_face(landmarks=landmarks))


def test_a_bundle_of_crops_asks_for_the_crop(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(
        graph_inputs=(("face", TensorProto.UINT8, ("N", 256, 256, 3)),), claimed_inputs=("face",)
    )
    scorer = Scorer(bundle_dir=directory, scoring=CPU)
    assert scorer.wants_crop
    with pytest.raises(ScoringError, match="aligned crop"):
        scorer.score(a_face())
    level = scorer.score(a_face(crop=np.zeros((256, 256, 3), np.uint8))).level
    assert level == pytest.approx(3.0, abs=1e-5)

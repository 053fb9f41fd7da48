from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pain.errors import AssetError
from tests.train.protocol.conftest import experiment
from train.experiment import Experiment
from train.protocol.calibrate import Calibration
from train.protocol.checkpoint import (
    BACKBONE_FILE,
    DESCRIPTION_FILE,
    MODEL_FILE,
    Checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from train.protocol.network import build_backbone, build_network, build_objective

LEVELS = torch.linspace(0, 6, 40).numpy()


def checkpoint(asked: Experiment) -> Checkpoint:
    network = build_network(
        asked, build_backbone(asked), build_objective(asked, LEVELS), seed=asked.seed
    )
    width = network.backbone.width
    network.head.standardise.fit(torch.rand(20, width) * 3)
    network.start_at(LEVELS)
    return Checkpoint(
        network=network.eval(),
        experiment=asked,
        calibration=Calibration(temperature=1.5, thresholds=(0.4, 1.5, 2.5, 3.5, 4.5, 5.6)),
        data={"data": "toy", "origin": "synthetic"},
        metrics={"validation_loss": 0.5},
        libraries={"torch": "2"},
        finished=True,
    )


def faces(asked: Experiment) -> tuple[torch.Tensor, ...]:
    if asked.backbone.name.sees_landmarks:
        return (torch.rand(3, 478, 3),)
    return (torch.randint(0, 256, (3, 256, 256, 3), dtype=torch.uint8),)


@pytest.mark.parametrize(
    ("backbone", "loss"),
    [
        ({"name": "landmarks"}, "ordinal"),
        ({"name": "landmarks"}, "weighted_cross_entropy"),
        ({"name": "landmarks"}, "coral"),
        ({"name": "mobilenetv3_small", "weights": "random"}, "ordinal"),
        ({"name": "mobilenetv3_small", "weights": "random", "train": "all"}, "focal"),
    ],
)
def test_what_was_saved_says_the_same(tmp_path: Path, backbone: dict[str, str], loss: str):
    kept = checkpoint(experiment(backbone=backbone, loss={"name": loss}, seed=3))
    save_checkpoint(kept, tmp_path)
    loaded = load_checkpoint(tmp_path)
    shown = faces(kept.experiment)
    with torch.inference_mode():
        before, after = (c.network.decode(c.network(*shown)) for c in (kept, loaded))
    torch.testing.assert_close(after.probabilities, before.probabilities, rtol=0, atol=0)
    assert not loaded.network.training
    assert loaded.experiment == kept.experiment
    assert loaded.calibration == kept.calibration
    assert loaded.objective.name == loss
    assert loaded.finished
    assert (dict(loaded.data), dict(loaded.metrics)) == (kept.data, kept.metrics)


def test_folds_share_the_file_of_a_frozen_backbone(tmp_path: Path):
    kept = checkpoint(experiment(backbone={"name": "mobilenetv3_small", "weights": "random"}))
    one, two = tmp_path / "one", tmp_path / "two"
    save_checkpoint(kept, one)
    save_checkpoint(kept, two, share=one)
    assert (one / BACKBONE_FILE).samefile(two / BACKBONE_FILE)
    assert not (one / MODEL_FILE).samefile(two / MODEL_FILE)
    save_checkpoint(kept, two)  # must not write through the link
    assert not (one / BACKBONE_FILE).samefile(two / BACKBONE_FILE)
    load_checkpoint(one)


def test_nothing_is_pickled(tmp_path: Path):
    save_checkpoint(checkpoint(experiment()), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {MODEL_FILE, DESCRIPTION_FILE}
    assert (tmp_path / MODEL_FILE).read_bytes()[8:9] == b"{"


def cut(folder: Path) -> None:
    path = folder / MODEL_FILE
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(folder: Path) -> None:
    path = folder / MODEL_FILE
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def lose_the_model(folder: Path) -> None:
    (folder / MODEL_FILE).unlink()


def lose_the_description(folder: Path) -> None:
    (folder / DESCRIPTION_FILE).unlink()


def no_json(folder: Path) -> None:
    (folder / DESCRIPTION_FILE).write_text("{", encoding="utf-8")


def edited(folder: Path, **changes: object) -> None:
    path = folder / DESCRIPTION_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}), encoding="utf-8")


def other_format(folder: Path) -> None:
    edited(folder, format=99)


def strange_experiment(folder: Path) -> None:
    edited(folder, experiment={"task": "ordinal"})


def strange_calibration(folder: Path) -> None:
    edited(folder, calibration={"temperature": "hot", "thresholds": None})


def another_network(folder: Path) -> None:
    values = experiment(head={"hidden": [7]}).model_dump(mode="json")
    edited(folder, experiment=values)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (cut, "SHA-256 differs"),
        (flip_a_bit, "SHA-256 differs"),
        (lose_the_model, "model.safetensors is absent"),
        (lose_the_description, "painwatch train fit"),
        (no_json, "is damaged"),
        (other_format, "not of format 1"),
        (strange_experiment, "no checkpoint of this version"),
        (strange_calibration, "no checkpoint of this version"),
        (another_network, "does not fit its own description"),
    ],
)
def test_damage_is_told(tmp_path: Path, damage, says: str):
    save_checkpoint(checkpoint(experiment()), tmp_path)
    damage(tmp_path)
    with pytest.raises(AssetError, match=says):
        load_checkpoint(tmp_path)


def test_an_unfinished_training_says_so(tmp_path: Path):
    save_checkpoint(replace(checkpoint(experiment()), finished=False), tmp_path)
    assert not load_checkpoint(tmp_path).finished


def test_the_folder_of_a_run_says_where_its_checkpoint_is(tmp_path: Path):
    kept = tmp_path / "fitted" / "checkpoint"
    kept.mkdir(parents=True)
    (kept / DESCRIPTION_FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(AssetError, match=r"fitted holds no checkpoint.*give .*fitted/checkpoint$"):
        load_checkpoint(tmp_path / "fitted")

"""Going on from what was learnt before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from pain.errors import AssetError, ConfigError, DataError
from tests.train.explain.checkpoints import write_checkpoint
from tests.train.protocol.conftest import experiment
from tests.train.protocol.test_varied import made
from tests.train.protocol.toy import Toy
from train.distil.checkpoint import load_student
from train.experiment.load import load_experiment
from train.features.examples import load_examples
from train.features.frozen import describe
from train.protocol.checkpoint import load_checkpoint
from train.protocol.crossval import cross_validate
from train.protocol.fit import fit
from train.protocol.network import build_backbone
from train.protocol.options import experiment_from
from train.protocol.run import fingerprint
from train.protocol.start import open_start
from train.protocol.watcher import Watcher
from train.shipped import checkpoint_folder

SHIPPED = "shipped:mobilenetv3s-v1"
AS_SHIPPED: dict[str, Any] = {
    "start": SHIPPED,
    "backbone": {"name": "mobilenetv3_small", "input_px": 112, "train": "all"},
    "head": {"hidden": [256]},
    "optimiser": {"epochs": 1, "batch_size": 12, "lr": 1e-6},
    "split": {"folds": 2},
}


def test_a_shipped_model_is_gone_on_from_and_says_so(
    picture_toy: Toy, fabric: Fabric, tmp_path: Path
):
    asked = experiment(picture_toy, **AS_SHIPPED)
    material, _, ready = made(asked, fabric)
    student = load_student(checkpoint_folder(SHIPPED)).network.eval()
    pictures = material.inputs.batch(np.arange(2, dtype=np.intp))
    network = ready.network.eval()
    with torch.inference_mode():
        ours, theirs = (
            net.head.layers(net.head.standardise(net.backbone(*pictures)))
            for net in (network, student)
        )
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)
    fit(asked, tmp_path / "run", fabric=fabric, watcher=Watcher())
    kept = load_checkpoint(tmp_path / "run" / "checkpoint")
    assert kept.experiment.start == SHIPPED
    assert "residents-full-seed11" in kept.data["start"]
    assert kept.network.backbone.preprocess.resample.shape[0] == 112


@pytest.mark.parametrize("task", ["ordinal", "binary"])
def test_what_fit_left_is_gone_on_from_with_its_last_layer_where_the_task_is_the_same(
    landmark_toy: Toy, fabric: Fabric, tmp_path: Path, task: str
):
    first = write_checkpoint(tmp_path / "first", "landmarks")
    kept = load_checkpoint(first)
    hidden = kept.experiment.head.hidden
    asked = experiment(landmark_toy, start=str(first), task=task, head={"hidden": hidden})
    head = made(asked, fabric)[2].network.head
    assert torch.equal(head.standardise.mean, kept.network.head.standardise.mean)
    same = head.last.weight.shape == kept.network.head.last.weight.shape
    assert same == (task == "ordinal")
    assert not same or torch.equal(head.last.weight, kept.network.head.last.weight)


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        ({"backbone": {"name": "mobilenetv3_small"}}, "backbone.input_px", "has 112"),
        ({"backbone": {"name": "mobilenetv3_large"}}, "backbone.name", "has mobilenetv3_small"),
        (
            {"start": "shipped:landmarks-v1", "backbone": {"name": "landmarks_blendshapes"}},
            "head.hidden",
            r"\[512, 128\]",
        ),
    ],
)
def test_other_layers_are_refused_with_what_to_write(changes: dict[str, Any], key: str, says: str):
    asked = experiment(**{**AS_SHIPPED, "head": {}, **changes})
    start = open_start(str(asked.start))
    with pytest.raises(ConfigError, match=says) as caught:
        start.give_backbone(build_backbone(asked), asked)
    assert caught.value.key == key


def test_a_head_of_other_layers_starts_anew_and_it_is_said(picture_toy: Toy, fabric: Fabric):
    asked = experiment(picture_toy, **{**AS_SHIPPED, "head": {"hidden": [16]}})
    assert made(asked, fabric)[2].notes == (
        f"the head starts anew: the hidden layers of {SHIPPED} are [256]",
    )


def test_nobody_is_tested_whom_the_start_has_learnt_from(
    landmark_toy: Toy, fabric: Fabric, tmp_path: Path
):
    run = tmp_path / "first"
    quick = {"optimiser": {"epochs": 1}, "head": {"hidden": [4]}}
    fit(experiment(landmark_toy, **quick), run, fabric=fabric, watcher=Watcher())
    asked = experiment(landmark_toy, start=str(run / "checkpoint"), **quick)
    with pytest.raises(DataError, match="people that it knows"):
        cross_validate(asked, tmp_path / "second", fabric=fabric, watcher=Watcher())
    start = open_start(SHIPPED)
    start.refuse_to_test("residents")
    start.refuse_to_test("full-seed11")
    with pytest.raises(DataError, match="residents-v0-seed21"):
        start.refuse_to_test("residents-v0-seed21")


def test_names_stay_names_and_paths_start_at_the_file(tmp_path: Path):
    text = "task: ordinal\nbackbone: {name: landmarks}\nstart: "
    for written, found in ((SHIPPED, SHIPPED), ("old", str(tmp_path / "old"))):
        path = tmp_path / "mine.yaml"
        path.write_text(text + written, encoding="utf-8")
        assert load_experiment(path).start == found
    path.write_text("task: ordinal\nbackbone: {name: landmarks}\n", encoding="utf-8")
    asked = experiment_from(
        path, data=None, cache=None, weights=None, changes=None, start="shipped:landmarks-v1"
    )
    assert asked.start == "shipped:landmarks-v1"
    with pytest.raises(AssetError, match="no model of this name"):
        open_start("shipped:best")


def test_other_weights_are_another_run_whatever_their_folder_is_called(
    landmark_toy: Toy, tmp_path: Path
):
    first = write_checkpoint(tmp_path / "first", "landmarks")
    asked = experiment(landmark_toy, start=str(first))
    examples = load_examples(asked)
    before = fingerprint(asked, examples)
    assert before != fingerprint(experiment(landmark_toy), examples)
    moved = first.rename(tmp_path / "moved")
    assert fingerprint(experiment(landmark_toy, start=str(moved)), examples) == before
    write_checkpoint(first, "landmarks", task="binary")
    assert fingerprint(asked, examples) != before


def test_features_of_another_size_are_other_features():
    sizes = [
        describe(build_backbone(experiment(start=SHIPPED, backbone=section))).get("input_px")
        for section in (
            {"name": "mobilenetv3_small"},
            {"name": "mobilenetv3_small", "input_px": 112},
        )
    ]
    assert sizes == [None, 112]

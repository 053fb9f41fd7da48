"""A shipped model can be gone on from: its checkpoint is here and says what its bundle says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from edge.score import builtin_bundle_dir
from export.bundle import read_arrays
from export.model import open_model
from pain.bundle import load_bundle
from pain.errors import AssetError
from tests.train.protocol.toy import toy
from train.cli import app
from train.distil.checkpoint import load_student
from train.distil.load import load_distillation
from train.distil.teacher import open_teacher
from train.shipped import checkpoint_folder, checkpoint_name, shipped_names

BUNDLES = {path.parent.name for path in builtin_bundle_dir().parent.glob("*/bundle.json")}


def test_every_shipped_model_has_its_checkpoint() -> None:
    assert set(shipped_names()) == BUNDLES


@pytest.mark.parametrize("name", shipped_names())
def test_a_checkpoint_says_what_its_bundle_says(name: str) -> None:
    bundle = load_bundle(builtin_bundle_dir().parent / name)
    model = open_model(checkpoint_folder(f"shipped:{name}"))
    assert (model.name, model.inputs) == (bundle.name, bundle.inputs)
    assert (model.training, model.metrics) == (bundle.training, bundle.metrics)
    golden = read_arrays(builtin_bundle_dir().parent / name / bundle.artefacts["golden"].file)
    inputs = [torch.from_numpy(golden[f"input.{one}"]) for one in model.inputs]
    with torch.inference_mode():
        said = model.module(*inputs)
    for output, values in zip(model.outputs, said, strict=True):
        np.testing.assert_allclose(values.numpy(), golden[f"output.{output}"], atol=1e-4)


def test_batchnorm_has_the_statistics_of_faces_so_that_a_fine_tuning_starts_at_the_model() -> None:
    # In training BatchNorm reads its batch: with other statistics than those of faces the first
    # step would start from another network, though at rest both say the same.
    module = load_student(checkpoint_folder("shipped:mobilenetv3s-v1")).module
    crops = read_arrays(builtin_bundle_dir("mobilenetv3s-v1") / "golden.npz")["input.face"]
    wide: list[float] = []
    off: list[float] = []

    def compare(norm: nn.BatchNorm2d, arrived: tuple[torch.Tensor, ...]) -> None:
        deviation = norm.running_var.sqrt()
        wide.append(float((arrived[0].std((0, 2, 3)) / deviation).median()))
        shift = (arrived[0].mean((0, 2, 3)) - norm.running_mean).abs() / deviation
        off.append(float(shift.median()))

    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.register_forward_pre_hook(compare)
    with torch.inference_mode():
        module(torch.from_numpy(crops))
    assert len(wide) > 30
    assert 0.8 < min(wide) <= max(wide) < 1.5
    assert max(off) < 0.5


def test_names_stand_for_folders_and_folders_for_themselves(tmp_path: Path) -> None:
    folder = checkpoint_folder("shipped:landmarks-v1")
    assert load_student(folder).name == "landmarks-v1"
    assert checkpoint_name(folder) == "shipped:landmarks-v1"
    assert checkpoint_folder(str(tmp_path)) == tmp_path
    assert checkpoint_name(tmp_path / "landmarks-v1") == "landmarks-v1"


def test_an_unknown_name_is_told_with_those_that_there_are() -> None:
    with pytest.raises(AssetError, match=r"shipped:best: no model .* shipped:mobilenetv3s-v1"):
        checkpoint_folder("shipped:best")


def test_they_teach_and_are_started_from_by_name_in_a_file(tmp_path: Path) -> None:
    config = Path("configs/distil/mobilenetv3s.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"{config}\nstart: shipped:mobilenetv3s-v1\nteachers: [shipped:landmarks-v1]\n",
        encoding="utf-8",
    )
    plan = load_distillation(path)
    assert plan.start == checkpoint_folder("shipped:mobilenetv3s-v1")
    assert open_teacher(plan.teachers[0]).name == "landmarks-v1"


@pytest.mark.slow
def test_the_command_goes_on_from_one(tmp_path: Path) -> None:
    crop_set = toy(tmp_path / "set", people=6, per_person=4, crops=True)
    config = Path("configs/distil/landmarks.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(config.replace("epochs: ", "epochs: 1 # "), encoding="utf-8")
    words = ["distil", str(path), "--data", str(crop_set.data), "--cache", str(crop_set.cache)]
    words += ["--start", "shipped:landmarks-v1", "--teacher", "shipped:mobilenetv3s-v1"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    training = load_student(tmp_path / "out").training
    assert training.backbone.endswith("start: weights of landmarks-v1")
    assert "--start shipped:landmarks-v1" in training.command
    assert "--teacher shipped:mobilenetv3s-v1" in training.command


def test_all_of_them_are_listed() -> None:
    done = CliRunner().invoke(app, ["shipped"])
    assert done.exit_code == 0
    assert all(f"shipped:{name}" in done.output for name in shipped_names())

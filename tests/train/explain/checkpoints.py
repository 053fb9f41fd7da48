"""Checkpoints with random weights, as ``painwatch train fit`` would leave them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from train.backbones import make_backbone
from train.backbones.weights import WeightSource
from train.experiment.schema import Experiment
from train.protocol.calibrate import Calibration
from train.protocol.checkpoint import Checkpoint, save_checkpoint
from train.protocol.network import build_network, build_objective

TEMPERED = Calibration(temperature=1.5)


def write_checkpoint(
    folder: Path,
    backbone: str,
    *,
    task: str = "ordinal",
    view: str = "aligned",
    origin: str | None = None,
    data: Mapping[str, object] | None = None,
    calibration: Calibration = TEMPERED,
) -> Path:
    torch.manual_seed(3)
    experiment = Experiment.model_validate(
        {
            "name": f"{backbone}-trial",
            "task": task,
            "backbone": {"name": backbone, "weights": "random"},
            "view": view,
            "data": {"origin": origin},
        }
    )
    network = build_network(
        experiment,
        make_backbone(experiment.backbone.name, weights=WeightSource.RANDOM),
        build_objective(experiment, None),
    )
    save_checkpoint(
        Checkpoint(
            network=network.eval(),
            experiment=experiment,
            calibration=calibration,
            data=data or {"data": "drawn-faces"},
            metrics={},
            libraries={},
            finished=True,
        ),
        folder,
    )
    return folder

"""The part of a student that reads levels, as the network of an experiment."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import nn

from pain.scales import LEVEL_COUNT
from train.backbones import Trainable
from train.distil.checkpoint import DESCRIPTION_FILE, Student, load_student
from train.experiment.schema import BackboneSection, Experiment, HeadSection
from train.objectives import Task, make_objective
from train.protocol.calibrate import Calibration
from train.protocol.checkpoint import Checkpoint, load_checkpoint
from train.protocol.network import PainNet


def open_levels(folder: Path) -> Checkpoint:
    """A network for single faces, whether ``train fit`` or ``train distil`` made it.

    Raises:
        AssetError: absent, damaged, or of another version of painwatch.
    """
    if (folder / DESCRIPTION_FILE).is_file():
        return levels_of(load_student(folder))
    return load_checkpoint(folder)


def levels_of(student: Student) -> Checkpoint:
    """A network that says of levels exactly what the student says, and nothing of AUs."""
    section, network = student.plan.student, student.network
    head = copy.deepcopy(network.head)
    last = nn.Linear(head.last.in_features, LEVEL_COUNT)
    with torch.no_grad():
        last.weight.copy_(network.head.last.weight[:LEVEL_COUNT])
        last.bias.copy_(network.head.last.bias[:LEVEL_COUNT])
    head.last = last
    whole = Trainable.FROZEN if section.backbone.sees_landmarks else section.trainable
    return Checkpoint(
        network=PainNet(
            network.backbone, head, make_objective("cross_entropy", Task.ORDINAL, levels=None)
        ).eval(),
        experiment=Experiment(
            name=student.name,
            task=Task.ORDINAL,
            # Named after what it learnt from; "random" would say that nothing was learnt.
            backbone=BackboneSection(
                name=section.backbone, weights=student.name, train=whole, taps=section.taps
            ),
            head=HeadSection(hidden=section.hidden, dropout=section.dropout),
        ),
        calibration=Calibration(temperature=student.calibration.temperature),
        data={"data": student.training.data},
        metrics={},
        libraries=student.libraries,
        finished=student.finished,
    )

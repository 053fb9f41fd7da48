"""Weights to go on from: those of ``fit``, ``crossval`` or ``distil``, or of a shipped model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from pain.errors import ConfigError, DataError
from train.backbones import AnyBackbone, MeshTap
from train.backbones.base import Backbone
from train.experiment.schema import Experiment
from train.heads import Head
from train.protocol.network import PainNet, hidden_of, loss_name
from train.shipped import checkpoint_folder, checkpoint_name

State = dict[str, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """What a checkpoint has for another training.

    Attributes:
        name: as it is called in files and on the command line.
        backbone: which network.
        taps: stages that its head reads, of a face mesh network.
        input_px: side of what it sees, where that may differ.
        learnt_from: the sets it learnt from, in words.
        backbone_state: its weights.
        head: standardisation and layers.
        objective: task and loss that its last layer serves; None for one that serves several.
    """

    name: str
    backbone: AnyBackbone
    taps: tuple[MeshTap, ...] | None
    input_px: int | None
    learnt_from: str
    backbone_state: State
    head: Head
    objective: tuple[str, str] | None

    def give_backbone(self, backbone: Backbone, experiment: Experiment) -> None:
        """Put its weights into a backbone of the same kind.

        Raises:
            ConfigError: the experiment's backbone is another one.
        """
        asked = experiment.backbone
        for key, own, wanted in (
            ("name", self.backbone, asked.name),
            ("input_px", self.input_px, asked.input_px),
            ("taps", self.taps, asked.taps),
        ):
            if own != wanted:
                raise ConfigError(
                    f"{self.name} has {_written(own)}; to go on from it say the same",
                    key=f"backbone.{key}",
                    value=_written(wanted),
                )
        widths = _widths(self.head)
        if backbone.name.sees_landmarks and hidden_of(experiment) != widths:
            raise ConfigError(
                f"{self.name} has nothing but its head, whose hidden layers are {list(widths)}; to "
                "go on from it say the same",
                key="head.hidden",
                value=_written(experiment.head.hidden),
            )
        backbone.load_state_dict(self.backbone_state)

    def give_head(self, network: PainNet, experiment: Experiment) -> tuple[str, ...]:
        """Put its head into a network as far as that has the same layers; notes for people.

        The last layer is taken where it served the same task and loss. Elsewhere it starts anew.
        """
        head = network.head
        if _widths(head) != _widths(self.head):
            widths = list(_widths(self.head))
            return (f"the head starts anew: the hidden layers of {self.name} are {widths}",)
        head.standardise.load_state_dict(self.head.standardise.state_dict())
        head.layers.load_state_dict(self.head.layers.state_dict())
        if self.objective == (experiment.task.value, loss_name(experiment)):
            head.last.load_state_dict(self.head.last.state_dict())
        return ()

    def refuse_to_test(self, data: str) -> None:
        """Make sure that people of a set can be tested by folds.

        Raises:
            DataError: it learnt from a set of this name, so from people of every test part.
        """
        if re.search(rf"(?<![\w-]){re.escape(data)}(?![\w-])", self.learnt_from):
            raise DataError(
                f"{self.name} learnt from {data}: every test part would hold people that it knows. "
                "Take another set, or another start; 'painwatch train fit' tests nobody"
            )


def open_start(named: str) -> Start:
    """Read a checkpoint.

    Args:
        named: its folder, or ``shipped:NAME``.

    Raises:
        AssetError: absent, damaged, changed, or of another version of painwatch.
    """
    # They build on this package.
    from train.distil.checkpoint import DESCRIPTION_FILE, load_student
    from train.protocol.checkpoint import load_checkpoint

    folder = checkpoint_folder(named)
    if (folder / DESCRIPTION_FILE).is_file():
        student = load_student(folder)
        return Start(
            name=checkpoint_name(folder),
            backbone=student.plan.student.backbone,
            taps=student.plan.student.taps,
            input_px=student.plan.student.input_px,
            learnt_from=student.training.data,
            backbone_state=student.network.backbone.state_dict(),
            head=student.network.head,
            objective=None,
        )
    saved = load_checkpoint(folder)
    section = saved.experiment.backbone
    return Start(
        name=checkpoint_name(folder),
        backbone=section.name,
        taps=section.taps,
        input_px=section.input_px,
        learnt_from=str(saved.data.get("data", "")),
        backbone_state=saved.network.backbone.state_dict(),
        head=saved.network.head,
        objective=(saved.experiment.task.value, loss_name(saved.experiment)),
    )


def start_files(named: str) -> list[Path]:
    """Files whose content decides what a start gives."""
    return sorted(checkpoint_folder(named).glob("*.safetensors"))


def _widths(head: Head) -> tuple[int, ...]:
    return tuple(
        layer.out_features for layer in head.layers.children() if isinstance(layer, nn.Linear)
    )


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "nothing here" if value is None else str(value)

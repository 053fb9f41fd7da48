"""A network that reads level, PSPI and action units from one face at once."""

from __future__ import annotations

from typing import Final, NamedTuple

from torch import Tensor, nn

from pain.action_units import AU_MAX
from pain.scales import LEVEL_COUNT, PSPI_MAX
from train.backbones import make_backbone, weights_of
from train.backbones.base import Backbone, set_trainable
from train.backbones.weights import Weights
from train.distil.schema import StudentSection
from train.heads import Head, make_head
from train.prepared import features_of_prepared, prepared
from train.protocol.calibrate import Calibration
from train.track.tracked import UNITS

OUTPUTS: Final = LEVEL_COUNT + 1 + len(UNITS)
"""Logits of seven levels, PSPI, then one intensity per AU."""

PICTURE_AXES: Final = 4
"""Axes of a batch of pictures."""

PSPI_SCALE: Final = 4.0
"""Raw PSPI is in quarters of 16, so that no output asks for larger weights than the others."""


class Reading(NamedTuple):
    """What a network says of N faces; the order is that of a bundle's outputs.

    Attributes:
        probabilities: float (N, 7), sum 1.
        level: float (N,), calibrated, 0..6.
        pspi: float (N,), 0..16.
        action_units: float (N, len(UNITS)), 0..5.
    """

    probabilities: Tensor
    level: Tensor
    pspi: Tensor
    action_units: Tensor


class StudentNet(nn.Module):
    """Backbone and head; ``read`` says what the raw outputs mean.

    Args:
        backbone: faces to features (N, W).
        head: features to raw outputs (N, OUTPUTS).
    """

    def __init__(self, backbone: Backbone, head: Head) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what ``forward`` takes, as a bundle has them."""
        return self.backbone.sees.inputs

    def prepare(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What no weight has a say in, e.g. the change of size; done once for a training."""
        return prepared(self.backbone, inputs)

    def features(self, shown: tuple[Tensor, ...]) -> Tensor:
        """Features (N, W) of what ``prepare`` gave."""
        return features_of_prepared(self.backbone, shown)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Raw outputs (N, OUTPUTS) of faces as a bundle's inputs have them."""
        out: Tensor = self.head(self.features(self.prepare(inputs)))
        return out


class Readable(nn.Module):
    """A student with its calibration: bundle inputs in, bundle outputs out. This is exported.

    Args:
        network: trained.
        temperature: divides the logits of the levels (Guo et al. 2017).
    """

    def __init__(self, network: StudentNet, *, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.calibration = Calibration(temperature=temperature)

    def forward(self, *inputs: Tensor) -> Reading:
        """Probabilities, level, PSPI and AUs of N faces."""
        return self.read(self.network(*inputs))

    def read(self, raw: Tensor) -> Reading:
        """The meaning of raw outputs (N, OUTPUTS)."""
        said = self.calibration.read_logits(raw[:, :LEVEL_COUNT])
        return Reading(
            probabilities=said.probabilities,
            level=said.level,
            pspi=(raw[:, LEVEL_COUNT] * PSPI_SCALE).clamp(0.0, PSPI_MAX),
            action_units=raw[:, LEVEL_COUNT + 1 :].clamp(0.0, AU_MAX),
        )


def build_student(
    section: StudentSection, *, parts: int = 0, seed: int = 0, weights: Weights | None = None
) -> StudentNet:
    """A student at its start.

    Args:
        section: what was asked for.
        parts: of a contrast in the head (``Distillation.parts``).
        seed: of random weights and of the head.
        weights: instead of the section's, e.g. random ones that a checkpoint will replace.

    Raises:
        AssetError: its weights cannot be had.
    """
    backbone = make_backbone(
        section.backbone,
        weights=weights_of(section.weights) if weights is None else weights,
        seed=seed,
        input_px=section.input_px,
        taps=section.taps,
    )
    set_trainable(backbone, section.trainable)
    head = make_head(
        backbone.width, section.hidden, OUTPUTS, section.dropout, parts=parts, seed=seed
    )
    return StudentNet(backbone, head)

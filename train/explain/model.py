"""A checkpoint as something that can be asked again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pain.align import CROP_SIZE
from train.backbones import Sees
from train.data.sample import Origin
from train.experiment.schema import View
from train.explain.attention import among_patches
from train.explain.occlusion import Levels, Picture, Scorer, Window
from train.explain.verdict import Label, Verdict
from train.explain.view import FaceView
from train.objectives import Decoded, Task
from train.preprocess import CENTRE_PX
from train.protocol.checkpoint import Checkpoint

Floats = npt.NDArray[np.float32]

_MARGIN: Final = (CROP_SIZE - CENTRE_PX) // 2
WINDOW: Final[Window] = (_MARGIN, _MARGIN, _MARGIN + CENTRE_PX, _MARGIN + CENTRE_PX)
"""What ``Preprocess`` keeps of a picture."""


@runtime_checkable
class PatchBackbone(Protocol):
    """A vision transformer whose patches and attention can be looked at."""

    def patch_features(self, pictures: Tensor) -> Tensor:
        """Features (N, rows, columns, D) of uint8 (N, 256, 256, 3)."""
        ...

    def class_attention(self, pictures: Tensor) -> Tensor:
        """Attention (N, heads, rows, columns) of the class token in the last layer."""
        ...


class ExplainedModel:
    """Answers of a checkpoint, calibrated as it says.

    Args:
        checkpoint: the model.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._network = checkpoint.network.eval().requires_grad_(requires_grad=False)
        self._calibration = checkpoint.calibration
        self.experiment = checkpoint.experiment
        self.sees: Sees = checkpoint.experiment.backbone.name.sees
        self.view: View = checkpoint.experiment.view
        self._trained_on = str(checkpoint.data.get("data", "unknown data"))
        self._loss = checkpoint.objective.name

    @property
    def patches(self) -> PatchBackbone | None:
        """The backbone, if it is a vision transformer."""
        backbone = self._network.backbone
        return backbone if isinstance(backbone, PatchBackbone) else None

    @property
    def binary(self) -> bool:
        """Whether its level is a probability of pain."""
        return self.experiment.task is Task.BINARY

    def label(self, origin: Origin | None) -> Label:
        """What every picture must say.

        Args:
            origin: of the faces; None when nobody said.
        """
        experiment = self.experiment
        sees_picture = "face" in self.sees.inputs
        return Label(
            name=experiment.name or "without a name",
            backbone=experiment.backbone.name,
            task=experiment.task,
            loss=self._loss,
            weights=experiment.backbone.weights if sees_picture else None,
            view=experiment.view if sees_picture else None,
            plumbing_only=experiment.plumbing_only,
            trained_on=self._trained_on,
            origin=origin,
        )

    def score(self, *arrays: npt.NDArray[Any]) -> Levels:
        """Levels (N,) of what ``sees`` names; binary: probabilities of pain."""
        return self._read(*map(torch.from_numpy, arrays)).level.numpy()

    def scorer_of(self, view: FaceView) -> Scorer:
        """Levels of changed pictures of one face; what was tracked on it stays as it is."""

        def score(pictures: Picture) -> Levels:
            _, *tracked = self._arrays(view)
            count = len(pictures)
            return self.score(
                pictures, *(np.repeat(array[None], count, axis=0) for array in tracked)
            )

        return score

    @property
    def window(self) -> Window:
        """What it sees of a picture."""
        whole = self.experiment.backbone.name.is_face_mesh
        return (0, 0, CROP_SIZE, CROP_SIZE) if whole else WINDOW

    def _arrays(self, view: FaceView) -> list[npt.NDArray[Any]]:
        """One face as the model takes it, without a batch axis."""
        every: dict[str, npt.NDArray[Any]] = {
            "face": view.picture,
            "landmarks": view.landmarks,
            "blendshapes": view.blendshapes,
        }
        return [every[name] for name in self.sees.inputs]

    def verdict(self, view: FaceView) -> Verdict:
        """What it says of one face."""
        arrays = self._arrays(view)
        said = self._read(*(torch.from_numpy(array[None]) for array in arrays))
        return Verdict(
            level=float(said.level[0]), probabilities=tuple(said.probabilities[0].tolist())
        )

    def slope_level(self, *inputs: Tensor) -> Tensor:
        """Level (N,) before calibration, differentiable in the inputs."""
        return self._network.decode(self._network(*inputs)).level

    def landmark_arrays(self, view: FaceView) -> list[Floats]:
        """One face as a landmark model takes it, without a batch axis."""
        return self._arrays(view)

    @torch.inference_mode()
    def patch_features(self, backbone: PatchBackbone, views: Sequence[FaceView]) -> Floats:
        """Features of every patch, float32 (N, rows * columns, D)."""
        found = [
            backbone.patch_features(torch.from_numpy(view.picture[None])).flatten(1, 2)
            for view in views
        ]
        return np.asarray(torch.cat(found).float().numpy())

    @torch.inference_mode()
    def attention(self, backbone: PatchBackbone, view: FaceView) -> Floats:
        """Shares of the class token's attention, float32 (heads, rows, columns)."""
        found = backbone.class_attention(torch.from_numpy(view.picture[None]))[0]
        return among_patches(found.float().numpy())

    @torch.inference_mode()
    def _read(self, *inputs: Tensor) -> Decoded:
        """Calibrated, in float64."""
        raw = self._network.decode(self._network(*inputs)).probabilities
        return self._calibration.read(raw.double())

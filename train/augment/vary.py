"""Varies batches as networks take them, on the device that trains."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train.augment.mix import Mix
from train.augment.pictures import blur, cut_out, jpeg, move, without_detail
from train.augment.pixels import PixelRange
from train.augment.schema import Variation
from train.preprocess import flip_blendshapes, flip_landmarks

_WORST_JPEG: Final = 20.0
_BEST_JPEG: Final = 90.0
_FEW: Final = 4
"""From so many pictures on one field of noise, four times a picture, is cheaper than one each."""


class Augment:
    """Varies batches as a network's layers take them: pictures are prepared, not uint8.

    Chance is that of the device, so that nothing waits for the CPU; ``begin`` sets it anew.

    Args:
        section: how much.
        inputs: names of the tensors, as a bundle has them.
        flip: probability of a mirror image.
        mirror: (478,) counterpart of each landmark; needed for mirrored landmarks alone.
        pixels: black and white of the pictures; 0 and 1 when left out.
        seed: of everything random in it.
    """

    def __init__(
        self,
        section: Variation,
        *,
        inputs: tuple[str, ...],
        flip: float = 0.0,
        mirror: npt.NDArray[np.intp] | None = None,
        pixels: PixelRange | None = None,
        seed: int = 0,
    ) -> None:
        self._section = section
        self._inputs = inputs
        self._flip = flip
        self._mirror = mirror
        self._pixels = pixels or PixelRange(black=torch.zeros(3, 1, 1), white=torch.ones(3, 1, 1))
        self._seed = seed
        self._chance: torch.Generator | None = None
        self._shares = np.random.default_rng(seed)

    def begin(self, seed: int) -> None:
        """Draw from here on what this seed says, whatever was drawn before."""
        self._seed, self._chance = seed, None
        self._shares = np.random.default_rng(seed)

    @torch.no_grad()
    def __call__(self, prepared: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """New tensors of the same shapes, on the same device."""
        self._on(prepared[0].device)
        flipped = self._uniform(len(prepared[0])) < self._flip
        varied = []
        for name, values in zip(self._inputs, prepared, strict=True):
            match name:
                case "face":
                    varied.append(self._picture(values, flipped))
                case "landmarks":
                    varied.append(self._landmarks(values, flipped))
                case _:
                    varied.append(self._blendshapes(values, flipped))
        return tuple(varied)

    def mix(self, count: int, device: torch.device) -> Mix | None:
        """Which faces of a batch are laid over each other; None where none are."""
        self._on(device)
        if self._section.mixup == 0.0:
            return None
        share = float(self._shares.beta(self._section.mixup, self._section.mixup))
        return Mix(order=torch.randperm(count, generator=self._chance, device=device), share=share)

    def _on(self, device: torch.device) -> None:
        if self._chance is None or self._chance.device.type != device.type:
            self._chance = torch.Generator(device).manual_seed(self._seed)

    def _picture(self, pictures: Tensor, flipped: Tensor) -> Tensor:
        """Pictures (N, 3, s, s), prepared: moved in the plane, lit anew, taken by a poor camera."""
        section, count, side = self._section, len(pictures), pictures.shape[-1]
        shown = pictures
        if self._flip or section.rotate_deg or section.zoom or section.shift:
            shown = move(
                shown,
                angle=self._signed(count) * math.radians(section.rotate_deg),
                size=1.0 + self._signed(count) * section.zoom,
                right=section.shift * self._signed(count),
                down=section.shift * self._signed(count),
                flipped=flipped,
            )
        if section.grey:
            grey = self._uniform(count, 1, 1, 1) < section.grey
            shown = torch.where(grey, shown.mean(dim=1, keepdim=True), shown)
        if section.colour:
            shown = self._coloured(shown)
        if section.light:
            gain = 1.0 + section.light * self._signed(count, 1, 1, 1)
            bias = section.light * self._signed(count, 1, 1, 1)
            shown = torch.addcmul(bias, shown, gain)
        if section.low_resolution:
            far = self._some(count, 1 / 2)
            share = section.low_resolution * float(self._shares.random())
            shown = shown.index_copy(0, far, without_detail(shown[far], share))
        if section.blur:
            shown = blur(shown, section.blur * side * self._uniform(count))
        if section.noise:
            size = section.noise * self._uniform(count, 1, 1, 1)
            shown = torch.addcmul(shown, size, self._noise(shown))
        if section.jpeg:
            coded = self._some(count, section.jpeg)
            quality = _WORST_JPEG + (_BEST_JPEG - _WORST_JPEG) * self._uniform(len(coded))
            decoded = jpeg(self._pixels.to_unit(shown[coded]), quality)
            shown = shown.index_copy(0, coded, self._pixels.from_unit(decoded))
        if section.cut_out:
            shown = cut_out(
                shown,
                side=section.cut_out * self._uniform(count),
                row=self._uniform(count),
                column=self._uniform(count),
            )
        return shown

    def _coloured(self, pictures: Tensor) -> Tensor:
        """Each colour's gain and the saturation changed; black stays black."""
        count, most = len(pictures), self._section.colour
        unit = self._pixels.to_unit(pictures) * (1.0 + most * self._signed(count, 3, 1, 1))
        saturation = 1.0 + most * self._signed(count, 1, 1, 1)
        grey = unit.mean(dim=1, keepdim=True)
        return self._pixels.from_unit(torch.lerp(grey.expand_as(unit), unit, saturation))

    def _noise(self, like: Tensor) -> Tensor:
        """Normal noise of this shape; of many pictures each shows its own part of one field."""
        count, channels, side, _ = like.shape
        if count <= _FEW:
            return self._normal(like.shape, like)
        field = self._normal((channels, 2 * side, 2 * side), like)
        places = torch.randperm((side + 1) ** 2, generator=self._chance, device=like.device)
        row, column = places[:count] // (side + 1), places[:count] % (side + 1)
        parts = field.unfold(1, side, 1).unfold(2, side, 1)
        return parts[:, row, column].transpose(0, 1)

    def _landmarks(self, landmarks: Tensor, flipped: Tensor) -> Tensor:
        shown = landmarks
        if self._flip:
            if self._mirror is None:
                raise ValueError("landmarks need the counterpart of each to be mirrored")
            shown = flip_landmarks(landmarks, flipped, self._mirror)
        return shown + self._section.landmarks * self._normal(shown.shape, shown)

    def _blendshapes(self, scores: Tensor, flipped: Tensor) -> Tensor:
        shown = flip_blendshapes(scores, flipped)
        return (shown + self._section.noise * self._normal(shown.shape, shown)).clamp(0.0, 1.0)

    def _normal(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        return torch.randn(shape, generator=self._chance, device=like.device, dtype=like.dtype)

    def _some(self, count: int, probability: float) -> Tensor:
        """Positions of some of a batch; how many is drawn here, so that no device is waited for."""
        assert self._chance is not None  # noqa: S101  (every call begins by _on)
        many = int(self._shares.binomial(count, probability))
        return torch.randperm(count, generator=self._chance, device=self._chance.device)[:many]

    def _uniform(self, *shape: int) -> Tensor:
        assert self._chance is not None  # noqa: S101  (every call begins by _on)
        return torch.rand(shape, generator=self._chance, device=self._chance.device)

    def _signed(self, *shape: int) -> Tensor:
        return 2.0 * self._uniform(*shape) - 1.0

"""Which backbones there are, and what each of them looks at."""

from __future__ import annotations

from enum import StrEnum


class Sees(StrEnum):
    """What a backbone takes; the values of ``inputs`` are a bundle's input names."""

    LANDMARKS = "landmarks"
    LANDMARKS_BLENDSHAPES = "landmarks_blendshapes"
    PICTURE = "picture"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the tensors that ``forward`` takes, in order.

        ``landmarks`` is float32 (N, 478, 3), pose-normalised; ``blendshapes`` float32 (N, 52);
        ``face`` uint8 (N, 256, 256, 3) RGB.
        """
        match self:
            case Sees.LANDMARKS:
                return ("landmarks",)
            case Sees.LANDMARKS_BLENDSHAPES:
                return ("landmarks", "blendshapes")
            case Sees.PICTURE:
                return ("face",)


class BackboneName(StrEnum):
    """Names in an experiment's file."""

    LANDMARKS = "landmarks"
    LANDMARKS_BLENDSHAPES = "landmarks_blendshapes"
    MOBILENETV3_SMALL = "mobilenetv3_small"
    MOBILENETV3_LARGE = "mobilenetv3_large"
    FACENET = "facenet"
    FACENET_128 = "facenet_128"
    DINOV2_S14 = "dinov2_s14"
    DINOV2_L14 = "dinov2_l14"

    @property
    def sees(self) -> Sees:
        """What this backbone takes."""
        match self:
            case BackboneName.LANDMARKS:
                return Sees.LANDMARKS
            case BackboneName.LANDMARKS_BLENDSHAPES:
                return Sees.LANDMARKS_BLENDSHAPES
            case _:
                return Sees.PICTURE

    @property
    def sees_landmarks(self) -> bool:
        """Whether it takes what the tracker measured, and no picture."""
        return self.sees is not Sees.PICTURE


class Trainable(StrEnum):
    """What of a backbone learns."""

    FROZEN = "frozen"
    LAST_BLOCK = "last_block"
    ALL = "all"

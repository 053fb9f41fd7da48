"""Which backbones there are, and what each of them looks at."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Sees(StrEnum):
    """What a backbone takes; the values of ``inputs`` are a bundle's input names."""

    LANDMARKS = "landmarks"
    LANDMARKS_BLENDSHAPES = "landmarks_blendshapes"
    PICTURE = "picture"
    PICTURE_BLENDSHAPES = "picture_blendshapes"
    PICTURE_LANDMARKS_BLENDSHAPES = "picture_landmarks_blendshapes"

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
            case Sees.PICTURE_BLENDSHAPES:
                return ("face", "blendshapes")
            case Sees.PICTURE_LANDMARKS_BLENDSHAPES:
                return ("face", "landmarks", "blendshapes")


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
    FACE_MESH = "face_mesh"
    FACE_MESH_BLENDSHAPES = "face_mesh_blendshapes"
    FACE_MESH_LANDMARKS = "face_mesh_landmarks"

    @property
    def sees(self) -> Sees:
        """What this backbone takes."""
        match self:
            case BackboneName.LANDMARKS:
                return Sees.LANDMARKS
            case BackboneName.LANDMARKS_BLENDSHAPES:
                return Sees.LANDMARKS_BLENDSHAPES
            case BackboneName.FACE_MESH_BLENDSHAPES:
                return Sees.PICTURE_BLENDSHAPES
            case BackboneName.FACE_MESH_LANDMARKS:
                return Sees.PICTURE_LANDMARKS_BLENDSHAPES
            case _:
                return Sees.PICTURE

    @property
    def sees_landmarks(self) -> bool:
        """Whether it takes what the tracker measured, and no picture."""
        return "face" not in self.sees.inputs

    @property
    def is_face_mesh(self) -> bool:
        """Whether it is MediaPipe's face mesh network, whose stages are chosen by ``MeshTap``."""
        return self in {
            BackboneName.FACE_MESH,
            BackboneName.FACE_MESH_BLENDSHAPES,
            BackboneName.FACE_MESH_LANDMARKS,
        }


class MeshTap(StrEnum):
    """Ends of stages of the face mesh network, named after their operator in the published file.

    Each is averaged over a grid before it is read.
    """

    S89 = "s89"
    S121 = "s121"
    S152 = "s152"
    S183 = "s183"
    S214 = "s214"

    @property
    def channels(self) -> int:
        """Maps of the stage; their sides are 32, 16, 8, 4 and 2."""
        return 64 if self is MeshTap.S89 else 128

    @property
    def grid(self) -> int:
        """Squares along a side that are averaged."""
        return 2 if self is MeshTap.S214 else 4

    @property
    def width(self) -> int:
        """Numbers that are read of the stage."""
        return self.channels * self.grid**2


class Trainable(StrEnum):
    """What of a backbone learns."""

    FROZEN = "frozen"
    LAST_BLOCK = "last_block"
    ALL = "all"


def check_taps(name: BackboneName, taps: Sequence[MeshTap] | None) -> None:
    """Make sure that stages are chosen where there are any, and none twice.

    Raises:
        ValueError: they are not.
    """
    if taps is None:
        return
    if not name.is_face_mesh:
        raise ValueError(f"taps: {name} has no stages to choose from; leave it out")
    if not taps or len(set(taps)) != len(taps):
        raise ValueError("taps: name at least one stage, and none twice")

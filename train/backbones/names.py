"""Which backbones there are, and what each of them looks at."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

TIMM_PREFIX: Final = "timm:"
_TIMM_NAME: Final = re.compile(r"timm:[A-Za-z0-9_]+(\.[A-Za-z0-9_.]+)?")


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


class TimmName(str):
    """``timm:NAME``: a picture network of the timm library, e.g. ``timm:resnet18.a1_in1k``.

    What stands behind the dot names the training whose weights and data config are meant; timm's
    own choice without it. ``backbone_of`` makes one and asks timm whether it knows it.
    """

    __slots__ = ()

    @property
    def value(self) -> str:
        """As it is written in an experiment's file."""
        return str(self)

    @property
    def model(self) -> str:
        """What timm calls it."""
        return self.removeprefix(TIMM_PREFIX)

    @property
    def sees(self) -> Sees:
        """A picture."""
        return Sees.PICTURE

    @property
    def sees_landmarks(self) -> bool:
        """It sees pixels."""
        return False

    @property
    def is_face_mesh(self) -> bool:
        """It is none of MediaPipe's."""
        return False


AnyBackbone: TypeAlias = BackboneName | TimmName


def backbone_of(text: object) -> AnyBackbone:
    """What a name in a file or on the command line means.

    Raises:
        ValueError: there is no such backbone; names those that there are, or of timm's thousand
            the nearest.
    """
    if isinstance(text, BackboneName | TimmName):
        return text
    if isinstance(text, str) and text.startswith(TIMM_PREFIX):
        from train.backbones.timm_models import check_known

        if _TIMM_NAME.fullmatch(text) is None:
            raise ValueError(
                "write timm:NAME or timm:NAME.TAG, e.g. timm:resnet18 or timm:resnet18.a1_in1k"
            )
        name = TimmName(text)
        check_known(name)
        return name
    try:
        return BackboneName(str(text))
    except ValueError:
        wanted = str(text).lower().replace("-", "_")
        near = difflib.get_close_matches(wanted, list(BackboneName), n=1)
        raise ValueError(
            f"must be one of: {', '.join(BackboneName)}, or timm:NAME for a network of timm"
            + (f"; did you mean '{near[0]}'?" if near else "")
        ) from None


BackboneField = Annotated[
    AnyBackbone,
    PlainValidator(backbone_of),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {"anyOf": [{"enum": list(BackboneName)}, {"pattern": _TIMM_NAME.pattern, "type": "string"}]}
    ),
]
"""A backbone in a section of a file."""


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


def check_taps(name: AnyBackbone, taps: Sequence[MeshTap] | None) -> None:
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

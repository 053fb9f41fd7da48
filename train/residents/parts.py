"""Meshes and surfaces, as the renderer draws them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from train.residents.identity import Rgb

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """How a surface answers to light.

    Attributes:
        key: name under which the renderer keeps the texture.
        texture: uint8 (H, W, 4), sRGB and alpha, first row on top.
        tint: linear factor on the texture.
        roughness: 0..1; ``specular`` 0..1; ``softness`` 0..1 is light through skin.
        cutout: alpha below which nothing is drawn.
        detail: float16 (S, S, 4), albedo factor and height over ``window``; None for plain.
        bump_m: metres per unit of the detail's height; ``window`` is where the detail lies in
            texture space (u, v from the top, side).
        garment: linear colour of the cloth where a vertex's ``cloth`` is positive.
        two_sided: whether the back is lit like the front.
        creased: whether crevices are darkened; for figures, not for rooms.
    """

    key: str
    texture: Pixels
    tint: Rgb = (1.0, 1.0, 1.0)
    roughness: float = 0.5
    specular: float = 0.3
    softness: float = 0.0
    cutout: float = 0.0
    two_sided: bool = True
    creased: bool = True
    detail: npt.NDArray[np.float16] | None = None
    bump_m: float = 0.0
    window: tuple[float, float, float] = (0.0, 0.0, 1.0)
    garment: Rgb = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One mesh. Metres; C corners, F triangles.

    Attributes:
        positions: float32 (C, 3); ``normals``: float32 (C, 3); ``uv``: float32 (C, 2).
        cloth: float32 (C,), metres below the neckline; negative is skin.
        faces: int32 (F, 3).
        material: its surface.
    """

    positions: FloatArray
    normals: FloatArray
    uv: FloatArray
    faces: IntArray
    material: Material
    cloth: FloatArray = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

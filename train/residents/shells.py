"""Beard and head scarf: layers over a person's skin that follow it wherever it moves."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve

from train.residents.anatomy import Anatomy
from train.residents.head import MIDLINE, Head
from train.residents.identity import Rgb
from train.residents.parts import Material, Part
from train.residents.skin import SIZE, WINDOW, face_grid

FloatArray = npt.NDArray[np.float32]

_BEARD_LAYERS: Final = 9
_SCARF_THICKNESS_M: Final = 0.009
_SCARF_BOTTOM_M: Final = 0.235
_SCARF_EDGE_M: Final = 0.05
_TEXTURE: Final = 256


def beard(
    *,
    head: Head,
    skin: Part,
    length_m: float,
    colour: Rgb,
    key: str,
    rng: np.random.Generator,
) -> list[Part]:
    """A full beard as fur: layers of the skin, each a little farther out and sparser.

    Args:
        head: the baked head.
        skin: the person's skin as it is drawn, corners in the head's order.
        length_m: of the hair.
        colour: sRGB 0..1.
        key: name of the person, under which the renderer keeps the textures.
        rng: source of the hair's layout; the same for every picture of a person.

    Returns:
        Parts from the skin outwards.
    """
    u, v = head.uv.T
    at = (np.stack([u, 1.0 - v], axis=1) - WINDOW[:2]) / WINDOW[2]
    density, grain = _beard_density(rng)
    inside = ((at > 0.02) & (at < 0.98)).all(axis=1)  # noqa: PLR2004
    rows, columns = (np.clip(at[:, i] * SIZE, 0, SIZE - 1).astype(int) for i in (0, 1))
    bearded = inside & (ndimage.maximum_filter(density, 15)[rows, columns] > 0.02)  # noqa: PLR2004
    faces = skin.faces[bearded[skin.faces].all(axis=1)]
    # Hair at the beard's edge and around the lips is short.
    thick = ndimage.gaussian_filter(density, 9.0)[rows, columns]
    length = length_m * np.where(inside, thick, 0.0)[:, None]
    parts = []
    for layer in range(1, _BEARD_LAYERS + 1):
        share = layer / _BEARD_LAYERS
        # Hair grows out of the skin and then hangs.
        grown = 0.8 * skin.normals + share * np.array([0.0, -0.45, 0.05], dtype=np.float32)
        shade = (0.45 + 0.55 * share) * np.asarray(colour) * (0.85 + 0.3 * grain[..., None])
        alpha = density > share * (0.35 + 1.1 * grain) + 0.04
        rgba = np.concatenate([np.clip(shade, 0, 1), alpha[..., None]], axis=2)
        parts.append(
            Part(
                positions=(skin.positions + share * length * grown).astype(np.float32),
                normals=skin.normals,
                uv=np.stack([at[:, 1], 1.0 - at[:, 0]], axis=1).astype(np.float32),
                faces=faces,
                material=Material(
                    key=f"beard/{key}/{layer}",
                    texture=np.asarray(rgba * 255.0, dtype=np.uint8),
                    roughness=0.8,
                    specular=0.05,
                    softness=0.3,
                    cutout=0.5,
                ),
            )
        )
    return parts


def scarf(*, anatomy: Anatomy, body: FloatArray, colour: Rgb) -> Part:
    """A head scarf: the skin around the face, stretched over the ears and lifted, with folds.

    Args:
        anatomy: the baked head.
        body: (V, 3) vertices of the head as it is turned.
        colour: linear RGB.
    """
    head = anatomy.head
    around, covered = _beyond_face(head)
    worn = _over_ears(head, body)
    # The ears' own normals would draw ears on the cloth.
    normals = anatomy.body_normals(worn)
    worn += normals * (_SCARF_THICKNESS_M * np.clip(around / 0.25, 0.35, 1.0))[:, None]
    corner = head.corner_vertex
    faces = head.faces[covered[corner][head.faces].all(axis=1)]
    angle = np.arctan2(head.template[:, 0], head.template[:, 1] - head.template[:, 1].mean())
    drop = head.eye_centre(head.template)[1] - _SCARF_BOTTOM_M - head.template[:, 1]
    # Across the texture: the face's edge at 0.1, the lower edge at 0.9.
    across = np.maximum(np.clip(0.1 + 0.4 * around, 0.0, 0.8), 0.9 + drop / _SCARF_EDGE_M)
    uv = np.stack([np.clip(across, 0.0, 1.0), angle / (2 * np.pi) + 0.5], axis=1)
    return Part(
        positions=worn[corner],
        normals=normals[corner],
        uv=uv[corner].astype(np.float32),
        faces=faces,
        material=Material(
            key="scarf",
            texture=_scarf_texture(),
            tint=colour,
            roughness=0.9,
            specular=0.03,
            softness=0.25,
            cutout=0.5,
        ),
    )


def under_scarf(head: Head) -> npt.NDArray[np.bool_]:
    """Faces (F,) of the skin that a scarf hides: skull, ears and neck."""
    around, covered = _beyond_face(head)
    low = head.template[:, 1] < head.eye_centre(head.template)[1] - 0.8 * _SCARF_BOTTOM_M
    hidden = ((covered & (around > 0.12) & ~low) | _ears(head))[head.corner_vertex]  # noqa: PLR2004
    return np.asarray(hidden[head.faces].all(axis=1))


def _beyond_face(head: Head) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """How far beyond the face's oval each vertex lies (0 on its edge), and whether cloth is there.

    The oval runs from the brow's upper end to below the chin.
    """
    x, y, z = (head.template - head.eye_centre(head.template) * MIDLINE).T
    oval = np.hypot(x / 0.063, (y + 0.028) / 0.090) - 1.0
    behind = (-0.105 - z) / 0.05
    around = np.maximum(oval, behind).astype(np.float32)
    return around, np.asarray((around > -0.25) & (y > -_SCARF_BOTTOM_M - 0.04))  # noqa: PLR2004


def _ears(head: Head) -> npt.NDArray[np.bool_]:
    """Vertices (V,) of both ears and the skin around them."""
    x, y, z = (head.template - head.eye_centre(head.template) * MIDLINE).T
    near = (np.abs(x) > 0.062) & (np.abs(y + 0.025) < 0.055) & (np.abs(z + 0.09) < 0.055)  # noqa: PLR2004
    skin = np.zeros(len(near), dtype=bool)
    skin[np.unique(head.body_faces)] = True
    return np.asarray(near & skin)


def _over_ears(head: Head, points: FloatArray) -> FloatArray:
    """Points with both ears replaced by a skin stretched over their place."""
    free = _ears(head)
    a, b, c = head.body_faces.T
    rows, columns = np.concatenate([a, b, c, b, c, a]), np.concatenate([b, c, a, a, b, c])
    shape = (len(points), len(points))
    links = sparse.csr_array((np.ones(len(rows), np.float64), (rows, columns)), shape)
    degree: npt.NDArray[np.float64] = np.asarray(links.sum(axis=1)).ravel()
    laplacian = sparse.csr_array(sparse.diags_array(degree)) - links
    inner = sparse.csc_array(laplacian[free][:, free])
    known = -(laplacian[free][:, ~free] @ points[~free].astype(np.float64))
    stretched = points.copy()
    stretched[free] = spsolve(inner, known)
    return stretched


def _scarf_texture() -> npt.NDArray[np.uint8]:
    """Cloth from 0.1 to 0.9 of the width; folds that run around the face; darker hems."""
    across, around = np.mgrid[0 : 1 : _TEXTURE * 1j, 0 : 1 : _TEXTURE * 1j][::-1]
    folds = 0.90 + 0.07 * np.sin(34.0 * across + 3.0 * np.sin(9.0 * around))
    weave = 1.0 + 0.04 * np.sin(across * 500.0) * np.sin(around * 900.0)
    edge = np.minimum(np.abs(across - 0.1), np.abs(across - 0.9))
    hem = 1.0 - 0.35 * np.exp(-((edge / 0.012) ** 2))
    rgba = np.ones((_TEXTURE, _TEXTURE, 4))
    rgba[..., :3] = (folds * weave * hem)[..., None]
    rgba[..., 3] = (across > 0.1) & (across < 0.9)  # noqa: PLR2004
    return np.asarray(np.clip(rgba, 0.0, 1.0) * 255.0, dtype=np.uint8)


def _beard_density(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Share of hair 0..1 and its grain 0..1 over the face, (SIZE, SIZE) each."""
    xs, ys = face_grid()
    edge = 0.72 - 0.55 * np.clip((np.abs(xs) - 0.45) / 0.4, 0.0, 1.0) ** 1.5
    cheek = 1.0 / (1.0 + np.exp(-(ys - edge) / 0.07))
    chin_end = 1.0 / (1.0 + np.exp((ys - 1.80) / 0.06))
    lips = np.exp(-((xs / 0.31) ** 4) - ((ys - 0.99) / 0.15) ** 4)
    patches = ndimage.gaussian_filter(rng.standard_normal(xs.shape), 9.0)
    density = cheek * chin_end * np.clip(1.0 - 1.6 * lips, 0.0, 1.0)
    density *= np.clip(1.0 + 0.12 * patches / patches.std(), 0.0, 1.2)
    noise = ndimage.gaussian_filter(rng.standard_normal(xs.shape), (1.6, 0.7))
    grain = np.clip(0.5 + 0.3 * noise / noise.std(), 0.0, 1.0)
    return density.astype(np.float32), grain.astype(np.float32)

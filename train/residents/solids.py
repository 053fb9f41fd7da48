"""Simple solids and surfaces from which rooms, dress and things near a face are built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from train.residents.identity import Rgb
from train.residents.parts import Material, Part

FloatArray = npt.NDArray[np.float32]


def box(centre: Rgb, half: Rgb, material: Material) -> Part:
    """A box by its centre and half edges in metres."""
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float32)
    positions: list[npt.NDArray[np.floating]] = []
    normals: list[npt.NDArray[np.floating]] = []
    uvs: list[npt.NDArray[np.floating]] = []
    faces: list[list[int]] = []
    for axis in range(3):
        for side in (-1.0, 1.0):
            corner = np.zeros((4, 3), dtype=np.float32)
            first, second = [(1, 2), (0, 2), (0, 1)][axis]
            corner[:, axis], corner[:, first], corner[:, second] = side, signs[:, 0], signs[:, 1]
            start = 4 * len(positions)
            positions.append(corner * np.asarray(half) + np.asarray(centre))
            normal = np.zeros(3)
            normal[axis] = side
            normals.append(np.tile(normal, (4, 1)))
            uvs.append((signs + 1) / 2)
            faces += [[start, start + 1, start + 2], [start, start + 2, start + 3]]
    return part(np.concatenate(positions), np.concatenate(normals), np.concatenate(uvs),
                 np.array(faces), material)  # fmt: skip


def cushion(
    centre: Rgb,
    half: Rgb,
    material: Material,
    *,
    power: float,
    crumple: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Part:
    """A superellipsoid: 2 is an egg, 8 nearly a box; ``crumple`` is the height of its folds."""
    rows, columns = 48, 97
    polar = np.linspace(-np.pi / 2, np.pi / 2, rows)[:, None]
    around = np.linspace(-np.pi, np.pi, columns)[None, :]

    def bent(value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.sign(value) * np.abs(value) ** (2.0 / power)

    unit = np.stack(
        [
            bent(np.cos(polar)) * bent(np.sin(around)),
            bent(np.sin(polar)) * np.ones_like(around),
            bent(np.cos(polar)) * bent(np.cos(around)),
        ],
        axis=-1,
    )
    grid = unit * np.asarray(half) + np.asarray(centre)
    if crumple and rng is not None:
        folds = crumple * waves((rows, columns), 2.2, rng)
        folds[:, -1] = folds[:, 0]
        # All columns meet at the poles, where different folds would tear the surface.
        grid += (np.cos(polar) * folds)[..., None] * unit
    return grid_part(grid, material, outward=np.asarray(centre))


def grid_part(grid: npt.NDArray[np.float64], material: Material, outward: FloatArray) -> Part:
    """A surface from a grid of points; normals point away from ``outward``."""
    normals = np.cross(np.gradient(grid, axis=1), np.gradient(grid, axis=0))
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)
    away = ((grid - outward) * normals).sum(axis=-1).mean()
    normals = normals if away > 0 else -normals
    return surface(grid, normals, material)


def part(
    positions: npt.NDArray[np.floating],
    normals: npt.NDArray[np.floating],
    uv: npt.NDArray[np.floating],
    faces: npt.NDArray[np.integer],
    material: Material,
) -> Part:
    """A mesh from arrays of any float or integer type."""
    return Part(
        positions=positions.astype(np.float32),
        normals=normals.astype(np.float32),
        uv=uv.astype(np.float32),
        faces=faces.astype(np.int32),
        material=material,
    )


def waves(shape: tuple[int, int], size: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Smooth random relief of unit spread."""
    relief = ndimage.gaussian_filter(rng.standard_normal(shape), size, mode="wrap")
    return np.asarray(relief / relief.std())


def tube(
    path: npt.NDArray[np.floating],
    radius_m: float | npt.NDArray[np.floating],
    material: Material,
    *,
    sides: int = 10,
) -> Part:
    """A round tube along a path, closed at both ends.

    Args:
        path: (N, 3) points in metres.
        radius_m: one radius, or one for each point.
        material: its surface.
        sides: corners of its cross-section.
    """
    points = np.asarray(path, dtype=np.float64)
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    across = np.empty_like(points)
    # The cross-section is carried along without a twist.
    side = np.cross(ahead[0], [0.31, 0.87, 0.38])
    for number, direction in enumerate(ahead):
        side = side - direction * (side @ direction)
        side = side / max(float(np.linalg.norm(side)), 1e-9)
        across[number] = side
    up = np.cross(ahead, across)
    angle = np.linspace(0.0, 2.0 * np.pi, sides + 1)[None, :, None]
    spokes = np.cos(angle) * across[:, None] + np.sin(angle) * up[:, None]
    width = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), (len(points),))
    grid = points[:, None] + width[:, None, None] * spokes
    grid = np.concatenate([np.tile(points[:1, None], (1, sides + 1, 1)), grid,
                           np.tile(points[-1:, None], (1, sides + 1, 1))])  # fmt: skip
    normals = np.concatenate([np.tile(-ahead[:1, None], (1, sides + 1, 1)), spokes,
                              np.tile(ahead[-1:, None], (1, sides + 1, 1))])  # fmt: skip
    return surface(grid, normals, material)


def surface(
    grid: npt.NDArray[np.floating], normals: npt.NDArray[np.floating], material: Material
) -> Part:
    """A surface from a grid (R, C, 3) of points and their normals."""
    rows, columns, _ = grid.shape
    v, u = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3),
                            np.stack([a, c, d], -1).reshape(-1, 3)])  # fmt: skip
    uv = np.stack([u, v], axis=-1).reshape(-1, 2)
    return part(grid.reshape(-1, 3), normals.reshape(-1, 3), uv, faces, material)


def joined(parts: Sequence[Part]) -> Part:
    """Parts of one material as one mesh."""
    starts = np.cumsum([0, *(len(p.positions) for p in parts[:-1])])
    return Part(
        positions=np.concatenate([p.positions for p in parts]),
        normals=np.concatenate([p.normals for p in parts]),
        uv=np.concatenate([p.uv for p in parts]),
        faces=np.concatenate([p.faces + np.int32(s) for p, s in zip(parts, starts, strict=True)]),
        material=parts[0].material,
    )

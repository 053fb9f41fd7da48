"""Moves scanned expressions from the scanned face to the heads of the residents.

Both neutral faces were shown to MediaPipe once; where its landmarks lie on each mesh is a table
beside this file. A thin-plate spline through those pairs lays the residents' head over the scanned
face; each of its vertices then moves as the scan's nearest points do that face the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from pain.errors import InternalError
from train.residents.anatomy import incidence, normals
from train.residents.head import Head, Phenotype
from train.residents.scans import Scans

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

SCANNED: Final = "scanned-"
"""Begins the names of facial actions that come from scans, e.g. ``scanned-browDownLeft``."""

MIDDLE: Final = Phenotype(
    female=0.5, age=0.8, muscle=0.5, weight=0.5, african=0.33, asian=0.33, caucasian=0.34
)
"""The head that was shown to MediaPipe; without local changes."""

_TABLE: Final = "correspondence.npz"
_FOLLOWS_WITHIN_CM: Final = 1.5
_STILL_BEYOND_CM: Final = 3.5
"""Distance from the nearest landmark over which the movement fades out."""

_NEIGHBOURS: Final = 24
"""Of the scan, for each vertex of the head."""

_BLUR_CM: Final = 0.12
_STRAIGHTNESS: Final = 0.02
"""Smoothing of the spline: landmarks on drawn faces scatter by a millimetre or two."""

_SAME_WAY: Final = 0.2
"""Least cosine of two normals; lips touch each other but face apart."""

_SIDES: Final = {"_L": "Left", "_R": "Right"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Similarity:
    """Rotation, scale and shift from the residents' metres to the scan's centimetres."""

    rotation: npt.NDArray[np.float64]
    scale: float
    origin: npt.NDArray[np.float64]
    target: npt.NDArray[np.float64]

    @classmethod
    def between(
        cls, source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]
    ) -> _Similarity:
        """Least squares over pairs (N, 3) (Umeyama 1991)."""
        origin, middle = source.mean(axis=0), target.mean(axis=0)
        left, spread, right = np.linalg.svd((source - origin).T @ (target - middle))
        return cls(
            rotation=(left @ right).T,
            scale=float(spread.sum() / np.square(source - origin).sum()),
            origin=origin,
            target=middle,
        )

    def apply(self, points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        return np.asarray(
            self.scale * (points - self.origin) @ self.rotation.T + self.target, dtype=np.float64
        )

    def turn(self, directions: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        return np.asarray(directions @ self.rotation.T, dtype=np.float64)

    def back(self, movement: npt.NDArray[np.floating]) -> FloatArray:
        return np.asarray(movement @ self.rotation / self.scale, dtype=np.float32)


def with_scans(head: Head, scans: Scans) -> Head:
    """The same head with the scanned expressions as further facial actions.

    Args:
        head: the baked head.
        scans: the scanned face and its expressions.

    Returns:
        A head whose ``action_labels`` end with ``scanned-<name>Left`` and ``...Right``.

    Raises:
        InternalError: the table of landmarks does not fit the head or the scan.
    """
    movements = _movements(head, scans)
    return replace(
        head,
        action_labels=(*head.action_labels, *movements),
        action_shapes=np.concatenate(
            [head.action_shapes, np.stack(list(movements.values())).astype(np.float16)]
        ),
    )


def _movements(head: Head, scans: Scans) -> dict[str, FloatArray]:
    """Movement (V, 3) in metres of every vertex of the head, by name of facial action."""
    rest = head.neutral(MIDDLE, {})
    moved = transferred(rest, head.body_faces, scans, *_landmarks(rest, scans))
    return {
        f"{SCANNED}{name[:-2]}{_SIDES[name[-2:]]}": movement
        for name, movement in zip(scans.names, moved, strict=True)
    }


def transferred(
    rest: FloatArray,
    faces: IntArray,
    scans: Scans,
    on_head: npt.NDArray[np.float64],
    on_scan: npt.NDArray[np.float64],
) -> list[FloatArray]:
    """How a face moves when it does what the scanned one does.

    Args:
        rest: (V, 3), the face at rest, m.
        faces: int32 (F, 3), its triangles.
        scans: the scanned face (cm) and E expressions.
        on_head: (N, 3), landmarks on ``rest``.
        on_scan: (N, 3), the same landmarks on the scanned face.

    Returns:
        E movements float32 (V, 3), m; 0 far from every landmark.
    """
    place = _Similarity.between(on_head, on_scan)
    landmarks = place.apply(on_head)
    spline = RBFInterpolator(
        landmarks, on_scan - landmarks, kernel="thin_plate_spline", smoothing=_STRAIGHTNESS
    )
    placed = place.apply(rest)
    from_landmark = np.asarray(cKDTree(landmarks).query(placed)[0])
    region = np.flatnonzero(from_landmark < _STILL_BEYOND_CM)
    laid = placed[region] + spline(placed[region])
    facing = place.turn(_normals_of(rest, faces))[region]
    neighbours, weight = _neighbours(laid, facing, scans)
    fade = 1.0 - np.clip(
        (from_landmark[region] - _FOLLOWS_WITHIN_CM) / (_STILL_BEYOND_CM - _FOLLOWS_WITHIN_CM), 0, 1
    )
    weight *= (fade * fade * (3.0 - 2.0 * fade))[:, None]
    found = []
    for shape in scans.shapes:
        moved = (weight[..., None] * shape.astype(np.float32)[neighbours]).sum(axis=1)
        whole = np.zeros_like(rest)
        whole[region] = place.back(moved)
        found.append(whole)
    return found


def _landmarks(
    rest: FloatArray, scans: Scans
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Points (N, 3) of the same landmarks on the head (m) and on the scan (cm)."""
    with files(__package__).joinpath(_TABLE).open("rb") as stream, np.load(stream) as table:
        head_vertices, head_weights = table["head_vertices"], table["head_weights"]
        scan_vertices, scan_weights = table["scan_vertices"], table["scan_weights"]
    if head_vertices.max() >= len(rest) or scan_vertices.max() >= len(scans.base):
        raise InternalError(f"{_TABLE} was made for another head or scan")
    return (
        (rest[head_vertices] * head_weights[..., None]).sum(axis=1).astype(np.float64),
        (scans.base[scan_vertices] * scan_weights[..., None]).sum(axis=1).astype(np.float64),
    )


def _neighbours(
    points: npt.NDArray[np.float64], facing: npt.NDArray[np.float64], scans: Scans
) -> tuple[IntArray, npt.NDArray[np.float64]]:
    """Vertices (N, K) of the scan that each point follows and their shares (N, K), 0 for none."""
    used = np.unique(scans.faces)
    found = cKDTree(scans.base[used]).query(points, k=_NEIGHBOURS)
    distance = np.asarray(found[0], dtype=np.float64)
    nearest = used[np.asarray(found[1])].astype(np.int32)
    same_way = (_normals_of(scans.base, scans.faces)[nearest] * facing[:, None]).sum(axis=2)
    reach = np.maximum(distance[:, :1] + _BLUR_CM, _BLUR_CM)
    weight = np.exp(-np.square(distance / reach)) * np.clip(same_way - _SAME_WAY, 0.0, 1.0) ** 2
    total = weight.sum(axis=1, keepdims=True)
    return nearest, np.where(total > 1e-6, weight / np.maximum(total, 1e-6), 0.0)  # noqa: PLR2004


def _normals_of(vertices: FloatArray, faces: IntArray) -> FloatArray:
    return normals(vertices, incidence(faces, len(vertices)), faces)

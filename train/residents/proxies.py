"""Reads MakeHuman proxies (eyes, teeth, brows, lashes, hair) from their three.js JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pain.errors import AssetError

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]

# Bits of a face record in the three.js JSON format, version 3.
_QUAD, _MATERIAL, _FACE_UV, _VERTEX_UV = 1, 2, 4, 8
_FACE_NORMAL, _VERTEX_NORMAL, _FACE_COLOUR, _VERTEX_COLOUR = 16, 32, 64, 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A mesh that follows the base mesh.

    Attributes:
        reference: int32 (P, 3), base vertices each proxy vertex hangs on.
        weights: float32 (P, 3), their weights.
        offsets: float32 (P, 3), decimetres on the unmodified base mesh, axes x, y up, z front.
        corner_vertex: int32 (C,), proxy vertex of each corner (a vertex with one UV).
        uv: float32 (C, 2), origin at the bottom left.
        faces: int32 (F, 3), corners of each triangle.
    """

    reference: IntArray
    weights: FloatArray
    offsets: FloatArray
    corner_vertex: IntArray
    uv: FloatArray
    faces: IntArray


def read_proxy(path: Path) -> Proxy:
    """Read one proxy.

    Args:
        path: the proxy's ``.json`` file.

    Raises:
        AssetError: the file is not a proxy of the known format.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        vertex_faces, uv_faces = _triangles(document["faces"])
        uvs = np.asarray(document["uvs"][0], dtype=np.float32).reshape(-1, 2)
        corner_vertex, corner_uv, faces = corners(vertex_faces, uv_faces)
        return Proxy(
            reference=np.asarray(document["ref_vIdxs"], dtype=np.int32),
            weights=np.asarray(document["weights"], dtype=np.float32),
            offsets=np.asarray(document["offsets"], dtype=np.float32),
            corner_vertex=corner_vertex,
            uv=uvs[corner_uv],
            faces=faces,
        )
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise AssetError(f"{path} is not a readable MakeHuman proxy: {error!r}") from error


def corners(vertex_faces: IntArray, uv_faces: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Split vertices along UV seams, as a GPU needs one UV per vertex.

    Args:
        vertex_faces: int32 (F, 3), vertex of each triangle corner.
        uv_faces: int32 (F, 3), UV of each triangle corner.

    Returns:
        Vertex of each corner (C,), UV of each corner (C,), triangles over corners (F, 3).
    """
    pairs = np.stack([vertex_faces.reshape(-1), uv_faces.reshape(-1)], axis=1)
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    faces = inverse.reshape(vertex_faces.shape).astype(np.int32)
    return unique[:, 0].astype(np.int32), unique[:, 1].astype(np.int32), faces


def _triangles(stream: list[int]) -> tuple[IntArray, IntArray]:
    vertex_faces: list[list[int]] = []
    uv_faces: list[list[int]] = []
    at = 0
    while at < len(stream):
        kind = stream[at]
        count = 4 if kind & _QUAD else 3
        vertices = stream[at + 1 : at + 1 + count]
        at += 1 + count + bool(kind & _MATERIAL) + bool(kind & _FACE_UV)
        if not kind & _VERTEX_UV:
            raise ValueError("a face has no texture coordinates")
        uvs = stream[at : at + count]
        at += count + bool(kind & _FACE_NORMAL) + count * bool(kind & _VERTEX_NORMAL)
        at += bool(kind & _FACE_COLOUR) + count * bool(kind & _VERTEX_COLOUR)
        for second in range(1, count - 1):
            vertex_faces.append([vertices[0], vertices[second], vertices[second + 1]])
            uv_faces.append([uvs[0], uvs[second], uvs[second + 1]])
    return np.asarray(vertex_faces, dtype=np.int32), np.asarray(uv_faces, dtype=np.int32)

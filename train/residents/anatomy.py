"""What all figures of one head share: how the neck turns, and normals by sparse matrices."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from train.residents.head import Head

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

_NECK_FROM_M: Final = 0.560
_NECK_TO_M: Final = 0.660
_NECK_TILT: Final = 0.5
"""Height band over which a head turn fades into the trunk; it slopes down towards the front."""


class Anatomy:
    """A baked head with what is computed once for all people.

    Args:
        head: the baked head.

    Attributes:
        turn_weight: float32 (V,), share of a head turn that each vertex follows.
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        self.turn_weight = _turn_weight(head.template)
        self._body = incidence(head.body_faces, len(head.template))
        self._proxy_faces = {
            name: proxy.corner_vertex[proxy.faces] for name, proxy in head.proxies.items()
        }
        self._proxies = {
            name: incidence(self._proxy_faces[name], len(proxy.reference))
            for name, proxy in head.proxies.items()
        }
        self.proxy_turn_weight = {
            name: (self.turn_weight[proxy.reference] * proxy.weights).sum(axis=1)
            for name, proxy in head.proxies.items()
        }

    def body_normals(self, vertices: FloatArray) -> FloatArray:
        """Unit normals (V, 3) of the skin."""
        return normals(vertices, self._body, self.head.body_faces)

    def proxy_normals(self, name: str, vertices: FloatArray) -> FloatArray:
        """Unit normals (P, 3) of a proxy."""
        return normals(vertices, self._proxies[name], self._proxy_faces[name])


def _turn_weight(template: FloatArray) -> FloatArray:
    height = template[:, 1] + _NECK_TILT * (template[:, 2] - 0.03)
    share = np.clip((height - _NECK_FROM_M) / (_NECK_TO_M - _NECK_FROM_M), 0.0, 1.0)
    return (share * share * (3.0 - 2.0 * share)).astype(np.float32)


def incidence(faces: IntArray, count: int) -> sparse.csr_array:
    """Matrix (count, F) that adds up the faces around each vertex."""
    rows = faces.reshape(-1)
    columns = np.repeat(np.arange(len(faces)), 3)
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_array((ones, (rows, columns)), shape=(count, len(faces)))


def normals(vertices: FloatArray, around: sparse.csr_array, faces: IntArray) -> FloatArray:
    """Unit normals (V, 3) of a mesh's vertices; ``around`` is its ``incidence``."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    summed = around @ np.cross(b - a, c - a)
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.maximum(length, 1e-12), dtype=np.float32)

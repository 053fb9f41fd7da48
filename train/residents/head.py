"""The baked head: identity and facial actions to vertices, with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from pain.errors import AssetError
from train.residents.proxies import Proxy

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

BAKE_VERSION: Final = 3
MACRO_COLUMNS: Final = (
    "african",
    "asian",
    "caucasian",
    "male",
    "female",
    "young",
    "old",
    "minmuscle",
    "averagemuscle",
    "maxmuscle",
    "minweight",
    "averageweight",
    "maxweight",
)
"""Phenotype poles that stay free after baking; the others are folded in (see ``bake``)."""

_SCALE_DISTANCE_DM: Final = (1.4800, 2.3298, 1.9221)
"""Head width, height and depth of the unmodified base mesh, to which proxy offsets refer."""

MIDLINE: Final = np.array([0.0, 1.0, 1.0], dtype=np.float32)
"""Factor that puts a point into the plane between a face's halves."""

AGE_YOUNG: Final = 2.0 / 3.0
"""Phenotype age of the pole ``young``; 1 is the pole ``old``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phenotype:
    """Macro shape of a person, each value 0..1.

    Attributes:
        female: 0 is the male pole, 1 the female one.
        age: 2/3 (young adult) to 1 (elder).
        muscle: 0.5 is average.
        weight: 0.5 is average.
        african: share of this ancestry; the three are normalised to sum 1.
        asian: see ``african``.
        caucasian: see ``african``.
    """

    female: float
    age: float
    muscle: float
    weight: float
    african: float
    asian: float
    caucasian: float


def _poles3(value: float) -> tuple[float, float, float]:
    """Piecewise linear weights of the poles 0, 0.5 and 1."""
    value = min(max(value, 0.0), 1.0)
    low, high = max(0.0, 1.0 - 2.0 * value), max(0.0, 2.0 * value - 1.0)
    return low, 1.0 - low - high, high


def macro_coefficients(phenotype: Phenotype, mask: npt.NDArray[np.bool_]) -> FloatArray:
    """Coefficient of each macro shape: the product of its poles' weights, as anny computes it.

    Args:
        phenotype: macro shape of the person.
        mask: bool (K, 13), poles of ``MACRO_COLUMNS`` each shape belongs to.

    Returns:
        float32 (K,).
    """
    ancestry = np.array([phenotype.african, phenotype.asian, phenotype.caucasian])
    old = min(max((phenotype.age - AGE_YOUNG) / (1.0 - AGE_YOUNG), 0.0), 1.0)
    poles = np.array(
        [
            *(ancestry / ancestry.sum()),
            1.0 - phenotype.female,
            phenotype.female,
            1.0 - old,
            old,
            *_poles3(phenotype.muscle),
            *_poles3(phenotype.weight),
        ]
    )
    return np.asarray(np.where(mask, poles, 1.0).prod(axis=1), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Head, neck and shoulders of one topology with all its shape bases.

    Metres, axes x (the person's left), y up, z front. V vertices, C corners (vertex with one UV).

    Attributes:
        template: float32 (V, 3).
        macro_shapes: float32 (K, V, 3); ``macro_mask``: bool (K, 13).
        local_labels: names of local changes; ``local_shapes``: float16 (2 L, V, 3), each name's
            positive then its negative shape.
        action_labels: the 52 ARKit facial actions; ``action_shapes``: float16 (52, V, 3).
        corner_vertex: int32 (C,); ``uv``: float32 (C, 2); ``faces``: int32 (F, 3) over corners.
        body_faces: int32 (F, 3) over vertices, for normals that do not break at UV seams.
        eye_vertices: int32 vertices of both eyeballs.
        scale_vertices: int32 (3, 2), the pairs that measure head width, height and depth.
        proxies: eyes, teeth, tongue, lashes, brows and hair by name.
    """

    template: FloatArray
    macro_shapes: FloatArray
    macro_mask: npt.NDArray[np.bool_]
    local_labels: tuple[str, ...]
    local_shapes: npt.NDArray[np.float16]
    action_labels: tuple[str, ...]
    action_shapes: npt.NDArray[np.float16]
    corner_vertex: IntArray
    uv: FloatArray
    faces: IntArray
    body_faces: IntArray
    eye_vertices: IntArray
    scale_vertices: IntArray
    proxies: Mapping[str, Proxy]

    def neutral(self, phenotype: Phenotype, local_changes: Mapping[str, float]) -> FloatArray:
        """Vertices (V, 3) of a person at rest.

        Args:
            phenotype: macro shape.
            local_changes: -1..1 by local change name.

        Raises:
            KeyError: a local change this head does not have.
        """
        weights = macro_coefficients(phenotype, self.macro_mask)
        vertices = self.template + np.tensordot(weights, self.macro_shapes, axes=1)
        rows = {label: i for i, label in enumerate(self.local_labels)}
        for label, value in local_changes.items():
            shape = self.local_shapes[2 * rows[label] + (value < 0)]
            vertices += np.float32(abs(value)) * shape.astype(np.float32)
        return np.asarray(vertices, dtype=np.float32)

    def displacement(self, actions: Mapping[str, float]) -> FloatArray:
        """Vertex movement (V, 3) of facial actions, each 0..1, the same for every person."""
        rows = {label: i for i, label in enumerate(self.action_labels)}
        moved = np.zeros_like(self.template)
        for label, value in actions.items():
            if value:
                moved += np.float32(value) * self.action_shapes[rows[label]].astype(np.float32)
        return moved

    def fit(self, proxy: Proxy, vertices: FloatArray, rest: FloatArray) -> FloatArray:
        """Vertices (P, 3) of a proxy on a moved head; ``rest`` (V, 3) sets its size."""
        pairs = self.scale_vertices
        size_m = np.abs(rest[pairs[:, 0]] - rest[pairs[:, 1]])[np.arange(3), np.arange(3)]
        scale = (size_m / np.asarray(_SCALE_DISTANCE_DM)).astype(np.float32)
        base = (vertices[proxy.reference] * proxy.weights[:, :, None]).sum(axis=1)
        return np.asarray(base + proxy.offsets * scale, dtype=np.float32)

    def eye_centre(self, vertices: FloatArray) -> FloatArray:
        """Point (3,) between the eyeballs, some 15 mm left of the midline (see MIDLINE)."""
        return np.asarray(vertices[self.eye_vertices].mean(axis=0), dtype=np.float32)


def save_head(head: Head, path: Path) -> None:
    """Write the baked head as a compressed ``.npz``."""
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "version": np.array(BAKE_VERSION),
        "template": head.template,
        "macro_shapes": head.macro_shapes,
        "macro_mask": head.macro_mask,
        "local_labels": np.array(head.local_labels),
        "local_shapes": head.local_shapes,
        "action_labels": np.array(head.action_labels),
        "action_shapes": head.action_shapes,
        "corner_vertex": head.corner_vertex,
        "uv": head.uv,
        "faces": head.faces,
        "body_faces": head.body_faces,
        "eye_vertices": head.eye_vertices,
        "scale_vertices": head.scale_vertices,
        "proxy_names": np.array(sorted(head.proxies)),
    }
    for name, proxy in head.proxies.items():
        arrays[f"{name}/reference"] = proxy.reference
        arrays[f"{name}/weights"] = proxy.weights
        arrays[f"{name}/offsets"] = proxy.offsets
        arrays[f"{name}/corner_vertex"] = proxy.corner_vertex
        arrays[f"{name}/uv"] = proxy.uv
        arrays[f"{name}/faces"] = proxy.faces
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(".tmp.npz")
    np.savez_compressed(staging, allow_pickle=False, **arrays)
    staging.replace(path)


def load_head(path: Path) -> Head:
    """Read a baked head.

    Raises:
        AssetError: the file is absent, damaged or of another version.
    """
    remedy = "run `painwatch train residents assets` to bake it again"
    try:
        # Opened here, since numpy leaves a damaged file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
        version = int(data["version"])
    except (OSError, EOFError, BadZipFile, ValueError, KeyError) as error:
        raise AssetError(f"baked head {path} cannot be read ({error}): {remedy}") from error
    if version != BAKE_VERSION:
        raise AssetError(f"baked head {path} is version {version}, not {BAKE_VERSION}: {remedy}")
    proxies = {
        str(name): Proxy(
            reference=data[f"{name}/reference"],
            weights=data[f"{name}/weights"],
            offsets=data[f"{name}/offsets"],
            corner_vertex=data[f"{name}/corner_vertex"],
            uv=data[f"{name}/uv"],
            faces=data[f"{name}/faces"],
        )
        for name in data["proxy_names"]
    }
    return Head(
        template=data["template"],
        macro_shapes=data["macro_shapes"],
        macro_mask=data["macro_mask"],
        local_labels=tuple(str(label) for label in data["local_labels"]),
        local_shapes=data["local_shapes"],
        action_labels=tuple(str(label) for label in data["action_labels"]),
        action_shapes=data["action_shapes"],
        corner_vertex=data["corner_vertex"],
        uv=data["uv"],
        faces=data["faces"],
        body_faces=data["body_faces"],
        eye_vertices=data["eye_vertices"],
        scale_vertices=data["scale_vertices"],
        proxies=proxies,
    )

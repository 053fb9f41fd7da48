"""Bakes anny's parametric body into a small head-only file, once; the only user of torch.

anny's code is Apache-2.0. Its shape data (``data/mpfb2``) is CC0 and carries the licence text. Its
facial actions (``data/faceunits01``, 52 plain target files without a licence header) are the Face
Units asset pack of Mika Suominen, which anny's own package description (0.6.2, section "License")
states to be CC0 1.0.
"""

from __future__ import annotations

import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.errors import AssetError, InternalError
from train.residents.assets import cache_dir, verified_assets
from train.residents.head import (
    BAKE_VERSION,
    MACRO_COLUMNS,
    Head,
    Phenotype,
    load_head,
    save_head,
)
from train.residents.manifest import FILES
from train.residents.proxies import Proxy, corners, read_proxy
from train.residents.targets import targets_read_at_once

ANNY_VERSION: Final = "0.6.2"

# Numbering of MakeHuman's base mesh hm08: body first, then helpers that proxies hang on.
_BODY_VERTICES: Final = 13_380
_EYEBALL_HELPERS: Final = slice(14_598, 14_860)
_SCALE_VERTICES: Final = ((5399, 11998), (791, 881), (962, 5320))
_KEPT_BELOW_CROWN_M: Final = 0.62
_TOLERANCE_M: Final = 0.0001

_FOLDED: Final = {
    "newborn": 0.0,
    "baby": 0.0,
    "child": 0.0,
    "minheight": 0.5,
    "maxheight": 0.5,
    "idealproportions": 0.5,
    "uncommonproportions": 0.5,
    "mincup": 0.0,
    "averagecup": 1.0,
    "maxcup": 0.0,
    "minfirmness": 0.6,
    "averagefirmness": 0.4,
    "maxfirmness": 0.0,
}
"""Poles fixed at bake time: adults only, average height, and a chest nobody sees."""

_HEAD_CHANGES: Final = ("head-", "forehead-", "eyebrows-", "nose-", "mouth-", "chin-", "neck-")
_SIDED_CHANGES: Final = ("eye-", "cheek-", "ear-")


def baked_head_path() -> Path:
    """Where the baked head is cached."""
    return cache_dir() / f"head-v{BAKE_VERSION}-anny-{ANNY_VERSION}.npz"


def ensure_head(assets: Path | None = None) -> Head:
    """Load the baked head, baking it first when the cache has none (minutes, needs ``[train]``).

    Args:
        assets: folder of the MakeHuman package; the cache when None.

    Raises:
        AssetError: assets or anny are absent.
    """
    path = baked_head_path()
    if not path.exists():
        save_head(bake(verified_assets(assets)), path)
    return load_head(path)


def bake(data: Path) -> Head:
    """Reduce anny to head and shoulders of adults, in MakeHuman's numbering.

    Args:
        data: verified MakeHuman data folder.

    Raises:
        AssetError: anny is absent or another version.
        InternalError: the result does not give anny's own vertices.
    """
    model = _anny_model()
    # anny is x, z up, y back; MakeHuman and this project are x, y up, z front.
    template = _axes(model.template_vertices.numpy())
    quads = model.faces.numpy().astype(np.int32)
    quad_uvs = model.face_texture_coordinate_indices.numpy().astype(np.int32)
    lowest = template[:_BODY_VERTICES, 1].max() - _KEPT_BELOW_CROWN_M
    kept_quads = (quads < _BODY_VERTICES).all(axis=1) & (template[quads][:, :, 1].min(1) > lowest)
    body, body_uv = _split_quads(quads[kept_quads], quad_uvs[kept_quads])

    proxies = {Path(name).stem: read_proxy(data / name) for name in FILES if name.endswith(".json")}
    used = np.unique(
        np.concatenate(
            [
                body.reshape(-1),
                np.arange(_EYEBALL_HELPERS.start, _EYEBALL_HELPERS.stop),
                np.asarray(_SCALE_VERTICES).reshape(-1),
                *(proxy.reference.reshape(-1) for proxy in proxies.values()),
            ]
        )
    )
    renumber = np.full(len(template), -1, dtype=np.int32)
    renumber[used] = np.arange(len(used), dtype=np.int32)

    shapes = _axes(model.blendshapes.numpy()[:, used])
    macro_mask_all = model.stacked_phenotype_blend_shapes_mask.numpy() > 0
    macro_count, action_count = len(macro_mask_all), len(model.facial_action_labels)
    macro_shapes, macro_mask = _fold_macros(shapes[:macro_count], macro_mask_all)
    local_all = shapes[macro_count + action_count :]
    local = [i for i, label in enumerate(model.local_change_labels) if _is_head_change(label)]
    corner_vertex, corner_uv, faces = corners(body, body_uv)
    head = Head(
        template=template[used],
        macro_shapes=macro_shapes,
        macro_mask=macro_mask,
        local_labels=tuple(model.local_change_labels[i] for i in local),
        local_shapes=np.stack([local_all[2 * i + sign] for i in local for sign in (0, 1)]).astype(
            np.float16
        ),
        action_labels=tuple(model.facial_action_labels),
        action_shapes=shapes[macro_count : macro_count + action_count].astype(np.float16),
        corner_vertex=renumber[corner_vertex],
        uv=model.texture_coordinates.numpy()[corner_uv].astype(np.float32),
        faces=faces,
        body_faces=renumber[body],
        eye_vertices=renumber[_EYEBALL_HELPERS],
        scale_vertices=renumber[np.asarray(_SCALE_VERTICES)],
        proxies={
            name: Proxy(
                reference=renumber[proxy.reference],
                weights=proxy.weights,
                offsets=proxy.offsets,
                corner_vertex=proxy.corner_vertex,
                uv=proxy.uv,
                faces=proxy.faces,
            )
            for name, proxy in proxies.items()
        },
    )
    _verify(head, model, used)
    return head


def _verify(head: Head, model: Any, used: npt.NDArray[np.intp]) -> None:
    """Hold the numpy evaluation against anny's own, for an arbitrary person."""
    free = {"age": 0.93, "muscle": 0.35, "weight": 0.62}
    ancestry = {"african": 0.2, "asian": 0.5, "caucasian": 0.4}
    changes = {"nose-hump-incr": 0.4, "chin-width-incr": -0.3, "l-eye-bag-incr": 0.5}
    coefficients = model.get_phenotype_blendshape_coefficients(
        gender=0.9, firmness=0.2, local_changes=changes, **free, **ancestry
    )
    expected = _axes(model.get_rest_vertices(coefficients)[0].detach().numpy())[used]
    found = head.neutral(Phenotype(female=0.9, **free, **ancestry), changes)
    error_m = float(np.abs(found - expected).max())
    if error_m > _TOLERANCE_M:
        raise InternalError(f"the baked head differs from anny's by {error_m * 1000:.2f} mm")


def _anny_model() -> Any:
    try:
        found = version("anny")
    except PackageNotFoundError as error:
        raise AssetError(
            "baking the heads needs torch and anny: pip install 'painwatch[train]'"
        ) from error
    if found != ANNY_VERSION:
        raise AssetError(f"anny {found} is installed, but the heads are made for {ANNY_VERSION}")
    import anny
    import anny.paths
    import torch

    kept = anny.paths.get_anny_cache_path()
    # anny's own cache would keep more than a gigabyte of whole bodies that nobody needs again.
    with tempfile.TemporaryDirectory(prefix="painwatch-anny-") as scratch, targets_read_at_once():
        anny.paths.set_anny_cache_path(Path(scratch))
        try:
            return anny.Anny(
                topology="anny-quads-full",
                facial_actions="all",
                local_changes="default",
                phenotypes="all",
                phenotype_blendshapes="original",
            ).to(dtype=torch.float32)
        finally:
            anny.paths.set_anny_cache_path(kept)


def _axes(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.stack([vectors[..., 0], vectors[..., 2], -vectors[..., 1]], axis=-1)


def _split_quads(
    quads: npt.NDArray[np.int32], uvs: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    halves = ([0, 1, 2], [0, 2, 3])
    faces = np.concatenate([quads[:, half] for half in halves])
    face_uvs = np.concatenate([uvs[:, half] for half in halves])
    a, b, c = faces.T
    whole = (a != b) & (b != c) & (a != c)
    return faces[whole], face_uvs[whole]


def _fold_macros(
    shapes: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Fold the fixed poles into the shapes, then add up shapes that the free poles cannot part."""
    from anny.models.model_data import PHENOTYPE_VARIATIONS

    poles = [pole for group in PHENOTYPE_VARIATIONS.values() for pole in group]
    fixed = [i for i, pole in enumerate(poles) if pole in _FOLDED]
    free = [poles.index(pole) for pole in MACRO_COLUMNS]
    if len(fixed) + len(free) != len(poles):
        raise AssetError(f"anny's phenotypes are not the expected ones: {poles}")
    values = np.array([_FOLDED[poles[i]] for i in fixed])
    factor = np.where(mask[:, fixed], values, 1.0).prod(axis=1).astype(np.float32)
    patterns, owner = np.unique(mask[:, free], axis=0, return_inverse=True)
    folded = np.zeros((len(patterns), *shapes.shape[1:]), dtype=np.float32)
    np.add.at(folded, owner.reshape(-1), shapes * factor[:, None, None])
    useful = np.abs(folded).max(axis=(1, 2)) > 0
    return folded[useful], patterns[useful]


def _is_head_change(label: str) -> bool:
    if label.startswith("head-trans"):
        return False
    return label.startswith(_HEAD_CHANGES) or label[2:].startswith(_SIDED_CHANGES)

"""Features of a backbone that does not learn: computed once, for every fold, loss and head."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from train.backbones.base import Backbone
from train.backbones.face_mesh import FaceMesh
from train.features.inputs import Inputs
from train.features.store import FeatureStore
from train.track.settings import essence

Floats = npt.NDArray[np.float32]

FOLDER_NAME: Final = "features"
PORTION: Final = 128
"""An interrupted run loses at most this many faces."""

_CODE: Final = ("train.backbones", "train.preprocess")
_LIBRARIES: Final = ("torch", "timm", "pillow")
_MIRROR_MARK: Final = b"mirrored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Features of n faces.

    Attributes:
        plain: float32 (n, W).
        mirrored: float32 (n, W) of their mirror images, None when they were not asked for.
        computed: how many were computed now; the others came from the cache.
    """

    plain: Floats
    mirrored: Floats | None
    computed: int


def frozen_features(
    inputs: Inputs,
    keys: Sequence[bytes],
    backbone: Backbone,
    *,
    cache_folder: Path,
    device: torch.device,
    mirrored: bool,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Features:
    """Features of pictures; those in the cache are not computed again.

    Args:
        inputs: n faces.
        keys: n keys that name their content.
        backbone: pictures to features; what it holds decides which cached features fit.
        cache_folder: of the tracker's answers; features are kept below it.
        device: where to compute.
        mirrored: mirror images too.
        on_done: told how many vectors are there, and of how many.

    Raises:
        DataError: a picture or a file of the cache is damaged.
    """
    description = describe(backbone)
    store = FeatureStore(cache_folder / FOLDER_NAME / _version(description), width=backbone.width)
    (store.folder / "backbone.json").write_text(json.dumps(description, indent=2), encoding="utf-8")
    known = store.known()
    mark = _MIRROR_MARK + inputs.mirror
    turned = [hashlib.sha256(key + mark).digest() for key in keys] if mirrored else []
    total, computed = len(keys) + len(turned), 0
    for flipped, wanted in ((False, list(keys)), (True, turned)):
        missing = {key: row for row, key in enumerate(wanted) if key not in known}
        rows = list(missing.values())
        on_done(total - len(rows) if flipped else len(keys) - len(rows), total)
        for start in range(0, len(rows), PORTION):
            portion = rows[start : start + PORTION]
            vectors = _compute(inputs, portion, backbone, device=device, mirrored=flipped)
            store.add([wanted[row] for row in portion], vectors)
            computed += len(portion)
            still = len(rows) - start - len(portion)
            on_done((total if flipped else len(keys)) - still, total)
    return Features(
        plain=store.load(keys),
        mirrored=store.load(turned) if mirrored else None,
        computed=computed,
    )


def describe(backbone: Backbone) -> dict[str, Any]:
    """Everything that decides a feature, as plain JSON values."""
    # Stages that are chosen; backbones without any keep the description that they had.
    taps = {"taps": list(backbone.taps)} if isinstance(backbone, FaceMesh) else {}
    resample = getattr(getattr(backbone, "preprocess", None), "resample", None)
    size = {} if resample is None else {"input_px": len(resample)}
    return {
        "backbone": backbone.name,
        **taps,
        **size,
        "weights_sha256": weights_digest(backbone),
        "code_sha256": _code_digest(),
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }


def weights_digest(module: torch.nn.Module) -> str:
    """SHA-256 over every parameter and buffer, by name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        # numpy knows no bfloat16, and the bytes are the same.
        flat = tensor.detach().cpu().contiguous().flatten()
        digest.update(flat.view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _compute(
    inputs: Inputs, rows: Sequence[int], backbone: Backbone, *, device: torch.device, mirrored: bool
) -> Floats:
    batch = inputs.batch(np.array(rows, np.intp))
    if mirrored:
        batch = inputs.flipped(batch, torch.ones(len(rows), dtype=torch.bool))
    backbone.to(device).eval()
    with torch.inference_mode():
        features: Floats = backbone(*(part.to(device) for part in batch)).float().cpu().numpy()
    return features


@cache
def _code_digest() -> str:
    """SHA-256 over the code of backbones and preprocessing, comments and layout aside.

    A version number that somebody must remember to raise would one day mix two preprocessings.
    """
    digest = hashlib.sha256()
    for package in _CODE:
        files = [f for f in resources.files(package).iterdir() if f.name.endswith(".py")]
        for file in sorted(files, key=lambda file: file.name):
            digest.update(f"{package} {file.name}\n".encode())
            digest.update(essence(file.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()


def _version(description: dict[str, Any]) -> str:
    written = json.dumps(description, sort_keys=True).encode()
    return f"{description['backbone']}-{hashlib.sha256(written).hexdigest()[:16]}"

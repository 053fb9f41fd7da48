"""Face embedding to bundle: graph, proof on real faces, golden faces, manifest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from export.bundle import GOLDEN_NAME, GRAPH_NAMES, library_versions, staged
from export.embedding.network import FaceEmbedding, UnitLength
from export.onnx.trace import trace
from export.session import run_graph
from pain.embedding import (
    GOLDEN_TOLERANCE,
    INPUT,
    OUTPUT,
    EmbeddingBundle,
    EmbeddingParity,
    write_embedding,
)
from pain.errors import ExportError

GOLDEN_FACES: Final = 4
BAR: Final = GOLDEN_TOLERANCE / 10
"""Largest difference of any number between graph and network, on any face."""

INTENDED_USE: Final = (
    "Tells the painwatch daemon whether the face before the camera is the enrolled resident's, so "
    "that staff and visitors are not scored. It opens no door and names nobody: it compares with "
    "one vector that a person has enrolled with consent. Not a medical device."
)

LIMITS: Final = (
    "How well it tells people apart was not measured here: not on aged faces, not in pain, not on "
    "faces of the size and light of a care room. Measure the false refusals of your residents "
    "before you rely on it, and keep the threshold on the wide side: a resident who is not "
    "recognised is not scored."
)

_AT_ONCE: Final = 16


def export_embedding(
    network: FaceEmbedding,
    out: Path,
    faces: npt.NDArray[np.uint8],
    *,
    version: str = "1.0.0",
    now: datetime | None = None,
    on_done: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> EmbeddingBundle:
    """Export a network, prove the graph, and write the bundle; complete or not at all.

    Args:
        network: faces in, vectors out.
        out: folder of the bundle; an older bundle there is replaced.
        faces: uint8 (N, 256, 256, 3), real aligned crops, N >= 1.
        version: of the bundle.
        now: time of export, UTC; the present when None.
        on_done: told what runs, how many faces are done, and of how many.

    Returns:
        The manifest as written.

    Raises:
        ExportError: the graph does not compute what the network computes, or gives no vectors.
        AssetError: ``out`` is a folder with something else in it.
    """
    module = UnitLength(network.module).eval()
    with staged(out) as draft:
        graph = draft / GRAPH_NAMES["fp32"]
        proto = trace(
            module,
            inputs=(INPUT,),
            outputs=(OUTPUT,),
            name=network.name,
            version=version,
            training=network.training,
        )
        graph.write_bytes(proto.SerializeToString())
        expected = _run(module, faces, lambda done, total: on_done("network", done, total))
        said = run_graph(
            graph, {INPUT: faces}, on_done=lambda done, total: on_done("graph", done, total)
        )[OUTPUT]
        parity = compare(expected, said)
        if parity.max_difference > BAR:
            raise ExportError(
                f"{network.name}: the graph differs from the network by "
                f"{parity.max_difference:.2g}, allowed is {BAR:g}; nothing was written"
            )
        golden: dict[str, Any] = {
            f"input.{INPUT}": faces[:GOLDEN_FACES],
            f"output.{OUTPUT}": expected[:GOLDEN_FACES],
        }
        np.savez_compressed(draft / GOLDEN_NAME, **golden)
        fields: dict[str, Any] = {
            "name": network.name,
            "version": version,
            "created": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
            "dimensions": expected.shape[1],
            "training": network.training,
            "metrics": (),
            "parity": parity,
            "intended_use": INTENDED_USE,
            "limits": LIMITS,
            "library_versions": {**network.libraries, **library_versions()},
        }
        return write_embedding(
            draft,
            files={"model": (graph.name, "fp32"), "golden": (GOLDEN_NAME, None)},
            fields=fields,
        )


def compare(expected: npt.NDArray[np.float32], said: npt.NDArray[np.float32]) -> EmbeddingParity:
    """How far a graph's vectors are from the network's.

    Args:
        expected: (N, width) of length 1.
        said: the same by the graph.

    Raises:
        ExportError: another shape, or no finite numbers.
    """
    if expected.shape != said.shape or not np.isfinite([expected, said]).all():
        raise ExportError(
            f"the network gives {expected.shape}, the graph {said.shape}, and not all of it is a "
            "finite number; nothing was written"
        )
    distance = 1.0 - (expected.astype(np.float64) * said).sum(axis=1)
    return EmbeddingParity(
        inputs=len(expected),
        max_difference=float(np.abs(expected - said).max()),
        max_cosine_distance=float(np.clip(distance, 0.0, 2.0).max()),
    )


@torch.inference_mode()
def _run(
    module: torch.nn.Module, faces: npt.NDArray[np.uint8], on_done: Callable[[int, int], None]
) -> npt.NDArray[np.float32]:
    parts = []
    for start in range(0, len(faces), _AT_ONCE):
        parts.append(module(torch.from_numpy(faces[start : start + _AT_ONCE].copy())))
        on_done(min(start + _AT_ONCE, len(faces)), len(faces))
    found: npt.NDArray[np.float32] = torch.cat(parts).numpy()
    return found

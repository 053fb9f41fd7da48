"""Puts graph, golden input and manifest together; nothing is written unless parity holds."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import onnx

from export.landmarks.card import INTENDED_USE, LIMITS, NAME, VERSION, training_card
from export.landmarks.golden import write_golden
from export.landmarks.graph import build_graph
from export.landmarks.verify import verify_parity
from pain.bundle import Bundle, Calibration, write_manifest
from pain.errors import AssetError
from train.landmarks.checkpoint import Checkpoint
from train.landmarks.evaluate import MODERATE, SEVERE
from train.landmarks.faces import UNITS

MODEL_NAME: Final = "model.onnx"
GOLDEN_NAME: Final = "golden.npz"
_EXPORT_LIBRARIES: Final = ("onnx", "onnxruntime")
_MEASURED_ON: Final = "synthetic residents, 5-fold cross-validation by person"


def export_bundle(checkpoint: Checkpoint, out: Path, *, now: datetime | None = None) -> Bundle:
    """Export a checkpoint as a verified bundle.

    The bundle is made beside ``out`` and moved there when it is complete; one that is already
    there is replaced.

    Args:
        checkpoint: from ``painwatch train landmarks``.
        out: folder of the bundle.
        now: time of export, UTC; the present when absent.

    Returns:
        The manifest as written.

    Raises:
        ExportError: the graph does not compute what the checkpoint computes.
        AssetError: ``out`` is a folder with something else in it.
    """
    if out.exists() and not (out / "bundle.json").is_file() and any(out.iterdir()):
        raise AssetError(f"{out}: not empty and not a bundle; choose another folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        draft = Path(scratch) / out.name
        draft.mkdir()
        onnx.save(build_graph(checkpoint.model), draft / MODEL_NAME)
        parity = verify_parity(checkpoint.model, draft / MODEL_NAME, checkpoint.inputs)
        write_golden(draft / GOLDEN_NAME, checkpoint.model, checkpoint.inputs)
        bundle = write_manifest(
            draft,
            files={"model": (MODEL_NAME, "fp32"), "golden": (GOLDEN_NAME, None)},
            name=NAME,
            version=VERSION,
            created=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
            inputs=("landmarks",),
            outputs=("level", "probabilities", "pspi", "action_units"),
            action_units=tuple(unit.value for unit in UNITS),
            training=training_card(checkpoint.data),
            metrics=tuple(result.as_metric(_MEASURED_ON) for result in checkpoint.results),
            calibration=Calibration(
                temperature=checkpoint.model.link.spread,
                thresholds={"moderate": MODERATE, "severe": SEVERE},
            ),
            parity=parity,
            intended_use=INTENDED_USE,
            limits=LIMITS,
            library_versions={
                **checkpoint.libraries,
                **{name: version(name) for name in _EXPORT_LIBRARIES},
            },
        )
        if out.exists():
            shutil.rmtree(out)
        draft.rename(out)
    return bundle

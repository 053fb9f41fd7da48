"""Puts graph, golden input and manifest together; nothing is written unless parity holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import onnx

from export.bundle import GOLDEN_NAME, GRAPH_NAMES, library_versions, staged
from export.golden import choose_golden, write_golden
from export.landmarks.card import INTENDED_USE, LIMITS, NAME, VERSION, training_card
from export.landmarks.graph import build_graph
from export.landmarks.verify import verify_parity
from pain.bundle import Bundle, Calibration, write_manifest
from train.landmarks.checkpoint import Checkpoint
from train.landmarks.evaluate import MODERATE, SEVERE
from train.landmarks.faces import UNITS

_MEASURED_ON: Final = "synthetic residents, 5-fold cross-validation by person"


def export_bundle(checkpoint: Checkpoint, out: Path, *, now: datetime | None = None) -> Bundle:
    """Export a checkpoint as a verified bundle.

    Args:
        checkpoint: from ``painwatch train landmarks``.
        out: folder of the bundle; an older bundle there is replaced.
        now: time of export, UTC; the present when absent.

    Returns:
        The manifest as written.

    Raises:
        ExportError: the graph does not compute what the checkpoint computes.
        AssetError: ``out`` is a folder with something else in it.
    """
    with staged(out) as draft:
        graph = draft / GRAPH_NAMES["fp32"]
        onnx.save(build_graph(checkpoint.model), graph)
        parity = verify_parity(checkpoint.model, graph, checkpoint.inputs)
        said = checkpoint.model.predict(checkpoint.inputs)
        write_golden(
            draft / GOLDEN_NAME,
            inputs={"landmarks": checkpoint.inputs},
            outputs={
                "level": said.level,
                "probabilities": said.probabilities,
                "pspi": said.pspi,
                "action_units": said.units,
            },
            rows=choose_golden(said.level),
        )
        return write_manifest(
            draft,
            files={"model": (graph.name, "fp32"), "golden": (GOLDEN_NAME, None)},
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
            library_versions={**checkpoint.libraries, **library_versions()},
        )

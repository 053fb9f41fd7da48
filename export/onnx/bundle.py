"""Checkpoint to bundle: graph, proof on real faces, golden faces, manifest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from export.bundle import GOLDEN_NAME, GRAPH_NAMES, library_versions, staged
from export.faces import Faces
from export.golden import choose_golden, write_golden
from export.model import Model
from export.onnx.trace import export_graph
from export.verify.compare import compare
from export.verify.gate import require
from export.verify.reference import run_model
from export.verify.run import outputs_of
from pain.bundle import Bundle, write_manifest

INTENDED_USE: Final = (
    "Scores pain 0..6 of one tracked face for the painwatch daemon, which smooths over seconds "
    "before it tells anybody. A research aid for people who evaluate such systems in care homes; "
    "it adds to the nurse-call system and to the nurse's own assessment (PAINAD), and replaces "
    "neither. Not a medical device."
)

LIMITS: Final = (
    "It is as good as the faces it was trained and measured on, which 'training' and 'metrics' "
    "name; nothing here says how it does on other people. A single frame is not a finding. The "
    "level of a face below 80 px, or turned by more than 25 degrees, is less certain."
)


def export_bundle(
    model: Model,
    out: Path,
    faces: Faces,
    *,
    version: str,
    now: datetime | None = None,
    on_done: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Bundle:
    """Export a checkpoint as a verified bundle; nothing is written unless the bar holds.

    Args:
        model: the trained network.
        out: folder of the bundle; an older bundle there is replaced.
        faces: real tracked faces, at least one.
        version: of the bundle.
        now: time of export, UTC; the present when None.
        on_done: told what runs, how many faces are done, and of how many.

    Returns:
        The manifest as written.

    Raises:
        ExportError: the graph does not compute what the checkpoint computes.
        AssetError: ``out`` is a folder with something else in it.
    """
    inputs = faces.of(model.inputs)
    with staged(out) as draft:
        graph = draft / GRAPH_NAMES["fp32"]
        graph.write_bytes(export_graph(model, version=version).SerializeToString())
        expected = run_model(
            model, inputs, on_done=lambda done, total: on_done("checkpoint", done, total)
        )
        said = outputs_of(graph, inputs, on_done=lambda done, total: on_done("graph", done, total))
        comparison = compare(expected, said, faces.levels, units=model.action_units)
        require(comparison, precision="fp32", of=model.name)
        write_golden(
            draft / GOLDEN_NAME,
            inputs=inputs,
            outputs=expected,
            rows=choose_golden(expected["level"]),
        )
        return write_manifest(
            draft,
            files={"model": (graph.name, "fp32"), "golden": (GOLDEN_NAME, None)},
            name=model.name,
            version=version,
            created=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
            inputs=model.inputs,
            outputs=model.outputs,
            action_units=model.action_units,
            training=model.training,
            metrics=model.metrics,
            calibration=model.calibration,
            parity=comparison.as_parity(),
            intended_use=INTENDED_USE,
            limits=LIMITS,
            library_versions={**model.libraries, **library_versions()},
        )

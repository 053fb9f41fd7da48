"""Adds the graph in half precision to a bundle, unless it computes something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import onnx

from export.bundle import add_graph
from export.clips.judge import ClipJudge
from export.clips.read import Clip
from export.faces import Faces
from export.half.convert import to_half
from export.session import run_graph
from export.verify.compare import Comparison, compare
from export.verify.gate import require
from export.verify.run import outputs_of
from pain.bundle import Bundle, load_bundle


def add_half(
    directory: Path,
    faces: Faces,
    *,
    clips: Sequence[Clip],
    on_done: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> tuple[Bundle, Comparison]:
    """Convert the fp32 graph of a bundle, compare on real faces, and add it.

    Args:
        directory: the bundle.
        faces: at least one.
        clips: whose alarms must stay, at least one.
        on_done: told what runs, how many faces are done, and of how many.

    Returns:
        The new manifest, and what changed.

    Raises:
        BundleError: the bundle is damaged.
        ExportError: the bar of fp16 is missed; the bundle is as it was.
    """
    bundle = load_bundle(directory)
    inputs = faces.of(bundle.inputs)
    graph = directory / bundle.artefacts["model"].file
    half = to_half(onnx.load(graph)).SerializeToString()
    before = outputs_of(graph, inputs, on_done=lambda done, total: on_done("fp32", done, total))
    after = outputs_of(half, inputs, on_done=lambda done, total: on_done("fp16", done, total))
    judge = ClipJudge(clips, bundle, lambda inputs: run_graph(graph, inputs))
    comparison = compare(
        before,
        after,
        faces.levels,
        units=bundle.action_units,
        clips=judge(lambda inputs: run_graph(half, inputs)),
    )
    require(comparison, precision="fp16", of=bundle.name)
    written = add_graph(directory, half, precision="fp16", parity=comparison.as_parity())
    return written, comparison

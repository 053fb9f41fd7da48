"""Adds an INT8 graph to a bundle; nothing is written unless its bar holds."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx

from export.bundle import add_graph, read_arrays
from export.clips.read import Clip
from export.faces import Faces
from export.quantise.people import Parted, part_people
from export.quantise.quantiser import Quantiser
from export.quantise.search import Found, Judge, OnStep, find_assignment
from export.quantise.speed import Speed, measure_speed
from export.quantise.target import Method, Target
from export.session import run_graph
from export.verify.bars import Bar
from pain.bundle import Bundle, load_bundle
from pain.errors import BundleCorrupt, ExportError


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantised:
    """What was done.

    Attributes:
        bundle: the new manifest; None when the bar cannot be held and nothing was written.
        found: the search.
        people: who calibrated and who judged, in words.
        speed: both graphs here; None when nothing was written.
        layers: how many could be quantised.
    """

    bundle: Bundle | None
    found: Found
    people: str
    speed: Speed | None
    layers: int


def quantise_bundle(
    directory: Path,
    faces: Faces,
    *,
    clips: Sequence[Clip] = (),
    calibration: int,
    bar: Bar,
    target: Target = Target.CPU,
    methods: Sequence[Method] = tuple(Method),
    preferred: bool = False,
    need_costs: bool = False,
    seed: int = 0,
    on_step: OnStep = lambda _what, _done, _total: None,
) -> Quantised:
    """Quantise a bundle's graph and add the result to the bundle.

    Args:
        directory: folder of the bundle.
        faces: of the people that it learnt from.
        clips: whose alarms must stay; nothing is calibrated on them.
        calibration: how many faces calibrate.
        bar: what must hold on the other people.
        target: what will run the graph.
        methods: to choose ranges by; the best is taken.
        preferred: whether the daemon shall run it when the configuration leaves the choice.
        need_costs: measure each layer's cost even when the bar holds at once.
        seed: of who calibrates and who judges.
        on_step: told of progress.

    Raises:
        BundleError: the bundle is damaged or has no golden faces.
        DataError: the faces do not allow to calibrate on some people and to judge on others.
        ExportError: the graph cannot be quantised.
    """
    bundle = load_bundle(directory)
    if "golden" not in bundle.artefacts:
        raise BundleCorrupt(f"{directory}: has no golden faces; export the bundle again")
    graph = directory / bundle.artefacts["model"].file
    parted = part_people(faces, calibration=calibration, seed=seed)
    on_step("fp32 on the judging people", 0, 1)
    judging = Judge(graph, parted.judging, bundle=bundle, clips=clips)
    calibrating = Judge(graph, parted.calibration, bundle=bundle)
    on_step("fp32 on the judging people", 1, 1)
    inputs = parted.calibration.of(bundle.inputs)
    with tempfile.TemporaryDirectory(prefix="painwatch-int8-") as work:
        quantiser = Quantiser(graph, work=Path(work), inputs=inputs, target=target)
        found = find_assignment(
            quantiser,
            judging=judging,
            calibrating=calibrating,
            bar=bar,
            methods=methods,
            need_costs=need_costs,
            on_step=on_step,
        )
    count = len(quantiser.layers)
    if found.graph is None:
        return Quantised(bundle=None, found=found, people=str(parted), speed=None, layers=count)
    described = _described(found.graph, found.chosen.method, target, parted)
    return Quantised(
        bundle=_written(directory, bundle, described, found, preferred=preferred),
        found=found,
        people=str(parted),
        speed=measure_speed(graph, described, inputs),
        layers=count,
    )


def refuse(result: Quantised, directory: Path, bar: Bar) -> None:
    """Say that the bar is missed.

    Raises:
        ExportError: it is.
    """
    if result.bundle is None:
        missed = "; ".join(bar.missed(result.found.chosen.comparison))
        raise ExportError(
            f"{directory}: with any layer in 8 bits the bar is missed ({missed}); "
            "nothing was written"
        )


def _described(graph: bytes, method: Method, target: Target, parted: Parted) -> bytes:
    """The graph with a note of how it was made, and without what ONNX Runtime left in it.

    Its optimiser declares every operator set that it knows, which other readers need not know.
    """
    model = onnx.load_from_string(graph)
    used = {node.domain for node in model.graph.node}
    needed = [entry for entry in model.opset_import if entry.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(needed)
    note = f"int8 for {target}, ranges by {method}, {parted}"
    entry = model.metadata_props.add()
    entry.key, entry.value = "painwatch.quantisation", note
    return bytes(model.SerializeToString())


def _written(
    directory: Path, bundle: Bundle, graph: bytes, found: Found, *, preferred: bool
) -> Bundle:
    golden = read_arrays(directory / bundle.artefacts["golden"].file)
    said = run_graph(graph, {name: golden[f"input.{name}"] for name in bundle.inputs})
    return add_graph(
        directory,
        graph,
        precision="int8",
        parity=found.chosen.comparison.as_parity(kept_float=found.kept_float()),
        outputs={name: said[name] for name in bundle.outputs},
        preferred=preferred,
    )

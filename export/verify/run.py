"""Compares every graph of a bundle with the checkpoint that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from export.clips.judge import ClipJudge
from export.clips.read import Clip
from export.faces import Faces
from export.model import Model
from export.session import run_graph
from export.verify.compare import Comparison, compare
from export.verify.reference import run_model
from pain.bundle import ROLES, Bundle, OutputName, Precision, load_bundle
from pain.errors import BundleCorrupt

Outputs = dict[OutputName, npt.NDArray[np.float32]]


def verify_bundle(
    directory: Path,
    model: Model,
    faces: Faces,
    *,
    clips: Sequence[Clip] = (),
    on_done: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Mapping[Precision, Comparison]:
    """Compare on real faces; judging is left to ``export.verify.bars``.

    INT8 is judged by what it adds to the error of the checkpoint.

    Args:
        directory: the bundle.
        model: its checkpoint.
        faces: at least one.
        clips: whose alarms are compared too.
        on_done: told what runs, how many faces are done, and of how many.

    Returns:
        Every precision that the bundle has.

    Raises:
        BundleError: the bundle is damaged, or is of another kind than the checkpoint.
        ExportError: a graph does not run, or gives no numbers.
    """
    bundle = load_bundle(directory)
    require_same_kind(directory, bundle, model)
    inputs = faces.of(model.inputs)
    expected = run_model(
        model, inputs, on_done=lambda done, total: on_done("checkpoint", done, total)
    )
    judge = ClipJudge(clips, bundle, lambda shown: run_model(model, shown))
    found: dict[Precision, Comparison] = {}
    for precision, role in ROLES.items():
        artefact = bundle.artefacts.get(role)
        if artefact is None:
            continue
        said = outputs_of(
            directory / artefact.file,
            inputs,
            on_done=lambda done, total, what=precision: on_done(what, done, total),  # type: ignore[misc]
        )
        found[precision] = compare(
            expected,
            said,
            faces.levels,
            units=bundle.action_units,
            clips=judge(lambda shown, at=directory / artefact.file: run_graph(at, shown)),  # type: ignore[misc]
        )
    return found


def require_same_kind(directory: Path, bundle: Bundle, model: Model) -> None:
    """Refuse a checkpoint that a bundle cannot have been made from.

    Raises:
        BundleCorrupt: its inputs or outputs are others.
    """
    if set(bundle.inputs) != set(model.inputs) or set(bundle.outputs) != set(model.outputs):
        raise BundleCorrupt(
            f"{directory}: takes {', '.join(bundle.inputs)} and gives {', '.join(bundle.outputs)}, "
            f"the checkpoint {', '.join(model.inputs)} and {', '.join(model.outputs)}; this bundle "
            "was not made from it"
        )


def outputs_of(
    graph: Path | bytes,
    inputs: Mapping[Any, npt.NDArray[Any]],
    *,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outputs:
    """What a graph says of faces, by the names of a bundle's outputs.

    Raises:
        ExportError: it does not run.
    """
    return cast("Outputs", run_graph(graph, inputs, on_done=on_done))

"""What a bundle, the textbook formula, and knowing nothing say of the same faces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from export.evaluate.held_out import HeldOut
from export.evaluate.target import Target
from export.session import open_session
from pain.action_units import action_units_from_blendshapes
from pain.errors import ExportError
from pain.scales import LEVEL_MAX, pspi
from train.residents.expression import PSPI_PER_LEVEL
from train.study.regress import FOLDS, held_out_mean
from train.track.tracked import UNITS

Floats = npt.NDArray[np.float64]

TEXTBOOK = "textbook PSPI of blendshapes"
CONSTANT = "mean of other people"

_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What somebody says of M faces.

    Attributes:
        reader: name for tables.
        sha256: of the bundle; empty for what is none.
        level: (M,), 0..6.
        pspi: (M,), None when it is not said.
        units: (M,) by AU name.
        ranks: whether it tells one face from another; a constant has an error, no order.
    """

    reader: str
    sha256: str
    level: Floats
    pspi: Floats | None = None
    units: dict[str, Floats] = field(default_factory=dict)
    ranks: bool = True


def read_target(
    target: Target, faces: HeldOut, *, on_done: Callable[[int], None] = lambda _done: None
) -> Reading:
    """Run a bundle's graph over all faces, on the processor.

    Args:
        target: the graph.
        faces: whom to read.
        on_done: told how many faces are done.

    Raises:
        DataError: the tracker kept no crops, and the graph wants them.
        ExportError: the graph does not run.
    """
    session = open_session(target.graph)
    names = [port.name for port in session.get_outputs()]
    parts: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in names}
    done = 0
    for inputs in faces.batches(target.bundle.inputs, size=_BATCH):
        try:
            said = session.run(names, inputs)
        except Exception as error:  # ONNX Runtime's exceptions share no base class of their own
            raise ExportError(f"{target.graph}: does not run: {error}") from error
        for name, values in zip(names, said, strict=True):
            parts[name].append(values)
        done += len(said[0])
        on_done(done)
    outputs = {name: np.concatenate(part).astype(np.float64) for name, part in parts.items()}
    units = outputs.get("action_units")
    return Reading(
        reader=target.name,
        sha256=target.bundle.bundle_sha256,
        level=outputs["level"],
        pspi=outputs.get("pspi"),
        units={}
        if units is None
        else {name: units[:, at] for at, name in enumerate(target.bundle.action_units)},
    )


def read_textbook(faces: HeldOut) -> Reading:
    """AUs straight from blendshapes, PSPI by its formula, the level half of it, at most 6."""
    units = [action_units_from_blendshapes(row) for row in faces.cohort.tracked.blendshapes]
    scores = np.array([pspi(one) for one in units])
    return Reading(
        reader=TEXTBOOK,
        sha256="",
        level=np.minimum(scores / PSPI_PER_LEVEL, LEVEL_MAX),
        pspi=scores,
        units={unit.value: np.array([one[unit] for one in units]) for unit in units[0]},
    )


def read_constant(faces: HeldOut) -> Reading | None:
    """Mean level and PSPI of the other people; None with too few people for folds."""
    tracked = faces.cohort.tracked
    if faces.people < FOLDS:
        return None
    truths = np.column_stack([tracked.levels, tracked.pspi]).astype(np.float64)
    known = np.isfinite(truths).all(axis=1)
    level = held_out_mean(truths[:, :1], tracked.subjects)[:, 0].astype(np.float64)
    score = (
        held_out_mean(truths[:, 1:], tracked.subjects)[:, 0].astype(np.float64)
        if known.all()
        else None
    )
    return Reading(reader=CONSTANT, sha256="", level=level, pspi=score, ranks=False)


def true_unit(faces: HeldOut, name: str) -> Floats:
    """Coded intensity of an AU, (M,); NaN where it was not coded."""
    column = [unit.value for unit in UNITS].index(name)
    return faces.cohort.tracked.units[:, column].astype(np.float64)

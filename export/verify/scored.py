"""Holds what a cross-validation printed against what its checkpoints would ship."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from export.faces import Faces
from export.model import open_model
from export.onnx.trace import export_graph
from export.verify.run import Outputs, outputs_of
from pain.errors import DataError
from pain.rows import Row
from train.metrics import Predictions
from train.protocol.checkpoint import load_checkpoint
from train.protocol.run import CHECKPOINT_FOLDER, PREDICTIONS_FILE

LARGEST: Final = 1e-3
"""Level and probabilities of a graph may differ from those that were scored by so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A run whose folds were exported and shown the faces that they were scored on.

    Attributes:
        run: name of the run.
        task: what was asked.
        loss: what was minimised.
        faces: number of faces.
        printed_mae: mean absolute error of the level in ``predictions.parquet``.
        shipped_mae: of the level that the graphs say.
        printed_no_pain: mean level of faces without pain, as printed; NaN without such a face.
        shipped_no_pain: as the graphs say.
        max_level: largest difference of the level.
        max_probability: largest difference of a probability.
    """

    run: str
    task: str
    loss: str
    faces: int
    printed_mae: float
    shipped_mae: float
    printed_no_pain: float
    shipped_no_pain: float
    max_level: float
    max_probability: float

    @property
    def is_what_was_scored(self) -> bool:
        """Whether the daemon would read what was printed."""
        return max(self.max_level, self.max_probability) <= LARGEST

    def row(self) -> Row:
        """As a row of a CSV file."""
        return {name: getattr(self, name) for name in self.__slots__}


def hold_against_print(
    run: Path,
    faces: Faces,
    *,
    on_done: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Shipped:
    """Export every fold of a run in memory, and show each graph the faces that tested its fold.

    Args:
        run: folder that ``painwatch train crossval`` wrote.
        faces: of the set that the run was trained and tested on.
        on_done: told what runs, how many faces are done, and of how many.

    Raises:
        DataError: no run, or one of other faces.
        AssetError: a checkpoint that the daemon could not use, e.g. of the binary task.
        ExportError: a graph does not run.
    """
    printed = Predictions.read(run / PREDICTIONS_FILE)
    rows = _rows_of(printed, faces, run)
    levels = np.empty(len(printed))
    probabilities = np.empty_like(printed.probabilities)
    folders = [run / f"fold-{number}" / CHECKPOINT_FOLDER for number in np.unique(printed.fold)]
    for number, folder in zip(np.unique(printed.fold).tolist(), folders, strict=True):
        here = np.flatnonzero(printed.fold == number)
        on_done(f"{run.name} fold-{number}", 0, len(here))
        said = _said(folder, faces.take(rows[here]))
        levels[here], probabilities[here] = said["level"], said["probabilities"]
    calm = printed.truth < 0.5  # noqa: PLR2004  (nearest to level 0)
    return Shipped(
        run=printed.run,
        task=printed.task.value,
        loss=load_checkpoint(folders[0]).objective.name,
        faces=len(printed),
        printed_mae=float(np.abs(printed.predicted - printed.truth).mean()),
        shipped_mae=float(np.abs(levels - printed.truth).mean()),
        printed_no_pain=float(printed.predicted[calm].mean()) if calm.any() else np.nan,
        shipped_no_pain=float(levels[calm].mean()) if calm.any() else np.nan,
        max_level=float(np.abs(levels - printed.predicted).max()),
        max_probability=float(np.abs(probabilities - printed.probabilities).max()),
    )


def _said(checkpoint: Path, faces: Faces) -> Outputs:
    model = open_model(checkpoint)
    return outputs_of(export_graph(model).SerializeToString(), faces.of(model.inputs))


def _rows_of(printed: Predictions, faces: Faces, run: Path) -> np.ndarray[tuple[int], np.dtype]:
    at = {sample.id: row for row, sample in enumerate(faces.samples)}
    names: Sequence[str] = printed.sample.tolist()
    missing = [name for name in names if name not in at]
    if missing:
        raise DataError(
            f"{run} scored {len(names)} faces, {len(missing)} of which are not in {faces.data} "
            f"(e.g. {missing[0]}); give the set and the cache that it was run on"
        )
    return np.array([at[name] for name in names], np.intp)

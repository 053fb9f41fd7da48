"""The summary of an evaluation for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.table import Table

from export.evaluate import figures as names
from export.evaluate.figures import ALL, HARD, WORST
from export.evaluate.table import Judged

_COLUMNS: Final = (
    ("PSPI MAE", names.PSPI_MAE, ALL),
    ("PSPI PCC", names.PSPI_PCC, ALL),
    ("level MAE", names.LEVEL_MAE, ALL),
    ("AUROC >= 3\nhard negatives", names.AUROC_MODERATE, HARD),
    ("hard negatives\nread >= 3", names.ABOVE_MODERATE, HARD),
)


def summary_table(judged: Sequence[Judged]) -> Table:
    """One row per reader, all on the same set."""
    faces = judged[0].faces
    table = Table(
        title=f"{faces.name}: {len(faces)} {faces.origin.value} faces of {faces.people} people, "
        f"{sum(faces.missed.values())} samples without a face",
        title_justify="left",
    )
    table.add_column("reader")
    for title, _, _ in _COLUMNS:
        table.add_column(title, justify="right")
    table.add_column("worst gap in level MAE")
    for one in judged:
        found = [one.find(metric, subset) for _, metric, subset in _COLUMNS]
        gap = one.worst(names.GROUP_GAP)
        table.add_row(
            one.reading.reader,
            *(f"{scored.estimate.value:.3f}" if scored else "" for scored in found),
            f"{gap.estimate.value:.3f} {gap.subset.removeprefix(WORST)}" if gap else "",
        )
    return table
